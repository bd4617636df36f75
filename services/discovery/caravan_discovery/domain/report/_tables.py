"""The report's tables: few rows that say much; the exports have all of them."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from caravan_common.reporting import Cell, Figure, Table
from caravan_discovery.domain.inventory.gaps import MISSING, UNUSED_SHEET
from caravan_discovery.domain.places import PLACE, place_in_words
from caravan_discovery.domain.reading.notes import FORMULA_WITHOUT_VALUE
from caravan_discovery.domain.report._words import in_words, name_attribute

# What can be taken in at a glance.
MOST_ROWS = 12
MOST_EXAMPLES = 10
_MOST_PLACES = 4
# Behind a day that neither the vendor nor endoflife.date states.
WEAK = " (weak source)"
_MOST_ATTRIBUTES = 4


# Contradictions about these change what a later flow computes, in this order.
_WEIGHTY = {
    name: number
    for number, name in enumerate(
        ("operating_system", "environment", "business_criticality", "cpu_cores", "memory_gb", "storage_gb")
    )
}


@dataclass
class DeliveredFile:
    """One file over all its sheets. `why` counts rejected rows by reason, `ignored` are sheets with theirs."""

    name: str
    formats: list[str] = field(default_factory=list)
    rows: int = 0
    accepted: int = 0
    rejected: int = 0
    why: Counter[str] = field(default_factory=Counter)
    ignored: list[str] = field(default_factory=list)


def names_of(assets: pl.DataFrame) -> dict[str, str]:
    """Name by natural key."""
    if not {"natural_key", "name"} <= set(assets.columns):
        return {}
    return {key: name or key for key, name in assets.select("natural_key", "name").iter_rows()}


def files_of(imports: Sequence[Mapping[str, Any]], gaps: pl.DataFrame) -> list[DeliveredFile]:
    """In the order of their first entry. `gaps` names the tables of which nothing came."""
    unused = unused_sheets(gaps)
    files: dict[str, DeliveredFile] = {}
    for entry in imports:
        file = files.setdefault(entry["file"], DeliveredFile(entry["file"]))
        if entry.get("reason"):
            sheet = f"{entry['sheet']}: " if entry.get("sheet") else ""
            file.ignored.append(f"{sheet}{in_words(entry['reason'])}")
        elif entry["format"] not in file.formats:
            file.formats.append(entry["format"])
        place = ", ".join(part for part in (entry["file"], entry.get("sheet")) if part)
        if place in unused:
            sheet = f"{entry['sheet']}: " if entry.get("sheet") else ""
            file.ignored.append(f"{sheet}nothing came of its rows, as no column says what they are about")
        file.rows += entry["rows"]
        file.accepted += entry["accepted"]
        file.rejected += entry["rejected"]
        file.why.update(entry.get("reasons") or {})
    return list(files.values())


def unused_sheets(gaps: pl.DataFrame) -> list[str]:
    """Tables whose rows are in no asset: `file` or `file, sheet`."""
    if not {"kind", "subject"} <= set(gaps.columns):
        return []
    return gaps.filter(pl.col("kind") == UNUSED_SHEET)["subject"].sort().to_list()


def files_table(files: Sequence[DeliveredFile]) -> Table:
    """What was made of each file."""
    columns = ("file", "format", "rows", "accepted", "rejected", "left aside")
    rows: list[Sequence[Cell]] = [
        (
            file.name,
            ", ".join(map(in_words, file.formats)) or "not read",
            *(
                Figure(f"file/{file.name}/{name}", getattr(file, name))
                for name in ("rows", "accepted", "rejected")
            ),
            "; ".join(file.ignored),
        )
        for file in files
    ]
    return Table(columns, rows, len(rows), numbers=(2, 3, 4))


def formulas_table(imports: Sequence[Mapping[str, Any]]) -> Table:
    """Columns in which formulas without a stored result came in as blank."""
    columns = ("file", "column", "cells", "first cell")
    rows = [
        (
            f"{entry['file']}, {entry['sheet']}",
            note["column"] or "without a header",
            Figure(f"formulas/{entry['file']}/{entry['sheet']}/{note['cell']}", note["count"]),
            note["cell"],
        )
        for entry in imports
        for note in entry.get("notes") or ()
        if note["code"] == FORMULA_WITHOUT_VALUE
    ]
    return Table(columns, rows[:MOST_ROWS], len(rows), numbers=(2,))


def rejected_by_reason(rejected: pl.DataFrame) -> Table:
    """A row per reason with the places of the first rejected rows."""
    columns = ("why", "rows", "where")
    if not {"code", "file", "sheet", "row_number"} <= set(rejected.columns):
        return Table(columns, [], 0)
    grouped = rejected.group_by("code").agg(count=pl.len(), places=PLACE.head(_MOST_PLACES))
    rows = [
        (in_words(code), Figure(f"rejected/{code}", count), _list_places(places, count))
        for code, count, places in grouped.sort("count", "code", descending=[True, False]).iter_rows()
    ]
    return Table(columns, rows, len(rows), numbers=(1,))


def conflicts_by_pair(conflicts: pl.DataFrame) -> Table:
    """A row per pair of files: whose value stands, and about what they disagree.

    A conflict between three files counts in two pairs; one inside a file is a pair of the file with itself.
    """
    columns = ("whose value stands", "against", "conflicts", "about", "because")
    if not {"attribute", "winner_row", "loser_rows", "reason"} <= set(conflicts.columns):
        return Table(columns, [], 0)
    pairs = (
        conflicts.with_row_index("at")
        .select("at", "attribute", "reason", taken=_file(pl.col("winner_row")), loser="loser_rows")
        .explode("loser")
        .with_columns(left=_file(pl.col("loser")))
        .unique(["at", "taken", "left"], maintain_order=True)
        .group_by("taken", "left", maintain_order=True)
        .agg(count=pl.len(), about="attribute", reasons="reason")
        .sort("count", "taken", "left", descending=[True, False, False])
    )
    rows = [
        (
            taken or "nobody",
            "itself" if left == taken else left or "nobody",
            Figure(f"conflicts/{taken}/{left}", count),
            _commonest(map(name_attribute, about)),
            _commonest(map(in_words, reasons)),
        )
        for taken, left, count, about, reasons in pairs.iter_rows()
    ]
    return Table(columns, rows[:MOST_ROWS], len(rows), numbers=(2,))


def conflicts_table(conflicts: pl.DataFrame, names: Mapping[str, str]) -> Table:
    """What was taken and what was not: first what changes size, cost or order, last rows that merely repeat."""
    columns = ("asset", "attribute", "taken", "not taken", "because")
    if not {"asset_key", "attribute", "winner", "winner_row", "losers", "loser_rows"} <= set(
        conflicts.columns
    ):
        return Table(columns, [], conflicts.height)
    weight = pl.col("attribute").replace_strict(_WEIGHTY, default=len(_WEIGHTY), return_dtype=pl.Int64)
    first = conflicts.sort(weight, pl.col("losers").list.len() == 0, "attribute", "natural_key").head(
        MOST_EXAMPLES
    )
    rows = [
        (
            names.get(row["asset_key"], row["asset_key"]),
            name_attribute(row["attribute"]),
            f"{_value(row['winner'])} ({place_in_words(row['winner_row'] or '')})",
            f"{', '.join(map(_value, row['losers']))} ({_list_places(row['loser_rows'][:2], len(row['loser_rows']))})",
            in_words(row["reason"]),
        )
        for row in first.iter_rows(named=True)
    ]
    return Table(columns, rows, conflicts.height)


def unresolved_table(gaps: pl.DataFrame, names: Mapping[str, str]) -> Table:
    """References and endpoints that no asset matches, with where they stand and what may be meant."""
    columns = ("reference", "rows", "where", "perhaps")
    if not {"kind", "subject", "message", "count", "places", "suggestions"} <= set(gaps.columns):
        return Table(columns, [], 0)
    found = gaps.filter(~pl.col("kind").is_in([MISSING, UNUSED_SHEET])).sort(
        "count", "natural_key", descending=[True, False]
    )
    rows = [
        (
            names.get(row["subject"], row["subject"]),
            Figure(f"gap/{row['natural_key']}", row["count"]),
            _list_places(row["places"][:_MOST_PLACES], row["count"]) if row["places"] else row["message"],
            ", ".join(names.get(each, each) for each in row["suggestions"] or ()),
        )
        for row in found.head(MOST_ROWS).iter_rows(named=True)
    ]
    return Table(columns, rows, found.height, numbers=(1,))


def debt_by_product(debt: pl.DataFrame) -> Table:
    """Products that are out of support or end within a year, the longest ended first, with their assets."""
    columns = ("product", "support ends", "assets", "for example")
    if not {"status", "product", "version", "eol_date", "asset_name"} <= set(debt.columns):
        return Table(columns, [], 0)
    ending = debt.filter(
        pl.col("status").is_in(["unsupported", "ending_12_months"]), pl.col("product").is_not_null()
    )
    told = pl.col("fact_weak").fill_null(False).any() if "fact_weak" in debt.columns else pl.lit(False)
    grouped = ending.group_by("product", "version", "eol_date").agg(
        count=pl.len(), names=pl.col("asset_name").drop_nulls().sort().head(3), weak=told
    )
    rows = [
        (
            name := f"{product} {version or ''}".strip(),
            f"{eol or 'ended'}{WEAK if weak else ''}",
            Figure(f"ending/{name}/{eol or ''}", count),
            ", ".join(names),
        )
        for product, version, eol, count, names, weak in grouped.sort(
            "eol_date", "product", "version", nulls_last=True
        ).iter_rows()
    ]
    return Table(columns, rows[:MOST_ROWS], len(rows), numbers=(2,), fixed=(1,))


def single_points_table(debt: pl.DataFrame) -> Table:
    """Machines without a stand-in, those that would hurt most first."""
    columns = ("machine", "needed by", "its loss cuts off")
    if not {"kind", "asset_key", "asset_name", "score", "dependents", "cut_off"} <= set(debt.columns):
        return Table(columns, [], 0)
    points = debt.filter(pl.col("kind") == "single_point_of_failure").sort(
        "score", "cut_off", "asset_key", descending=[True, True, False], nulls_last=True
    )
    rows = [
        (
            name or key,
            Figure(f"needed_by/{key}", dependents or 0),
            Figure(f"cut_off/{key}", cut_off or 0),
        )
        for key, name, dependents, cut_off in points.head(MOST_ROWS)
        .select("asset_key", "asset_name", "dependents", "cut_off")
        .iter_rows()
    ]
    return Table(columns, rows, points.height, numbers=(1, 2))


def _file(place: pl.Expr) -> pl.Expr:
    return place.str.replace(r"#[^#]*#[^#]*$", "")


def _commonest(words: Any) -> str:
    """`memory (GB) (9), operating system (4) and 2 more`."""
    counts = sorted(Counter(words).items(), key=lambda pair: (-pair[1], pair[0]))
    shown = [f"{word} ({count})" if len(counts) > 1 else word for word, count in counts[:_MOST_ATTRIBUTES]]
    more = len(counts) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def _list_places(places: Sequence[str], count: int) -> str:
    more = count - len(places)
    return "; ".join(map(place_in_words, places)) + (f" and {more} more" if more > 0 else "")


def _value(text: str | None) -> str:
    return "nothing" if text is None else re.sub(r"^(-?\d+)\.0$", r"\1", text)
