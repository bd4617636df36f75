"""Formula cells of workbooks that hold no result: their value was never computed, so nobody can read it."""

import html
import re
import zipfile
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from xml.parsers import expat

import polars as pl

from caravan_discovery.domain.parts import table_schema

# 1-based row and column of each cell.
UNCACHED = table_schema({"row": pl.Int64, "column": pl.Int64})
_BLOCK = 4 << 20
_LONGEST_CELL = 64 << 10
_P = rb"(?:\w{1,20}:)?"
# What an XLSX cell looks like that has a formula, and no value or an empty one.
_UNCACHED_CELL = re.compile(
    rb"<" + _P + rb"c\s([^<>]{1,300})>\s{0,9}"
    rb"<" + _P + rb"f\b(?:[^<>]{0,300}/>|[^<>]{0,300}>[^<]{0,20000}</" + _P + rb"f>)\s{0,9}"
    rb"(<" + _P + rb"v\s{0,9}/>|<" + _P + rb"v>\s{0,9}</" + _P + rb"v>)?\s{0,9}</" + _P + rb"c>"
)
_PLACE = re.compile(rb"""\br\s{0,9}=\s{0,9}["']([A-Z]{1,3})(\d{1,7})["']""")
_TEXT = re.compile(rb"""\bt\s{0,9}=\s{0,9}["']str["']""")
_SHEET = re.compile(r"<(?:\w{1,20}:)?sheet\s([^<>]{1,2000}?)/?>")
_RELATION = re.compile(r"<(?:\w{1,20}:)?Relationship\s([^<>]{1,2000}?)/?>")
_ATTRIBUTE = re.compile(r"""([\w:]{1,40})\s{0,9}=\s{0,9}(?:"([^"]{0,2000})"|'([^']{0,2000})')""")


def find_uncached(path: Path, parts: Collection[str]) -> dict[str, pl.DataFrame]:
    """UNCACHED by sheet, of sheets that have any. `parts`: those of the archive in which a formula stands at all.

    The archive has been through refuse_bombs: its size is bounded, and it holds no entities.
    """
    if not parts:
        return {}
    with zipfile.ZipFile(path) as archive:
        if "content.xml" in parts:
            found = _find_in_ods(archive)
        else:
            sheets = _sheets_of(archive)
            found = {
                sheets[part]: list(_find_in_part(archive, part)) for part in sorted(parts) if part in sheets
            }
    return {
        sheet: pl.DataFrame(cells, schema=UNCACHED, orient="row") for sheet, cells in found.items() if cells
    }


def _sheets_of(archive: zipfile.ZipFile) -> dict[str, str]:
    """Sheet name by part of an XLSX."""
    try:
        book = archive.read("xl/workbook.xml").decode("utf-8", "replace")
        relations = archive.read("xl/_rels/workbook.xml.rels").decode("utf-8", "replace")
    except KeyError:
        return {}
    targets = {
        told["Id"]: told["Target"]
        for told in map(_attributes, _RELATION.findall(relations))
        if {"Id", "Target"} <= told.keys()
    }
    found = {}
    for told in map(_attributes, _SHEET.findall(book)):
        number = next((value for name, value in told.items() if name.endswith(":id")), None)
        if number in targets and "name" in told:
            target = targets[number]
            part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            found[part] = told["name"]
    return found


def _attributes(text: str) -> dict[str, str]:
    return {name: html.unescape(double or single) for name, double, single in _ATTRIBUTE.findall(text)}


def _find_in_part(archive: zipfile.ZipFile, part: str) -> Iterator[tuple[int, int]]:
    with archive.open(part) as opened:
        rest = b""
        while block := opened.read(_BLOCK):
            text = rest + block
            begun = max(text.rfind(b"<c "), text.rfind(b"<", 0, max(text.rfind(b":c "), 0)))
            whole = begun if begun >= 0 else len(text)
            yield from _find_in_text(text[:whole])
            rest = text[whole:][-_LONGEST_CELL:]
        yield from _find_in_text(rest)


def _find_in_text(text: bytes) -> Iterator[tuple[int, int]]:
    for cell in _UNCACHED_CELL.finditer(text):
        # An empty text is a result as well.
        if cell[2] and _TEXT.search(cell[1]):
            continue
        if place := _PLACE.search(cell[1]):
            yield int(place[2]), column_number(place[1].decode())


def _find_in_ods(archive: zipfile.ZipFile) -> Mapping[str, list[tuple[int, int]]]:
    """OpenDocument does not say where a cell is: rows and cells are counted, repeated ones as often as they are."""
    found: dict[str, list[tuple[int, int]]] = {}
    cells: list[tuple[int, int]] = []
    row = column = more = 0

    def start(name: str, given: dict[str, str]) -> None:
        nonlocal row, column, more, cells
        if name == "table:table":
            cells = found.setdefault(given.get("table:name", ""), [])
            row = more = 0
        elif name == "table:table-row":
            row, column = row + more + 1, 0
            more = int(given.get("table:number-rows-repeated", "1")) - 1
        elif name in ("table:table-cell", "table:covered-table-cell"):
            if "table:formula" in given and "office:value-type" not in given:
                cells.append((row, column + 1))
            column += int(given.get("table:number-columns-repeated", "1"))

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    with archive.open("content.xml") as opened:
        try:
            parser.ParseFile(opened)
        except (expat.ExpatError, ValueError):
            # The reader says what is wrong with such a file.
            return {}
    return found


def column_number(letters: str) -> int:
    """A is 1, AA is 27."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def column_letters(number: int) -> str:
    """1 is A, 27 is AA."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
