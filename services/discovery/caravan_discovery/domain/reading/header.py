"""Where the header of a sheet is, and whether the sheet is data at all."""

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from caravan_discovery.domain.mapping.formats import Kind, recognise
from caravan_discovery.domain.mapping.headers import match_header
from caravan_discovery.domain.reading.source import PREVIEW_ROWS, Row, Table

LOOKUP_SHEET, TOC_SHEET, NO_DATA, NOT_IMPORTED = "lookup_sheet", "toc_sheet", "no_data", "not_imported"

_SEARCHED_ROWS = 40
# Enough of a row to tell whether it is a header, however wide the table is.
_JUDGED_CELLS = 120
# Within these a sheet says of itself that it is not to be imported.
_MARKED_ROWS = 5
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
    best = max(candidates, key=lambda candidate: (_likeness(candidate[1], widest), -candidate[0]))
    return _header(table.preview, best[0], None) if _likeness(best[1], widest) > 0.5 else None


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
    return NO_DATA if header is None else None


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


def _likeness(row: Row, widest: int) -> float:
    """0..2: wide, of distinct short texts rather than values, with words that inventories use."""
    cells = [cell.strip() for cell in row if cell][:_JUDGED_CELLS]
    if len(cells) < 2:
        return 0.0
    widest = min(widest, _JUDGED_CELLS)
    texts = [cell for cell in cells if len(cell) <= 80 and not _VALUE.search(cell)]
    distinct = (1 + len({cell.casefold() for cell in cells}) / len(cells)) / 2
    known = sum(1 for cell in texts if match_header(_name(cell)) is not None) / widest
    return len(cells) / widest * len(texts) / len(cells) * distinct + known


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


def _is_inventory(header: Header | None) -> bool:
    """Whether a sheet that looks like something else names assets and says several things about them."""
    if header is None:
        return False
    matches = [match for match in map(match_header, header.names) if match is not None]
    named = any(match.attribute in ("name", "hostname", "fqdn", "application_name") for match in matches)
    return named and len({match.attribute for match in matches}) >= 4
