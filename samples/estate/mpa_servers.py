"""The sheet Servers of the MPA workbook, with the rows that are no servers and the cells that lie."""

from random import Random

from . import mpa_headers as headers
from .catalog import OS
from .fleet import Fleet
from .ledger import Cell, Ledger, Table
from .machines import Machine, Maker

FILE = "mpa_portfolio.xlsx"
SOURCE = "mpa"
SPELLINGS = {
    "Production": ("prod", "Production", "PROD", "Produktion", "prd"),
    "Test": ("Test", "TEST", "test ", "non-prod"),
}
ZOMBIES = ("safety-web-01", "intra-db-01", "fuel-app-01")
IDLE = (
    "intra-web-01",
    "wiki-web-01",
    "wiki-db-01",
    "fleet-web-01",
    "fleet-db-01",
    "claims-web-01",
    "proc-web-01",
)
OTHER_MEMORY = {"tos-db-01": 64, "billing-app-01": 8, "crm-web-02": 16, "etl-app-02": 32, "wms-app-01": 12}
OTHER_OS = {"hr-app-01": "win2008r2", "gate-web-01": "rhel6", "edi-gw-01": "win2012r2"}
UNKNOWN_MEMORY = {"vts-app-02": "n/a", "pilot-db-01": "unbekannt", "tug-web-01": "-"}
SHORT_NAMES = ("git-01", "file-01")


def fill_servers(fleet: Fleet, ledger: Ledger) -> tuple[Table, dict[str, str]]:
    """Write the sheet; returns it and the Serverid of each machine name."""
    table = ledger.table(FILE, "Servers", "mpa", headers.SERVERS)
    chance = Random("harbour:mpa")
    metal = [m for m in fleet.metal if m.name.split("-")[0] in ("fin", "dwh", "rail", "customs", "crane")]
    ids: dict[str, str] = {}
    for number, machine in enumerate([*fleet.applications, *metal, *fleet.branch], start=1):
        ids[machine.name] = f"NK-{number:04d}"
        row = table.add(_describe(machine, ids[machine.name], chance))
        machine.seen_by(SOURCE)
        _note_lies(table, ledger, machine, row)
        if machine.name == "pay-svc-01":
            table.trap("display_name", row, "HOSTNAME", "the VM that vInfo shows as pay-svc-01 (Payments)")
        if number == 60:
            blank = table.add_cells([None] * len(headers.SERVERS), reject="blank_row")
            table.trap("blank_row", blank, "Serverid", "a blank row between servers")
    _add_repeat(table, ledger, fleet, ids)
    _add_short_names(table, fleet, chance)
    _add_broken_rows(table)
    return table, ids


def _describe(machine: Machine, server_id: str, chance: Random) -> dict[str, Cell]:
    os = OS[OTHER_OS.get(machine.name, machine.os_key)]
    sockets = 2 if machine.physical else max(machine.cores // 2, 1)
    average = chance.randrange(22, 55)
    if machine.name in ZOMBIES:
        average = 2
    elif machine.name in IDLE:
        average = 11
    memory: Cell = OTHER_MEMORY.get(machine.name, machine.memory_gb)
    hypervisor = None if machine.physical else ("Hyper-V" if machine.site == "BHV" else "VMware")
    storage: Cell = machine.storage_gb if chance.random() < 0.7 else f"{machine.storage_gb} GB"
    return {
        "Serverid": server_id,
        "isPhysical": "Physical" if machine.physical else "Virtual",
        "hypervisor": hypervisor,
        "HOSTNAME": machine.fqdn,
        "osName": f"{os.name} " if os.name == "Windows Server" and chance.random() < 0.2 else os.name,
        "osVersion": os.version,
        "numCpus": sockets,
        "numCoresPerCpu": machine.cores // sockets,
        "numThreadsPerCore": 2 if machine.physical else 1,
        "maxCpuUsagePctDec (%)": min(average + 35, 98) / 100,
        "avgCpuUsagePctDec (%)": average / 100,
        "totalRAM (GB)": UNKNOWN_MEMORY.get(machine.name, memory),
        "maxRamUsagePctDec (%)": 6 if machine.name in ZOMBIES else chance.randrange(60, 90),
        "avgRamUtlPctDec (%)": 3 if machine.name in ZOMBIES else chance.randrange(30, 60),
        "Uptime": 0.99,
        "Environment Type": chance.choice(SPELLINGS[machine.environment]),
        "Storage-Total Disk Size (GB)": storage,
        "Storage-Utilization %": 60,
        "Storage-Max Read IOPS Size (KB)": "64 KB",
        "Storage-Max Write IOPS Size (KB)": "32 KB",
    }


def _note_lies(table: Table, ledger: Ledger, machine: Machine, row: int) -> None:
    name = machine.name
    if name in OTHER_MEMORY:
        ledger.add_conflict(name, "memory_gb", {"rvtools": machine.memory_gb, "mpa": OTHER_MEMORY[name]})
        table.trap(
            "memory_differs", row, "totalRAM (GB)", f"RVTools says {machine.memory_gb * 1024} MiB: a conflict"
        )
    if name in OTHER_OS:
        said = OS[OTHER_OS[name]].text
        ledger.add_conflict(name, "operating_system", {"rvtools": machine.os.tools, "mpa": said})
        machine.os_contested = True
        table.trap("os_differs", row, "osVersion", f"RVTools says {machine.os.tools}: a conflict")
    if name in UNKNOWN_MEMORY:
        table.trap("not_available", row, "totalRAM (GB)", "unknown, not 0; RVTools knows it")
    if str(table.rows[-1][headers.SERVERS.index("osName")]).endswith(" ") and not table.has_trap(
        "blank_behind_system"
    ):
        table.trap("blank_behind_system", row, "osName", "a blank behind the name, as in other such rows")
    if name == "tos-web-01":
        table.trap(
            "fraction_percent", row, "avgCpuUsagePctDec (%)", "a fraction: times 100, a flagged assumption"
        )
        table.trap(
            "percent_already", row, "avgRamUtlPctDec (%)", "the same kind of header, but percent already"
        )


def _add_repeat(table: Table, ledger: Ledger, fleet: Fleet, ids: dict[str, str]) -> None:
    machine = fleet.branch[-1]
    values = _describe(machine, ids[machine.name], Random("harbour:repeat"))
    row = table.add({**values, "totalRAM (GB)": 24})
    ledger.add_conflict(machine.name, "memory_gb", {"mpa first row": machine.memory_gb, "mpa second row": 24})
    table.trap("repeated_key", row, "Serverid", "stands twice with other RAM: one server, a conflict")


def _add_short_names(table: Table, fleet: Fleet, chance: Random) -> None:
    maker = Maker("harbour:short")
    for number, name in enumerate(SHORT_NAMES, start=1):
        shadow = maker.virtual(name, fleet.named(name).os_key, 2, 8, 80)
        values = _describe(shadow, f"NK-8{number:03d}", chance)
        row = table.add({**values, "HOSTNAME": name})
        shadow.seen_by(SOURCE)
        shadow.name, shadow.fqdn = f"{name} (MPA only)", ""
        fleet.shadows.append(shadow)
        table.trap(
            "short_name_only",
            row,
            "HOSTNAME",
            "a short name alone joins nothing: a second asset, offered to a person",
        )


def _add_broken_rows(table: Table) -> None:
    base: dict[str, Cell] = {"isPhysical": "Virtual", "hypervisor": "VMware", "osName": "Windows Server"}
    row = table.add({**base, "numCpus": 2, "totalRAM (GB)": 8}, reject="missing_name")
    table.trap("missing_name", row, "Serverid", "neither Serverid nor HOSTNAME")
    broken: dict[str, Cell] = {
        "Serverid": "NK-0777",
        "HOSTNAME": "umzug-tmp-01",
        "numCpus": "#REF!",
        "totalRAM (GB)": "#REF!",
    }
    row = table.add({**base, **broken}, reject="bad_number")
    table.trap("bad_number", row, "totalRAM (GB)", "no number in size columns: rejected")
    memory = sum(
        cell for r in table.rows if isinstance(cell := r[headers.SERVERS.index("totalRAM (GB)")], int)
    )
    row = table.add({"Serverid": "TOTAL", "totalRAM (GB)": memory}, reject="total_row")
    table.trap("total_row", row, "Serverid", "a sum is not a server")
