"""The sample estate: made again byte for byte, with every trap in the cell that the books name.

Files are read here with the standard library alone, so that no importer vouches for itself.
"""

import csv
import io
import json
import re
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "samples"
HARBOUR = SAMPLES / "harbour"
EXPECTED: dict[str, Any] = json.loads((HARBOUR / "expected.json").read_text(encoding="utf-8"))
SPREADSHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
DIALECTS = {"hardwareliste_physisch.csv": (";", "cp1252"), "observed_flows_2026-10.tsv": ("\t", "utf-8")}
REASONS = {
    "blank_row", "total_row", "category_row", "missing_name", "bad_number", "wrong_field_count",
    "no_vinfo_row", "unknown_record_type", "duplicate_file", "lookup_sheet", "toc_sheet", "no_data",
}  # fmt: skip
Rows = dict[int, dict[int, str]]


def _column(reference: str) -> int:
    number = 0
    for letter in re.sub(r"\d", "", reference):
        number = number * 26 + ord(letter) - 64
    return number


def read_workbook(path: Path) -> dict[str, tuple[bool, Rows]]:
    """Sheet name → (hidden, cells as text by row and column number)."""
    with zipfile.ZipFile(path) as book:
        strings = [
            "".join(text.text or "" for text in item.iter(f"{SPREADSHEET}t"))
            for item in ET.fromstring(book.read("xl/sharedStrings.xml"))
        ]
        sheets = {}
        entries = ET.fromstring(book.read("xl/workbook.xml")).iter(f"{SPREADSHEET}sheet")
        for number, entry in enumerate(entries, start=1):
            rows: Rows = {}
            root = ET.fromstring(book.read(f"xl/worksheets/sheet{number}.xml"))
            for row in root.iter(f"{SPREADSHEET}row"):
                cells = {}
                for cell in row:
                    assert cell.find(f"{SPREADSHEET}f") is None, "a formula in a sample"
                    value = cell.findtext(f"{SPREADSHEET}v") or ""
                    cells[_column(cell.get("r", ""))] = strings[int(value)] if cell.get("t") == "s" else value
                rows[int(row.get("r", "0"))] = cells
            sheets[entry.get("name", "")] = (entry.get("state") == "hidden", rows)
        return sheets


def read_delimited(path: Path) -> list[list[str]]:
    delimiter, encoding = DIALECTS.get(path.name, (",", "utf-8-sig"))
    text = path.read_bytes().decode(encoding)
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


@pytest.fixture(scope="module")
def cells() -> dict[tuple[str, str | None], Rows]:
    """Every sheet and every delimited file as rows and columns, numbered from 1."""
    found: dict[tuple[str, str | None], Rows] = {}
    for name in EXPECTED["inputs"]:
        if name.endswith(".xlsx"):
            found |= {(name, sheet): rows for sheet, (_, rows) in read_workbook(HARBOUR / name).items()}
        else:
            records = enumerate(read_delimited(HARBOUR / name), start=1)
            found[name, None] = {number: dict(enumerate(row, start=1)) for number, row in records}
    return found


@pytest.fixture(scope="module")
def remade(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("harbour")
    command = [sys.executable, str(SAMPLES / "make_estate.py"), "--output", str(folder)]
    subprocess.run(command, check=True, capture_output=True, timeout=100)
    return folder


def unpack(path: Path) -> dict[str, Any]:
    """A workbook's parts with their dates: how well zlib packs them may differ between machines."""
    with zipfile.ZipFile(path) as book:
        return {part.filename: (part.date_time, book.read(part)) for part in book.infolist()}


def test_the_generator_makes_the_committed_files_again(remade: Path) -> None:
    assert {path.name for path in remade.iterdir()} == {path.name for path in HARBOUR.iterdir()}
    for path in sorted(HARBOUR.iterdir()):
        again = remade / path.name
        if path.suffix == ".xlsx":
            assert unpack(again) == unpack(path), path.name
        else:
            assert again.read_bytes() == path.read_bytes(), path.name


def test_two_runs_give_equal_bytes_workbooks_included(remade: Path, tmp_path: Path) -> None:
    command = [sys.executable, str(SAMPLES / "make_estate.py"), "--output", str(tmp_path)]
    subprocess.run(command, check=True, capture_output=True, timeout=100)
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == {
        p.name: p.read_bytes() for p in remade.iterdir()
    }


def test_the_estate_is_large_enough_and_the_files_small_enough() -> None:
    assets = EXPECTED["assets"]
    assert assets["by_type"]["server"] + assets["by_type"]["virtual_machine"] >= 340
    assert assets["migration_targets"] >= 340
    assert EXPECTED["applications"]["count"] == len(set(EXPECTED["applications"]["names"])) >= 45
    assert assets["pools"] == [{"name": "batch-wrk", "members": 60}]
    assert sum(path.stat().st_size for path in HARBOUR.iterdir()) < 2_000_000


def test_the_numbers_of_the_books_agree_with_each_other() -> None:
    assets = EXPECTED["assets"]
    machines = assets["by_type"]["server"] + assets["by_type"]["virtual_machine"]
    not_machines = assets["not_targets"]["hypervisor_host"]
    assert assets["migration_targets"] == machines - sum(assets["not_targets"].values()) + not_machines
    assert sum(EXPECTED["operating_systems"]["counts"].values()) == assets["migration_targets"]
    assert sum(assets["by_type"].values()) == assets["total"]
    rejected = sum(entry["rejected"] for entry in EXPECTED["imports"])
    assert rejected == len(EXPECTED["rejected_rows"])
    for entry in EXPECTED["imports"]:
        assert entry["rows"] == entry["accepted"] + entry["rejected"]
        assert entry["rejected"] == sum(entry["reasons"].values())


def test_every_reason_to_reject_or_ignore_occurs() -> None:
    ignored = {entry["reason"] for entry in EXPECTED["imports"] if entry["format"] == "ignored"}
    assert {row["reason"] for row in EXPECTED["rejected_rows"]} | ignored == REASONS


def _data_rows(rows: Rows, header: int) -> int:
    filled = [number for number, cells in rows.items() if any(cells.values())]
    return max(filled) - header


def test_each_sheet_has_the_rows_the_books_say(cells: dict[tuple[str, str | None], Rows]) -> None:
    headers = {("leitstand_rechner.xlsx", "Leitrechner"): 5, ("mpa_portfolio.xlsx", "Databases"): 2}
    listed = {(entry["file"], entry["sheet"]) for entry in EXPECTED["imports"]}
    assert listed == set(cells)
    for entry in EXPECTED["imports"]:
        place = (entry["file"], entry["sheet"])
        if entry["format"] != "ignored":
            assert _data_rows(cells[place], headers.get(place, 1)) == entry["rows"], place


@pytest.mark.parametrize(
    "trap", EXPECTED["traps"], ids=lambda trap: f"{trap['trap']}-{trap['file']}-{trap['row']}"
)
def test_the_trap_is_in_the_named_cell(
    trap: dict[str, Any], cells: dict[tuple[str, str | None], Rows]
) -> None:
    row = cells[trap["file"], trap["sheet"]].get(trap["row"], {})
    value = "" if trap["value"] is None else str(trap["value"])
    assert row.get(trap["column_number"], "") == value


def test_every_trap_real_files_set_has_its_cell() -> None:
    names = {trap["trap"] for trap in EXPECTED["traps"]}
    assert names >= {
        "address_list", "ambiguous_header", "bad_number", "blank_row", "blank_vcpu", "byte_order_mark",
        "cannot_be_moved", "category_row", "copy_lookalike", "decimal_comma", "dependency_cycle",
        "display_name", "environment_differs", "formula_text_at", "formula_text_equals",
        "formula_text_minus", "formula_text_plus", "fqdn_not_unique", "fraction_percent", "freeze_window",
        "hidden_instruction", "memory_differs", "missing_from_rvtools", "not_available", "not_before",
        "orphaned", "os_differs", "password_in_note", "repeated_key", "restored_copy",
        "shared_service_noise", "short_name_only", "srm_placeholder", "stacked_header", "template",
        "total_row", "trailing_blanks", "undocumented_flow", "unknown_listener", "vm_not_in_vinfo",
        "windows_1252", "wrong_field_count",
    }  # fmt: skip
    headers = {trap["column"] for trap in EXPECTED["traps"] if trap["trap"] == "ambiguous_header"}
    assert headers == {"Size", "Type", "Owner", "Class", "Kat.", "Ref", "Klasse"}


def test_the_awkward_encodings_are_what_they_claim() -> None:
    assert (HARBOUR / "app_portfolio.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    german = (HARBOUR / "hardwareliste_physisch.csv").read_bytes()
    assert b"\x80" in german
    assert "Großrechner".encode("cp1252") in german
    with pytest.raises(UnicodeDecodeError):
        german.decode("utf-8")
    copy = HARBOUR / "app_portfolio_kopie.csv"
    assert copy.read_bytes() == (HARBOUR / "app_portfolio.csv").read_bytes()


def test_lookup_sheets_are_hidden_and_data_sheets_are_not() -> None:
    for entry in EXPECTED["imports"]:
        if entry["sheet"] is not None:
            hidden, _ = read_workbook(HARBOUR / entry["file"])[entry["sheet"]]
            assert hidden == (entry.get("reason") == "lookup_sheet"), entry["sheet"]


def test_nothing_has_the_address_of_the_unknown_listener(cells: dict[tuple[str, str | None], Rows]) -> None:
    places = [place for place, rows in cells.items() for row in rows.values() if "10.20.5.77" in row.values()]
    assert set(places) == {
        ("mpa_portfolio.xlsx", "Server communication"),
        ("observed_flows_2026-10.tsv", None),
    }


def test_the_readme_lists_every_trap() -> None:
    readme = (SAMPLES / "README.md").read_text(encoding="utf-8")
    table = readme.split("<!-- traps: written by make_estate.py -->\n")[1].splitlines()[2:]
    assert len(table) == len(EXPECTED["traps"])
    for line, trap in zip(table, EXPECTED["traps"], strict=True):
        assert line.startswith(f"| {trap['trap']} | {trap['file']}")
        assert f"| {trap['row']} |" in line


class Estate:
    """Machines counted again from the cells, by the rules for identifiers only."""

    def __init__(self, cells: dict[tuple[str, str | None], Rows]) -> None:
        self._rejected = {(r["file"], r["sheet"], r["row"]) for r in EXPECTED["rejected_rows"]}
        self._cells = cells
        self._identifiers: dict[str, dict[str, set[tuple[str, str]]]] = {}
        self._parent: dict[str, str] = {}

    def read(self, file: str, sheet: str | None, header: int = 1) -> Iterator[dict[str, str]]:
        rows = self._cells[file, sheet]
        names = rows[header]
        for number in sorted(rows):
            if number > header and (file, sheet, number) not in self._rejected:
                yield {name: rows[number].get(column, "").strip() for column, name in names.items()}

    def add(self, source: str, key: str, **identifiers: str) -> None:
        pairs = self._identifiers.setdefault(source, {}).setdefault(key, set())
        self._parent.setdefault(f"{source}:{key}", f"{source}:{key}")
        for kind, value in identifiers.items():
            plain = re.sub(r"[-:]", "", value).lower() if kind != "fqdn" else value.lower()
            if plain and plain != "n/a" and (kind != "fqdn" or "." in plain):
                pairs.add((kind, plain))

    def _root(self, node: str) -> str:
        while self._parent[node] != node:
            node = self._parent[node]
        return node

    def join(self) -> dict[str, set[str]]:
        """Unite across sources by identifiers that occur once in each; root → members."""
        owner: dict[tuple[str, str], str] = {}
        for source, keys in self._identifiers.items():
            counts = Counter(pair for pairs in keys.values() for pair in pairs)
            for key, pairs in keys.items():
                for pair in sorted(pairs):
                    if counts[pair] == 1:
                        first = owner.setdefault(pair, f"{source}:{key}")
                        self._parent[self._root(f"{source}:{key}")] = self._root(first)
        groups: dict[str, set[str]] = {}
        for node in self._parent:
            groups.setdefault(self._root(node), set()).add(node)
        return groups


@pytest.fixture(scope="module")
def groups(cells: dict[tuple[str, str | None], Rows]) -> dict[str, set[str]]:
    estate, rvtools = Estate(cells), "rvtools_wal_2026-11-02.xlsx"
    for row in estate.read(rvtools, "vInfo"):
        estate.add("rvtools", row["VM UUID"], fqdn=row["DNS Name"], uuid=row["SMBIOS UUID"])
    for row in estate.read(rvtools, "vNetwork"):
        estate.add("rvtools", row["VM UUID"], mac=row["Mac Address"])
    for row in estate.read(rvtools, "vHost"):
        estate.add("rvtools", row["Host"], fqdn=row["Host"], serial=row["Serial number"])
    for row in estate.read("mpa_portfolio.xlsx", "Servers"):
        estate.add("mpa", row["Serverid"], fqdn=row["HOSTNAME"])
    for row in estate.read("hardwareliste_physisch.csv", None):
        identifiers = {"fqdn": row["DNS-Name"], "mac": row["MAC"], "serial": row["Seriennr."]}
        estate.add("hardware_list", row["Inventar-Nr."], **identifiers)
    for row in estate.read("leitstand_rechner.xlsx", "Leitrechner", header=5):
        estate.add("control_room", row["Name"], mac=row["MAC"], serial=row["S/N"])
    for row in estate.read("cmdb_ci_server.csv", None):
        identifiers = {"mac": row["mac_address"], "serial": row["serial_number"], "uuid": row["u_bios_uuid"]}
        estate.add("servicenow", row["sys_id"], **identifiers)
    for row in estate.read("cmf_intake.csv", None):
        estate.add("cmf_intake", row["server_name"], fqdn=row["server_fqdn"])
    return estate.join()


def test_identifiers_alone_lead_to_the_expected_number_of_assets(groups: dict[str, set[str]]) -> None:
    by_type = EXPECTED["assets"]["by_type"]
    assert len(groups) == EXPECTED["assets"]["total"] - by_type["application"] - by_type["database"]


def test_identifiers_alone_lead_to_the_expected_merges(groups: dict[str, set[str]]) -> None:
    sources = [sorted(node.split(":")[0] for node in members) for members in groups.values()]
    assert all(len(names) == len(set(names)) for names in sources), "two keys of one source were joined"
    merged = Counter(" + ".join(names) for names in sources if len(names) > 1)
    assert dict(merged) == EXPECTED["merged"]["by_sources"]


def test_no_committed_sample_names_a_real_host_or_a_path_of_some_machine() -> None:
    for path in sorted(SAMPLES.rglob("*")):
        if path.suffix in (".py", ".md", ".csv", ".tsv", ".json"):
            text = path.read_bytes().decode("latin-1")
            hosts = re.findall(r"https?://([^/\s\"']+)", text)
            allowed = ("nordkai.example", "schemas.openxmlformats.org")
            assert all(host.endswith(allowed) for host in hosts), path.name
            assert not re.search(r"(?<![\w.])/(home|root|tmp|work|Users)/", text), path.name
