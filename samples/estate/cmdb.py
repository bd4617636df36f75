"""The ServiceNow export of cmdb_ci_server: joins by BIOS uuid, MAC, serial number."""

from pathlib import Path
from random import Random

from .catalog import OS
from .fleet import Fleet
from .ledger import Cell, Ledger, Table
from .machines import SITES, Machine, Maker
from .writers import write_text

FILE = "cmdb_ci_server.csv"
SOURCE = "servicenow"
HEADER = (
    "sys_id", "name", "fqdn", "ip_address", "mac_address", "serial_number", "u_bios_uuid", "os", "os_version",
    "cpu_count", "cpu_core_count", "ram", "disk_space", "location", "u_environment", "business_criticality",
    "owned_by", "support_group", "install_status", "virtual", "sys_updated_on",
)  # fmt: skip
OTHER_ENVIRONMENT = {"billing-app-02": "Test", "crm-app-01": "Development", "tariff-test-01": "Production"}
# Two words in one cell; the machine serves both.
TWO_ENVIRONMENTS = {"bhv-alt-03": "Prod/Test"}
OTHER_OS = {"gate-app-02": "win2022", "berth-web-01": "rhel6"}
OTHER_MEMORY = {"yard-app-02": 24, "esb-app-03": 8}


def write_cmdb(folder: Path, fleet: Fleet, ledger: Ledger) -> None:
    table = ledger.table(FILE, None, "servicenow", HEADER)
    chance = Random("harbour:cmdb")
    maker = Maker("harbour:sysid")
    values: dict[str, Cell] = {}
    by_uuid = [
        m
        for m in fleet.applications
        if m.application in ("billing", "crm", "tariff", "gate", "berth", "yard", "esb")
    ]
    by_mac = [m for m in fleet.shared if m.powered_on][:12]
    by_serial = [m for m in fleet.metal if m.name.split("-")[0] in ("cctv", "access", "weigh")]
    for machine in (*by_uuid, *by_mac, *by_serial, *fleet.cmdb_only):
        values = _describe(machine, maker.uuid().replace("-", ""), chance)
        if machine in by_uuid:
            values["u_bios_uuid"] = machine.bios_uuid.upper()
        elif machine in by_mac:
            values["mac_address"] = machine.mac.upper()
        else:
            values["serial_number"] = machine.serial
        row = table.add(values)
        machine.seen_by(SOURCE)
        _note_lies(table, ledger, machine, row)
    again = table.add({**values, "ram": 65536, "sys_updated_on": "2026-10-30 09:00:00"})
    name = fleet.cmdb_only[-1].name
    table.trap(
        "repeated_key",
        again,
        "sys_id",
        "stands twice with other RAM: one server, a conflict, the newer row wins",
    )
    ledger.add_conflict(name, "memory_gb", {"servicenow first row": 32, "servicenow second row": 64})
    row = table.add({"sys_id": maker.uuid().replace("-", ""), "os": "Windows Server"}, reject="missing_name")
    table.trap("missing_name", row, "name", "a key without a name or any other identifier")
    write_text(folder / FILE, table)


def _describe(machine: Machine, sys_id: str, chance: Random) -> dict[str, Cell]:
    os = OS[OTHER_OS.get(machine.name, machine.os_key)]
    sockets = 2 if machine.physical else 1
    environment = OTHER_ENVIRONMENT.get(machine.name, machine.environment)
    environment = TWO_ENVIRONMENTS.get(machine.name, environment)
    return {
        "sys_id": sys_id,
        "name": machine.name,
        "os": os.name,
        "os_version": os.version,
        "cpu_count": sockets,
        "cpu_core_count": machine.cores // sockets,
        "ram": OTHER_MEMORY.get(machine.name, machine.memory_gb) * 1024,
        "disk_space": machine.storage_gb,
        "location": SITES[machine.site],
        "u_environment": environment,
        "business_criticality": chance.choice(
            ("1 - most critical", "2 - somewhat critical", "3 - less critical")
        ),
        "owned_by": chance.choice(("Anneke Brandt", "Enno Janssen", "Dilan Kaya")),
        "support_group": chance.choice(("IT-Betrieb Windows", "IT-Betrieb Linux", "Leittechnik")),
        "install_status": "Installed",
        "virtual": "false" if machine.physical else "true",
        "sys_updated_on": f"2026-10-{chance.randrange(1, 29):02d} 11:30:00",
    }


def _note_lies(table: Table, ledger: Ledger, machine: Machine, row: int) -> None:
    name = machine.name
    if name in OTHER_ENVIRONMENT:
        ledger.add_conflict(
            name, "environment", {"mpa": machine.environment, "servicenow": OTHER_ENVIRONMENT[name]}
        )
        table.trap("environment_differs", row, "u_environment", f"MPA says {machine.environment}: a conflict")
    if name in TWO_ENVIRONMENTS:
        table.trap(
            "two_words", row, "u_environment", "production and test in one cell: the crew has to judge"
        )
    if name in OTHER_OS:
        said = OS[OTHER_OS[name]].text
        ledger.add_conflict(name, "operating_system", {"rvtools, mpa": machine.os.text, "servicenow": said})
        machine.os_contested = True
        table.trap("os_differs", row, "os_version", f"RVTools and MPA say {machine.os.text}: a conflict")
    if name in OTHER_MEMORY:
        ledger.add_conflict(
            name, "memory_gb", {"rvtools, mpa": machine.memory_gb, "servicenow": OTHER_MEMORY[name]}
        )
        table.trap("memory_differs", row, "ram", f"RVTools and MPA say {machine.memory_gb} GB: a conflict")
    if name == "billing-web-01":
        table.trap(
            "joins_by_bios_uuid", row, "u_bios_uuid", "the VM of that SMBIOS UUID in vInfo, in capitals"
        )
    if name == "dc-01":
        table.trap("joins_by_mac", row, "mac_address", "the VM of that MAC in vNetwork")
    if name == "cctv-phy-01":
        table.trap(
            "joins_by_serial", row, "serial_number", "the server of that serial number in the hardware list"
        )
        table.trap("cores_per_cpu", row, "cpu_core_count", "per CPU where cpu_count is 2: 16 cores in all")
