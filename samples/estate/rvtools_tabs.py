"""The RVTools tabs that add to a VM, each with rows whose VM is not in vInfo."""

from collections.abc import Callable

from . import rvtools_headers as headers
from .fleet import Fleet
from .ledger import Cell, Ledger, Table
from .machines import Machine, Maker

Place = Callable[[Machine], dict[str, Cell]]
GHOSTS = {"vCPU": 1, "vMemory": 0, "vDisk": 2, "vPartition": 1, "vNetwork": 1, "vSnapshot": 0, "vTools": 2}


def add_vm_tabs(file: str, fleet: Fleet, ledger: Ledger, place: Place) -> list[Table]:
    ghosts = Maker("harbour:ghosts")
    tables = []
    for sheet, header, describe in (
        ("vCPU", headers.VCPU, _describe_cpu),
        ("vMemory", headers.VMEMORY, _describe_memory),
        ("vDisk", headers.VDISK, _describe_disks),
        ("vPartition", headers.VPARTITION, _describe_partitions),
        ("vNetwork", headers.VNETWORK, _describe_network),
        ("vSnapshot", headers.VSNAPSHOT, _describe_snapshot),
        ("vTools", headers.VTOOLS, _describe_tools),
    ):
        table = ledger.table(file, sheet, "rvtools", header)
        for machine in fleet.virtual:
            for values in describe(machine):
                row = table.add(_fit(table, place(machine), values))
                if sheet == "vNetwork":
                    _name_network_trap(table, machine, row)
        for number in range(GHOSTS[sheet]):
            ghost = ghosts.virtual(f"geloescht-{sheet.lower()}-{number + 1}", "win2012r2", 2, 4, 40)
            row = table.add(_fit(table, place(ghost), describe(ghost)[0]), reject="no_vinfo_row")
            table.trap(
                "vm_not_in_vinfo", row, "VM UUID", "no such key in vInfo: rejected, no VM is made of it"
            )
        tables.append(table)
    return tables


def _fit(table: Table, common: dict[str, Cell], values: dict[str, Cell]) -> dict[str, Cell]:
    return {name: value for name, value in common.items() if name in table.header} | values


def _describe_cpu(machine: Machine) -> list[dict[str, Cell]]:
    if machine.name == "syslog-01":
        return []
    values: dict[str, Cell] = {
        "CPUs": machine.cores, "Sockets": machine.cores, "Cores p/s": 1, "Max": machine.cores * 2993,
        "Overall": machine.cores * 300 if machine.powered_on else 0, "Level": "normal", "Hot Add": "True",
    }  # fmt: skip
    return [values]


def _describe_memory(machine: Machine) -> list[dict[str, Cell]]:
    size = machine.memory_gb * 1024
    return [
        {"Size MiB": size, "Max": size, "Consumed": size * 4 // 5, "Active": size // 5, "Hot Add": "True"}
    ]


def _describe_disks(machine: Machine) -> list[dict[str, Cell]]:
    return [
        {
            "Disk": f"Hard disk {number}", "Disk Key": 1999 + number, "Capacity MiB": size * 1024,
            "Raw": "False", "Disk Mode": "persistent", "Thin": "True",
            "Controller": "VMware paravirtual SCSI",
            "Label": "SCSI controller 0", "Unit #": number - 1,
            "Path": f"[WAL-DS1] {machine.name}/{machine.name}_{number}.vmdk",
        }
        for number, size in enumerate(machine.disks_gb, start=1)
    ]  # fmt: skip


def _describe_partitions(machine: Machine) -> list[dict[str, Cell]]:
    if not machine.powered_on:
        return []
    windows = "Windows" in machine.os.tools
    names = ("C:\\", "D:\\") if windows else ("/", "/data")
    return [
        {
            "Disk Key": 2000 + number, "Disk": names[number], "Capacity MiB": size * 1000,
            "Consumed MiB": size * 600, "Free MiB": size * 400, "Free %": 40,
        }
        for number, size in enumerate(machine.disks_gb)
    ]  # fmt: skip


def _describe_network(machine: Machine) -> list[dict[str, Cell]]:
    if machine.not_target == "srm_placeholder":
        return []
    values: dict[str, Cell] = {
        "NIC label": "Network adapter 1", "Adapter": "Vmxnet3", "Network": "VLAN20-Server",
        "Switch": "dvs-wal", "Connected": str(machine.powered_on), "Starts Connected": "True",
        "Mac Address": machine.mac, "Type": "assigned",
        "IPv4 Address": machine.ip if machine.powered_on else None,
    }  # fmt: skip
    if machine.name == "dns-01":
        values["IPv4 Address"] = f"{machine.ip}, 192.168.77.53"
        values["IPv6 Address"] = "fe80::250:56ff:fea4:121%eth0"
    return [values]


def _name_network_trap(table: Table, machine: Machine, row: int) -> None:
    if machine.name == "dns-01":
        table.trap("address_list", row, "IPv4 Address", "two addresses in one cell")
        table.trap("ipv6_scope", row, "IPv6 Address", "an IPv6 address with a scope")


def _describe_snapshot(machine: Machine) -> list[dict[str, Cell]]:
    if machine.name not in ("fin-db-01", "git-01", "tos-app-02"):
        return []
    return [
        {
            "Name": "vor Update", "Description": "bitte loeschen nach 14 Tagen",
            "Date / time": "2024/05/03 21:10:00", "Size MiB (total)": 18432, "Quiesced": "False",
            "State": "poweredOff",
        }
    ]  # fmt: skip


def _describe_tools(machine: Machine) -> list[dict[str, Cell]]:
    if machine.not_target == "srm_placeholder":
        return []
    values: dict[str, Cell] = {
        "VM Version": "19", "Tools": "toolsOk" if machine.powered_on else "toolsNotRunning",
        "Tools Version": "12389", "Required Version": "12389", "Upgradeable": "No", "Sync time": "False",
    }  # fmt: skip
    return [values]
