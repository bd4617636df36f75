"""The control room's workbook: cover sheet, stacked header under blank rows, a total, hidden lists."""

from pathlib import Path

from .catalog import APPLICATIONS, COMPANY
from .fleet import Fleet
from .ledger import Cell, Ledger, Table
from .writers import Sheet, write_workbook

FILE = "leitstand_rechner.xlsx"
SOURCE = "control_room"
UPPER = ("Gerät", None, None, "System", None, None, "Netz", None, "Zuordnung", None, None, None, None)
HEADER = (
    "Name",
    "S/N",
    "Type",
    "OS",
    "Cores",
    "Size",
    "MAC",
    "IP",
    "Owner",
    "Ref",
    "Class",
    "Notiz",
    "Letzte Inventur",
)
AREAS = ("Kai 1 – Containerbrücken", "Kai 2 – Tore", "Bahnterminal")
CLASSES = ("hoch", "mittel", "niedrig")
FROM_FARM = ("crane-app-01", "crane-app-02", "crane-app-03", "rail-app-01")


def write_control_room(folder: Path, fleet: Fleet, ledger: Ledger) -> None:
    ledger.ignore(FILE, "Inhalt", "toc_sheet")
    above: list[list[Cell]] = [[], [], [], list(UPPER)]
    table = ledger.table(FILE, "Leitrechner", "generic", HEADER, above=above)
    machines = [*fleet.control_room, *(fleet.named(name) for name in FROM_FARM), fleet.named("crane-phy-01")]
    for index, machine in enumerate(machines):
        if index % 7 == 0:
            row = table.add_cells([AREAS[index // 7], *[None] * 12], reject="category_row")
            table.trap("category_row", row, "Name", "a heading cell, not a server")
        key = machine.application or "crane"
        row = table.add(
            {
                "Name": machine.name, "S/N": machine.serial or "n/a",
                "Type": "physisch" if machine.physical else "virtuell (VMware)", "OS": machine.os.text,
                "Cores": machine.cores, "Size": f"{machine.memory_gb} GiB",
                "MAC": machine.mac.replace(":", ""), "IP": machine.ip if machine.physical else None,
                "Owner": ("Leitstand Früh", "Leitstand Spät", "E-Technik")[index % 3],
                "Ref": APPLICATIONS[key].name, "Class": CLASSES[index % 3],
                "Letzte Inventur": f"{3 + index % 10:02d}/09/2026",
            }
        )  # fmt: skip
        machine.seen_by(SOURCE)
        machine.applications.add(key)
        _name_traps(table, machine.name, row)
    row = table.add({"Name": "Gesamt", "Cores": sum(m.cores for m in machines)}, reject="total_row")
    table.trap("total_row", row, "Name", "a sum is not a server")
    ledger.ignore(FILE, "Listen", "lookup_sheet")
    contents: list[list[Cell]] = [
        ["Leitstand – Rechnerliste"],
        [COMPANY],
        [],
        ["Blatt", "Seite"],
        ["Leitrechner", "1"],
    ]
    lists: list[list[Cell]] = [
        ["Class", "Type"],
        ["hoch", "physisch"],
        ["mittel", "virtuell (VMware)"],
        ["niedrig", None],
    ]
    sheets = [Sheet("Inhalt", contents), Sheet.of(table), Sheet("Listen", lists, hidden=True)]
    write_workbook(folder / FILE, sheets, "Leitstand")


def _name_traps(table: Table, name: str, row: int) -> None:
    if name == "leit-01":
        table.trap(
            "stacked_header", row, "Name", "three blank rows, then a header of two rows: data begin in row 6"
        )
        table.trap(
            "date_order_open",
            row,
            "Letzte Inventur",
            "no day above 12 tells the order; month first would lie after the inventory: the crew has to judge",
        )
        table.trap("ambiguous_header", row, "Size", "memory here; number of users in the portfolio")
        table.trap(
            "ambiguous_header", row, "Type", "physical or virtual here; COTS or custom in the portfolio"
        )
        table.trap("ambiguous_header", row, "Owner", "a technical team here; a person in the portfolio")
        table.trap("ambiguous_header", row, "Ref", "the application's name here; its number in the portfolio")
        table.trap("ambiguous_header", row, "Class", "criticality here; data classification in the portfolio")
    if name == "crane-app-01":
        table.trap("joins_by_mac", row, "MAC", "the VM of that MAC in vNetwork, written without separators")
    if name == "crane-phy-01":
        table.trap("joins_by_serial", row, "S/N", "the server of that serial number in the hardware list")
