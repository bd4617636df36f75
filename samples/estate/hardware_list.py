"""The hardware department's list of metal: German, semicolons, decimal commas, windows-1252."""

from pathlib import Path
from random import Random

from .catalog import APPLICATIONS
from .fleet import Fleet
from .ledger import Cell, Ledger, Table
from .machines import SITES, Machine
from .writers import write_text

FILE = "hardwareliste_physisch.csv"
SOURCE = "hardware_list"
HEADER = (
    "Inventar-Nr.", "Rechnername", "DNS-Name", "IP-Adresse", "MAC", "Kat.", "Hersteller", "Modell",
    "Seriennr.", "Betriebssystem", "Kerne", "RAM (GB)", "Platte (TB)", "Standort", "Schrank", "Umgebung",
    "Klasse", "Anwendung", "Ansprechpartner", "Anschaffung", "Kosten p.M. (€)", "Bemerkung",
)  # fmt: skip
# A server full of disks, by a category that names two kinds of asset.
TWO_KINDS = "cctv-phy-02"
KINDS = {"load_balancer": "Loadbalancer", "storage": "Storage", "network": "Switch"}
PEOPLE = ("Jürgen Groß", "Müller, Käthe", "Sören Lüders", "Özlem Aydin")


def write_hardware_list(folder: Path, fleet: Fleet, ledger: Ledger) -> None:
    table = ledger.table(FILE, None, "generic", HEADER)
    chance = Random("harbour:hardware")
    number = 0
    for title, group in (
        ("– Rechenzentrum Waltershof, Server –", fleet.metal),
        ("– Netz und Speicher –", fleet.devices),
        ("– Bremerhaven –", [host for host in fleet.hosts if host.name.startswith("esx-bhv")]),
    ):
        row = table.add_cells([title, *[None] * (len(HEADER) - 1)], reject="category_row")
        table.trap("category_row", row, "Inventar-Nr.", "a heading between the rows, not a server")
        for machine in group:
            number += 1
            values = _describe(machine, f"INV-{number:05d}", chance)
            row = table.add(values)
            machine.seen_by(SOURCE)
            if machine.application:
                machine.applications.add(machine.application)
            _name_traps(table, ledger, machine, row, values)
    _add_broken_rows(table)
    write_text(folder / FILE, table, delimiter=";", encoding="cp1252")


def _comma(value: float, digits: int = 1) -> str:
    """A number the German way: 1.234,5"""
    return f"{value:,.{digits}f}".translate(str.maketrans(",.", ".,"))


def _describe(machine: Machine, inventory: str, chance: Random) -> dict[str, Cell]:
    known = machine.memory_gb > 0
    kind = KINDS.get(machine.kind, "Server")
    if "Appliance" in machine.model:
        kind = "Appliance"
    if machine.name.startswith(("zhost", "as400")):
        kind = "Großrechner" if machine.name.startswith("zhost") else "IBM i"
    if machine.name.startswith("fw-"):
        kind = "Firewall"
    if machine.name == TWO_KINDS:
        kind = "Storage-Server"
    application = APPLICATIONS[machine.application].name if machine.application else "k.A."
    return {
        "Inventar-Nr.": inventory,
        "Rechnername": machine.name,
        "DNS-Name": machine.fqdn,
        "IP-Adresse": machine.ip,
        "MAC": machine.mac.upper().replace(":", "-"),
        "Kat.": kind,
        "Hersteller": machine.vendor,
        "Modell": machine.model,
        "Seriennr.": machine.serial,
        "Betriebssystem": machine.os.text or "k.A.",
        "Kerne": machine.cores if known else "k.A.",
        "RAM (GB)": _comma(machine.memory_gb) if known else "k.A.",
        "Platte (TB)": _comma(machine.storage_gb / 1024, 2) if machine.storage_gb else "k.A.",
        "Standort": "Bremerhaven" if "bhv" in machine.name else SITES[machine.site],
        "Schrank": f"R{chance.randrange(1, 19):02d}/HE{chance.randrange(2, 40)}",
        "Umgebung": "Produktion",
        "Klasse": chance.choice(("intern", "vertraulich", "öffentlich", "streng vertraulich")),
        "Anwendung": application,
        "Ansprechpartner": chance.choice(PEOPLE),
        "Anschaffung": _draw_date(chance),
        "Kosten p.M. (€)": _comma(chance.randrange(9000, 240000) / 100, 2),
        "Bemerkung": None,
    }


def _draw_date(chance: Random) -> str:
    return f"{chance.randrange(1, 28):02d}.{chance.randrange(1, 13):02d}.20{chance.randrange(13, 25)}"


def _name_traps(table: Table, ledger: Ledger, machine: Machine, row: int, values: dict[str, Cell]) -> None:
    def trap(name: str, column: str, meaning: str) -> None:
        table.trap(name, row, column, meaning)

    if machine.name == "fin-phy-01":
        trap("decimal_comma", "RAM (GB)", "128 GB, not 1280")
        trap("thousands_dot", "Kosten p.M. (€)", "decimal comma, perhaps with a dot for thousands")
        trap("missing_from_rvtools", "Rechnername", "metal: exists though RVTools does not know it")
        trap("ambiguous_header", "Kat.", "asset type: only the values say so")
        trap(
            "ambiguous_header", "Klasse", "data classification here; criticality in the control room's Class"
        )
        trap(
            "windows_1252",
            "Kosten p.M. (€)",
            "the header holds a euro sign: byte 0x80, so neither UTF-8 nor latin-1",
        )
    if machine.name.startswith(("zhost", "as400", "aix")) or "Appliance" in machine.model:
        trap("cannot_be_moved", "Modell", "mainframe, IBM i, AIX or appliance: blocked, with a reason")
    if machine.name == "aix-01":
        again = table.add({**values, "Rechnername": f"{machine.name}  ", "RAM (GB)": _comma(64)})
        ledger.add_conflict(
            machine.name, "memory_gb", {"hardware_list first row": 96, "hardware_list second row": 64}
        )
        table.trap(
            "trailing_blanks",
            again,
            "Rechnername",
            "the same inventory number and name: one server, a conflict",
        )
    if machine.name == TWO_KINDS:
        trap("two_kinds", "Kat.", "storage by its first word, a server by its model: the crew has to judge")
    if machine.name == "zeit-01":
        trap("not_available", "RAM (GB)", "k.A. = unknown, not 0")
    if machine.name == "esx-bhv-01":
        trap(
            "host_also_in_hardware_list",
            "Seriennr.",
            "the serial number of a host in vHost: one asset, a hypervisor_host",
        )


def _add_broken_rows(table: Table) -> None:
    row = table.add_cells([None] * len(HEADER), reject="blank_row")
    table.trap("blank_row", row, "Inventar-Nr.", "only separators")
    row = table.add({"Kat.": "Server", "Hersteller": "HP", "Standort": "Waltershof"}, reject="missing_name")
    table.trap("missing_name", row, "Rechnername", "neither name nor inventory number")
    bad: dict[str, Cell] = {"Inventar-Nr.": "INV-00901", "Rechnername": "lager-alt-07", "Kat.": "Server"}
    row = table.add({**bad, "Kerne": "#WERT!", "RAM (GB)": "#WERT!"}, reject="bad_number")
    table.trap("bad_number", row, "RAM (GB)", "a spreadsheet error where a number belongs")
    long = ["INV-00902", "kran-alt-01", *[None] * (len(HEADER) - 3), "Reserve", "Keller", "ausgebaut"]
    row = table.add_cells(long, reject="wrong_field_count")
    table.trap("wrong_field_count", row, "Rechnername", f"{len(long)} fields instead of {len(HEADER)}")
    row = table.add(
        {"Inventar-Nr.": "Summe", "RAM (GB)": _comma(3712), "Platte (TB)": _comma(92.3, 2)},
        reject="total_row",
    )
    table.trap("total_row", row, "Inventar-Nr.", "a sum is not a server")
