"""The RVTools workbook of the vSphere farm: vInfo and the tabs about hosts and the centre itself."""

from pathlib import Path
from typing import Any

from . import rvtools_headers as headers
from .catalog import DOMAIN, EXPORT_DATE
from .fleet import Fleet
from .ledger import Cell, Ledger, Table
from .machines import Machine
from .rvtools_tabs import add_vm_tabs
from .writers import Sheet, write_workbook

FILE = f"rvtools_wal_{EXPORT_DATE}.xlsx"
VCENTER = {"VI SDK Server": f"vcsa-01.{DOMAIN}", "VI SDK UUID": "5b1f6f0e-3d0a-4c55-9a4e-7d2c0b6f1a11"}
SOURCE = "rvtools"


def write_rvtools(folder: Path, fleet: Fleet, ledger: Ledger) -> None:
    tables = [_fill_vinfo(fleet, ledger)]
    tables += add_vm_tabs(FILE, fleet, ledger, place)
    tables += [
        _fill_vhost(fleet, ledger),
        _fill_vcluster(ledger),
        _fill_vdatastore(ledger),
        _fill_vsource(ledger),
    ]
    ledger.ignore(FILE, "vHealth", "no_data")
    sheets = [Sheet.of(table) for table in tables]
    write_workbook(folder / FILE, [*sheets, Sheet("vHealth", [headers.VHEALTH])], "RVTools")


def host_of(machine: Machine) -> str:
    return f"esx-wal-{sum(machine.name.encode()) % 4 + 1:02d}.{DOMAIN}"


def place(machine: Machine) -> dict[str, Cell]:
    """The columns that every tab about a VM repeats."""
    custom = {"Kostenstelle": f"{4000 + len(machine.name) * 10}"} if machine.application else {}
    tools = machine.os.tools if machine.powered_on and machine.name != "fotos-kai" else None
    return {
        "VM": machine.display or machine.name,
        "Powerstate": "poweredOn" if machine.powered_on else "poweredOff",
        "Template": str(machine.not_target == "template"),
        "SRM Placeholder": str(machine.not_target == "srm_placeholder"),
        "Annotation": machine.annotation or None,
        **custom,
        "Datacenter": "Waltershof",
        "Cluster": "WAL-Prod",
        "Host": host_of(machine),
        "OS according to the configuration file": machine.os.config,
        "OS according to the VMware Tools": tools,
        "VM ID": machine.vm_id,
        "VM UUID": machine.vm_uuid,
        **VCENTER,
    }


def _describe_vm(machine: Machine) -> dict[str, Any]:
    capacity = machine.storage_gb * 1024 if machine.not_target != "srm_placeholder" else 0
    running = machine.powered_on
    path = f"[WAL-DS{sum(machine.name.encode()) % 3 + 1}] {machine.name}/"
    return {
        **place(machine),
        "Config status": "green",
        "DNS Name": machine.fqdn or None,
        "Connection state": machine.connection,
        "Guest state": "running" if running else "notRunning",
        "Heartbeat": "green" if running else "gray",
        "Consolidation Needed": "False",
        "PowerOn": "2026/09/14 03:12:00" if running else None,
        "Creation date": f"20{16 + len(machine.name) % 9}/03/{len(machine.name) % 27 + 1:02d} 10:15:00",
        "CPUs": machine.cores,
        "Overall Cpu Readiness": "0%",
        "Memory": machine.memory_gb * 1024,
        "Active Memory": machine.memory_gb * 1024 // 5 if running else 0,
        "NICs": 1,
        "Disks": len(machine.disks_gb),
        "Total disk capacity MiB": capacity,
        "Latency Sensitivity": "normal",
        "CBT": "True",
        "Primary IP Address": machine.ip if running else None,
        "Network #1": "VLAN20-Server",
        "Num Monitors": 1,
        "Video Ram KiB": 4096,
        "Resource pool": "/Waltershof/WAL-Prod/Resources",
        "Folder": f"/Waltershof/vm/{(machine.application or 'infra').upper()}",
        "Provisioned MiB": capacity + machine.memory_gb * 1024,
        "In Use MiB": capacity * 3 // 5,
        "Unshared MiB": capacity * 3 // 5,
        "HA Restart Priority": "medium",
        "Firmware": "efi" if machine.os_key in ("win2022", "win2019", "rhel9") else "bios",
        "HW version": "19",
        "Path": f"{path}{machine.name}.vmx",
        "SMBIOS UUID": machine.bios_uuid,
        "VI SDK Server type": "VMware vCenter Server 8.0.3 build-24322831",
        "VI SDK API Version": "8.0.3.0",
    }


def _fill_vinfo(fleet: Fleet, ledger: Ledger) -> Table:
    table = ledger.table(FILE, "vInfo", "rvtools", headers.VINFO)
    rows: dict[str, int] = {}
    for machine in fleet.virtual:
        values = _describe_vm(machine)
        if machine.name == "syslog-01":
            values["CPUs"] = None
        rows[machine.vm_id] = table.add(values)
        machine.seen_by(SOURCE)
        if machine is fleet.oddities["doubled"]:
            _repeat_row(table, ledger, machine, values)
    _name_vinfo_traps(table, fleet, rows)
    return table


def _repeat_row(table: Table, ledger: Ledger, machine: Machine, values: dict[str, Any]) -> None:
    row = table.add({**values, "Memory": 8192, "Host": f"esx-wal-04.{DOMAIN}"})
    table.trap(
        "repeated_key", row, "Memory", "the row above with the same VM UUID says 16384: one VM, a conflict"
    )
    ledger.add_conflict(machine.name, "memory_gb", {"rvtools first row": 16, "rvtools second row": 8})


def _name_vinfo_traps(table: Table, fleet: Fleet, rows: dict[str, int]) -> None:
    def trap(name: str, machine: Machine, column: str, meaning: str) -> None:
        table.trap(name, rows[machine.vm_id], column, meaning)

    odd, named = fleet.oddities, fleet.named
    trap(
        "display_name",
        named("pay-svc-01"),
        "VM",
        "the same machine as its DNS name and the MPA row NK-… of that name",
    )
    trap("trailing_blanks", named("edi-gw-02"), "VM", "two blanks behind the name")
    trap(
        "blank_vcpu",
        named("syslog-01"),
        "CPUs",
        "unknown: a flagged assumption, never 0; vCPU has no row either",
    )
    trap(
        "password_in_note",
        named("jump-01"),
        "Annotation",
        "must reach no log, no model, no report; becomes an issue",
    )
    trap("hidden_instruction", named("poc-ki"), "Annotation", "text in a file, never an instruction")
    for name, sign in (("file-01", "equals"), ("file-02", "plus"), ("git-01", "minus"), ("jenkins-01", "at")):
        trap(f"formula_text_{sign}", named(name), "Annotation", "text; exported as text")
    for key in ("template1", "template5"):
        trap("template", odd[key], "Template", "kept, not a target")
    trap("template_and_orphaned", odd["template5"], "Connection state", "counts once, as template")
    trap("srm_placeholder", odd["placeholder1"], "SRM Placeholder", "kept, not a target; 0 MiB, no disk")
    trap(
        "restored_copy",
        odd["restored_copy"],
        "VM",
        "13 digits and a BIOS uuid shared with wms-db-02: not a target",
    )
    trap(
        "shared_bios_uuid", named("wms-db-02"), "SMBIOS UUID", "shared with its restored copy: joins nothing"
    )
    trap("copy_lookalike", odd["lookalike"], "VM", "13 digits, but a BIOS uuid of its own: stays a target")
    trap("orphaned", odd["orphaned"], "Connection state", "kept, not a target")
    trap("same_name_two_keys", odd["twin1"], "VM", "two VMs of one name: two assets and an issue")
    trap("same_name_two_keys", odd["twin2"], "VM", "two VMs of one name: two assets and an issue")
    trap("dns_not_unique", odd["localhost1"], "DNS Name", "on four VMs: identifies none of them")
    trap(
        "os_config_differs",
        named("dc-01"),
        "OS according to the configuration file",
        "the guest tools win; an issue",
    )
    trap("tools_blank", named("fotos-kai"), "OS according to the VMware Tools", "the configuration counts")


def _fill_vhost(fleet: Fleet, ledger: Ledger) -> Table:
    table = ledger.table(FILE, "vHost", "rvtools", headers.VHOST)
    for host in fleet.hosts:
        old = host.name.startswith("esx-bhv")
        row = table.add(
            {
                "Host": host.fqdn, "Datacenter": "Bremerhaven" if old else "Waltershof",
                "Cluster": "BHV-Rand" if old else "WAL-Prod", "Config status": "green",
                "in Maintenance Mode": "False", "CPU Model": "Intel(R) Xeon(R) Gold 6248R CPU @ 3.00GHz",
                "Speed": 2993, "HT Available": "True", "HT Active": "True", "# CPU": 2,
                "Cores per CPU": host.cores // 2, "# Cores": host.cores, "CPU usage %": 41,
                "# Memory": host.memory_gb * 1024, "Memory usage %": 63, "# NICs": 4, "# HBAs": 2,
                "ESX Version": f"VMware ESXi {'7.0.3 build-23794027' if old else '8.0.3 build-24280767'}",
                "Boot time": "2026/06/21 22:05:00", "Domain": DOMAIN, "Time Zone Name": "UTC",
                "Vendor": "Dell Inc.", "Model": host.model, "Serial number": host.serial,
                "Service tag": host.serial, "Object ID": f"host-{host.serial[-3:]}", "UUID": host.bios_uuid,
                **VCENTER,
            }
        )  # fmt: skip
        host.seen_by(SOURCE)
        if host.name == "esx-bhv-01":
            table.trap(
                "host_also_in_hardware_list",
                row,
                "Serial number",
                "the hardware list has it as a server: one asset, a hypervisor_host",
            )
    return table


def _fill_vcluster(ledger: Ledger) -> Table:
    table = ledger.table(FILE, "vCluster", "rvtools", headers.VCLUSTER)
    for name, hosts, cores in (("WAL-Prod", 4, 192), ("BHV-Rand", 2, 64)):
        table.add(
            {
                "Name": name, "Config status": "green", "OverallStatus": "green", "NumHosts": hosts,
                "numEffectiveHosts": hosts, "NumCpuCores": cores, "NumCpuThreads": cores * 2,
                "TotalMemory": hosts * 786432, "HA enabled": "True", "DRS enabled": "True", **VCENTER,
            }
        )  # fmt: skip
    return table


def _fill_vdatastore(ledger: Ledger) -> Table:
    table = ledger.table(FILE, "vDatastore", "rvtools", headers.VDATASTORE)
    for number in (1, 2, 3):
        table.add(
            {
                "Name": f"WAL-DS{number}", "Config status": "green", "Accessible": "True", "Type": "VMFS",
                "Capacity MiB": 31457280, "In Use MiB": 17301504, "Free MiB": 14155776, "Free %": 45,
                "# Hosts": 4, "Cluster name": "WAL-Prod", **VCENTER,
            }
        )  # fmt: skip
    return table


def _fill_vsource(ledger: Ledger) -> Table:
    table = ledger.table(FILE, "vSource", "rvtools", headers.VSOURCE)
    table.add(
        {
            "Name": "VMware vCenter Server", "OS type": "linux-x64", "API type": "VirtualCenter",
            "API version": "8.0.3.0", "Version": "8.0.3", "Build": "24322831", "Product line": "vpx",
            "Vendor": "VMware, Inc.", **VCENTER,
        }
    )  # fmt: skip
    return table
