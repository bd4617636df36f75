"""Where the header of a sheet is, and whether the sheet is data at all."""

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from caravan_discovery.domain.mapping.formats import Kind, recognise
from caravan_discovery.domain.mapping.headers import HeaderMatch, match_header
from caravan_discovery.domain.reading.source import PREVIEW_ROWS, Row, Table

LOOKUP_SHEET, TOC_SHEET, NO_DATA, NOT_IMPORTED = "lookup_sheet", "toc_sheet", "no_data", "not_imported"
NO_HEADER, PIVOT_SHEET, TRANSPOSED_SHEET = "no_header", "pivot_sheet", "transposed_sheet"

_SEARCHED_ROWS = 40
# Enough of a row to tell whether it is a header, however wide the table is.
_JUDGED_CELLS = 120
# Within these a sheet says of itself that it is not to be imported.
_MARKED_ROWS = 5
# No header is longer.
_LONGEST_WORD = 80
_INVISIBLE = re.compile("[\u200b\u200e\u200f\u2060\ufeff]")
_VALUE = re.compile(
    r"^[\s\W]*\d[\d.,:/\-\s]*(%|[kmgt]i?b|[mg]hz)?$|^\d{1,3}(\.\d{1,3}){3}|^[0-9a-f]{8}-[0-9a-f]{4}-|@|^https?://"
    r"|^(true|false|yes|no|ja|nein|powered(on|off))$",
    re.IGNORECASE,
)
_LOOKUP_NAME = re.compile(
    r"^(look-?ups?|lists?|lov|drop-?downs?|pick-?lists?|validations?|data ?validations?|reference ?data|ref ?data"
    r"|values|codes|mappings?|config|settings|listen|auswahl|wertelisten?|stammdaten)\b",
    re.IGNORECASE,
)
_TOC_NAME = re.compile(
    r"^(toc|contents?|table of contents|index|read ?me|instructions?|cover|overview|about|legend|guide|help"
    r"|inhalt|inhaltsverzeichnis|anleitung|übersicht|deckblatt|legende)$",
    re.IGNORECASE,
)
_PIVOT_CORNER = re.compile(r"^(row|column) labels$|^(zeilen|spalten)beschriftungen$", re.IGNORECASE)
_AGGREGATE = re.compile(
    r"^(count|sum|average|min|max|anzahl|summe|mittelwert|minimum|maximum) (of|von) ", re.IGNORECASE
)
# Rows whose first cells are names of columns before a table is believed to lie on its side.
_FEWEST_TURNED, _TURNED = 3, 0.6
_SURELY_KNOWN = 0.85
_SENTENCE = re.compile(r"\w+ \w+ \w+ \w+ \w+")
_NOT_IMPORTED = re.compile(r"\b(not imported|do not import|nicht importier)", re.IGNORECASE)


@dataclass(frozen=True)
class Header:
    """`row` is the last header row (1-based); `names` are trimmed and never blank, `raw` as in the file."""

    row: int
    names: tuple[str, ...]
    raw: tuple[str | None, ...]
    kind: Kind | None


def find_header(table: Table) -> Header | None:
    """The first row that a known format recognises, else the one that looks most like a header; null: none."""
    if table.header_row is not None:
        stated = table.preview[table.header_row - 1]
        return _header(table.preview, table.header_row - 1, recognise([_name(cell) for cell in stated]))
    candidates = [(index, row) for index, row in enumerate(table.preview[:_SEARCHED_ROWS]) if _filled(row)]
    for index, row in candidates:
        kind = recognise([_name(cell) for cell in row], table.sheet)
        if kind is not None:
            return _header(table.preview, index, kind)
    widest = max((_filled(row) for _, row in candidates), default=0)
    if widest == 1 and match_header(_name(next(cell for cell in candidates[0][1] if cell))) is not None:
        return _header(table.preview, candidates[0][0], None)
    if widest < 2:
        return None
    likeness, at = _likest(candidates, widest, table.preview)
    return _header(table.preview, at, None) if likeness > 0.5 else None


def reason_to_ignore(table: Table, header: Header | None, sheets: Collection[str]) -> str | None:
    """Why a sheet is no data: a code, or null when it is to be imported. `sheets` are all sheets of the file."""
    if header is not None and _says_nothing(table, header):
        return NO_DATA
    if header is not None and header.kind is not None:
        return None
    inventory = _is_inventory(header)
    # An inventory may name other sheets in its cells: beside `Prod` and `Test`, one of all with their environments.
    if (_names_other_sheets(table, sheets) or _TOC_NAME.match(table.sheet.strip())) and not inventory:
        return TOC_SHEET if any(map(_filled, table.preview)) else NO_DATA
    # Said above the header, of the sheet. What stands below is a note about an asset, and orders nothing.
    above = (
        table.preview[:_MARKED_ROWS] if header is None else table.preview[: min(_MARKED_ROWS, header.row - 1)]
    )
    if any(_NOT_IMPORTED.search(cell) for row in above for cell in row if cell):
        return NOT_IMPORTED
    if (table.hidden or _LOOKUP_NAME.match(table.sheet.strip())) and not inventory:
        return LOOKUP_SHEET
    return _reason_of_shape(table, header, alone=len(sheets) == 1, inventory=inventory)


def _reason_of_shape(table: Table, header: Header | None, *, alone: bool, inventory: bool) -> str | None:
    """Why rows below a header, or without one, are not one asset each."""
    if header is None:
        listed = alone and sum(1 for row in table.preview if _filled(row)) > 1
        return NO_HEADER if listed else NO_DATA
    if _is_pivot(header):
        return PIVOT_SHEET
    return TRANSPOSED_SHEET if not inventory and _is_transposed(table, header) else None


def _header(preview: Sequence[Row], index: int, kind: Kind | None) -> Header:
    raw = preview[index]
    while len(raw) > 1 and raw[-1] is None:
        raw = raw[:-1]
    above = _group_headings(preview, index) if kind is None else None
    names = [_name(cell) for cell in raw]
    if above is not None:
        names = _joined(above, names)
    return Header(
        row=index + 1,
        names=_unique([name or f"column_{position}" for position, name in enumerate(names, start=1)]),
        raw=tuple(raw),
        kind=kind,
    )


def _group_headings(preview: Sequence[Row], index: int) -> list[str | None] | None:
    """The row above a header when it holds headings over groups of columns, filled to the right; else null."""
    if index == 0:
        return None
    above, header = preview[index - 1], preview[index]
    if _filled(above) < 2 or any(cell and _VALUE.search(cell) for cell in above):
        return None
    headings: list[str | None] = []
    current: str | None = None
    for position in range(len(header)):
        current = (above[position] if position < len(above) else None) or current
        headings.append(current)
    return headings


def _joined(above: Sequence[str | None], names: Sequence[str]) -> list[str]:
    """A heading goes before a name that is blank or repeated."""
    folded = [name.casefold() for name in names]
    joined = []
    for heading, name in zip(above, names, strict=False):
        alone = bool(name) and folded.count(name.casefold()) == 1
        joined.append(name if alone or not heading else f"{' '.join(heading.split())} {name}".strip())
    return joined


def is_header_of_another(cells: Row, header: Sequence[str | None]) -> bool:
    """Whether a row below a header is that of another table: no value in it, and words that name columns.

    The first is the header's own of that column, or most are words that columns of assets have.
    """
    filled = [cell for cell in cells if cell]
    if len(filled) < 2 or any(_VALUE.search(cell.strip()) or len(cell) > _LONGEST_WORD for cell in filled):
        return False
    first = next(at for at, cell in enumerate(cells) if cell)
    above = header[first] if first < len(header) else None
    same = above is not None and _name(cells[first]).casefold() == _name(above).casefold()
    known = sum(1 for cell in filled if _surely_known(cell) is not None)
    return same or (known >= _FEWEST_TURNED and known >= _TURNED * len(filled))


def _name(cell: str | None) -> str:
    """A header without line breaks, nor marks that nobody sees (a byte order mark in the middle of a file)."""
    return " ".join(_INVISIBLE.sub("", cell).split()) if cell else ""


def _unique(names: Sequence[str]) -> tuple[str, ...]:
    """A header that occurs again gets a number that none has: `Disk`, `Disk (2)`."""
    taken = set(names)
    seen: Counter[str] = Counter()
    unique = []
    for name in names:
        seen[name] += 1
        if seen[name] == 1:
            unique.append(name)
            continue
        while (numbered := f"{name} ({seen[name]})") in taken:
            seen[name] += 1
        taken.add(numbered)
        unique.append(numbered)
    return tuple(unique)


def _filled(row: Row) -> int:
    return sum(1 for cell in row if cell)


def _likest(candidates: Sequence[tuple[int, Row]], widest: int, rows: Sequence[Row]) -> tuple[float, int]:
    """The likeness and the index of the row that is most like a header, of equals the first.

    Words are looked up only in rows that they could still put first: looking for them costs more than all the rest.
    """
    shapes = [(_shape(row, widest), index) for index, row in candidates]
    best = (0.0, min(index for index, _ in candidates))
    for shape, index in sorted(shapes, key=lambda each: (-each[0].most, each[1])):
        if shape.most < best[0]:
            break
        likeness = shape.worth + shape.known(rows)
        if likeness > best[0] or (likeness == best[0] and index < best[1]):
            best = (likeness, index)
    return best


class _Shape(NamedTuple):
    """What a row looks like: `worth` 0..1, wide, of distinct short texts rather than values; and its texts."""

    row: Row
    worth: float
    texts: Sequence[str]
    widest: int

    @property
    def most(self) -> float:
        """What its likeness can be at most."""
        return self.worth + len(self.texts) / self.widest

    def known(self, rows: Sequence[Row]) -> float:
        """0..1: the share of words that inventories use.

        A word that another row has in the same column, one that is not the whole header again, is a value.
        """
        words = {cell for cell in self.texts if match_header(_name(cell)) is not None}
        if not words:
            return 0.0
        count = sum(1 for cell in self.texts if cell in words)
        return (count - len(_repeated(self.row, words, rows))) / self.widest


def _shape(row: Row, widest: int) -> _Shape:
    cells = [cell.strip() for cell in row if cell][:_JUDGED_CELLS]
    widest = min(widest, _JUDGED_CELLS)
    if len(cells) < 2:
        return _Shape(row, 0.0, (), widest)
    texts = [cell for cell in cells if len(cell) <= 80 and not _VALUE.search(cell)]
    distinct = (1 + len({cell.casefold() for cell in cells}) / len(cells)) / 2
    return _Shape(row, len(cells) / widest * len(texts) / len(cells) * distinct, texts, widest)


def _repeated(row: Row, words: Collection[str], rows: Sequence[Row]) -> set[int]:
    """Positions of the words that other rows hold in the same column."""
    positions = [at for at, cell in enumerate(row[:_JUDGED_CELLS]) if cell and cell.strip() in words]
    return {
        at
        for other in rows
        if tuple(other) != tuple(row)
        for at in positions
        if at < len(other) and other[at] is not None and str(other[at]).strip() == str(row[at]).strip()
    }


def _names_other_sheets(table: Table, sheets: Collection[str]) -> bool:
    others = {sheet.casefold() for sheet in sheets if sheet != table.sheet}
    named = {cell.strip().casefold() for row in table.preview for cell in row if cell} & others
    return len(named) >= 2 and len(named) >= len(others) / 2


def _says_nothing(table: Table, header: Header) -> bool:
    """Nothing below the header, or only a sentence of the tool that made the file."""
    if len(table.preview) == PREVIEW_ROWS:
        return False
    below = [row for row in table.preview[header.row :] if any(row)]
    sentence = header.kind is not None and len(header.names) >= 4
    return all(sentence and _filled(row) == 1 and _SENTENCE.search(next(filter(None, row))) for row in below)


def _is_pivot(header: Header) -> bool:
    """Whether rows are sums over a spreadsheet's other rows."""
    first, *others = header.names
    summed = [name for name in others if _AGGREGATE.match(name)]
    return bool(_PIVOT_CORNER.match(first)) or (bool(summed) and len(summed) == len(others))


def _is_transposed(table: Table, header: Header) -> bool:
    """Whether the first cells of the rows name columns, as the header does not: one machine a column."""
    first = [row[0] for row in table.preview[header.row :] if row and row[0]]
    known = {match.attribute for cell in first if (match := _surely_known(cell)) is not None}
    across = sum(1 for name in header.names[1:] if _surely_known(name) is not None)
    return (
        len(known) >= _FEWEST_TURNED
        and len(known) >= _TURNED * len(first)
        and across * 2 < len(header.names) - 1
        and len(header.names) > 1
    )


def _surely_known(cell: str) -> HeaderMatch | None:
    match = match_header(_name(cell))
    return match if match is not None and match.score >= _SURELY_KNOWN else None


def _is_inventory(header: Header | None) -> bool:
    """Whether a sheet that looks like something else names assets and says several things about them."""
    if header is None:
        return False
    matches = [match for match in map(match_header, header.names) if match is not None]
    named = any(match.attribute in ("name", "hostname", "fqdn", "application_name") for match in matches)
    return named and len({match.attribute for match in matches}) >= 4
