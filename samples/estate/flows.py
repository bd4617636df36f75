"""A month of observed traffic, tab separated, in the columns of the Azure Migrate dependency export."""

from itertools import pairwise
from pathlib import Path

from .fleet import Fleet
from .ledger import Ledger, Table
from .machines import Machine
from .relations import OBSERVED, UNDOCUMENTED
from .writers import write_text

FILE = "observed_flows_2026-10.tsv"
HEADER = (
    "TimeSlot", "Source server name", "Source IP", "Source application", "Source process",
    "Destination server name", "Destination IP", "Destination application", "Destination process",
    "Destination port",
)  # fmt: skip
NOISE = (
    ("dc-01", "lsass.exe", 389),
    ("dns-01", "named", 53),
    ("mon-01", "checkmk", 6556),
    ("bkp-01", "veeam", 6160),
)
UNKNOWN = "10.20.5.77"
PORTS = {"db": (5432, "postgres"), "app": (8443, "java"), "svc": (8443, "java")}


def write_flows(folder: Path, fleet: Fleet, ledger: Ledger) -> None:
    table = ledger.table(FILE, None, "azure_dependency_export", HEADER)
    by_application: dict[str, list[Machine]] = {}
    for machine in fleet.applications:
        if machine.powered_on and machine.role != "test":
            by_application.setdefault(machine.application or "", []).append(machine)
    for machines in by_application.values():
        _add_internal_flows(table, machines)
    for source_key, target_key in OBSERVED:
        source = next(m for m in by_application[source_key] if m.role in ("app", "svc"))
        role = "db" if (source_key, target_key) == UNDOCUMENTED else "app"
        target = next(m for m in by_application[target_key] if m.role in (role, "svc"))
        row = _add_flow(table, source, target)
        if (source_key, target_key) == UNDOCUMENTED:
            table.trap(
                "undocumented_flow",
                row,
                "Destination server name",
                "no file states this dependency: it binds the two",
            )
    _add_noise(table, fleet, by_application)
    _add_unknown_listener(table, ledger, fleet)
    short = ["2026-10-07 08:00", "gate-app-01", fleet.named("gate-app-01").ip]
    row = table.add_cells(short, reject="wrong_field_count")
    table.trap("wrong_field_count", row, "Source server name", f"3 fields instead of {len(HEADER)}")
    write_text(folder / FILE, table, delimiter="\t")


def _add_internal_flows(table: Table, machines: list[Machine]) -> None:
    order = ("web", "gw", "svc", "app", "db")
    layers = [[m for m in machines if m.role == role] for role in order]
    filled = [layer for layer in layers if layer]
    for upper, lower in pairwise(filled):
        for index, machine in enumerate(upper):
            _add_flow(table, machine, lower[index % len(lower)])


def _add_flow(table: Table, source: Machine, target: Machine) -> int:
    port, process = PORTS.get(target.role, (443, "nginx"))
    return _add(table, source, (target.name, target.ip), process, port)


def _add(
    table: Table, source: Machine, target: tuple[str | None, str], process: str | None, port: int
) -> int:
    name, address = target
    return table.add(
        {
            "TimeSlot": f"2026-10-{len(table.rows) % 28 + 1:02d} {len(table.rows) % 24:02d}:00",
            "Source server name": source.name, "Source IP": source.ip, "Source process": f"{source.role}d",
            "Destination server name": name, "Destination IP": address, "Destination process": process,
            "Destination port": port,
        }
    )  # fmt: skip


def _add_noise(table: Table, fleet: Fleet, by_application: dict[str, list[Machine]]) -> None:
    first = True
    for machines in by_application.values():
        for machine in machines[:3]:
            for name, process, port in NOISE:
                row = _add(table, machine, (name, fleet.named(name).ip), process, port)
                if first:
                    table.trap(
                        "shared_service_noise",
                        row,
                        "Destination server name",
                        "called by everyone: noise, not a dependency",
                    )
            first = False


def _add_unknown_listener(table: Table, ledger: Ledger, fleet: Fleet) -> None:
    for name in ("customs-app-01", "freight", "bi-app-01"):
        source = fleet.named(name if name != "freight" else "as400-01")
        row = _add(table, source, (None, UNKNOWN), None, 1521)
        ledger.add_gap(table, row, f"{UNKNOWN}:1521", "listener")
        table.trap(
            "unknown_listener", row, "Destination IP", "no asset has this address: a gap, no name is invented"
        )
