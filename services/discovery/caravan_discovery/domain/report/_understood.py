"""What of the files was understood and what was not: columns by file, and values that could not be used."""

from collections.abc import Mapping, Sequence
from typing import Any

from caravan_common.reporting import Cell, Figure, Table
from caravan_discovery.domain.report._words import in_words, name_attribute

_MOST_ROWS, _MOST_COLUMNS = 12, 6


def unknown_columns(mappings: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Columns kept as they are, but those that a known format, a person or what was learned says are no attribute."""
    return [each for each in mappings if not each["attribute"] and each["method"] in ("none", "crew")]


def columns_table(mappings: Sequence[Mapping[str, Any]]) -> Table:
    """A row per file or sheet with columns whose meaning nobody knows, those with most first."""
    columns = ("file", "columns", "became attributes", "of unknown meaning", "which")
    by_place: dict[str, list[Mapping[str, Any]]] = {}
    for each in mappings:
        place = ", ".join(part for part in (each["file"], each.get("sheet")) if part)
        by_place.setdefault(place, []).append(each)
    kept = {place: [each["column"] for each in unknown_columns(its)] for place, its in by_place.items()}
    ranked = sorted((place for place in kept if kept[place]), key=lambda place: (-len(kept[place]), place))
    rows: list[Sequence[Cell]] = [
        (
            place,
            Figure(f"columns/{place}", len(by_place[place])),
            Figure(f"columns/{place}/attributes", sum(1 for each in by_place[place] if each["attribute"])),
            Figure(f"columns/{place}/unknown", len(kept[place])),
            _first(kept[place]),
        )
        for place in ranked
    ]
    return Table(columns, rows[:_MOST_ROWS], len(rows), numbers=(1, 2, 3))


def unread_table(unread: Sequence[Mapping[str, Any]]) -> Table:
    """A row per column and reason, most values first."""
    columns = ("what", "file", "values", "because it is", "first in")
    rows: list[Sequence[Cell]] = [
        (
            name_attribute(each["attribute"]),
            (place := ", ".join(part for part in (each["file"], each.get("sheet")) if part)),
            Figure(f"unread/{place}/{each['attribute']}/{each['code']}", each["count"]),
            in_words(each["code"]),
            f"row {each['first_row']}",
        )
        for each in unread
    ]
    return Table(columns, rows[:_MOST_ROWS], len(rows), numbers=(2,))


def _first(names: Sequence[str]) -> str:
    more = len(names) - _MOST_COLUMNS
    return ", ".join(names[:_MOST_COLUMNS]) + (f" and {more} more" if more > 0 else "")
