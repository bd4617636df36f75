"""Three things worth looking at in what a chain found: one row each, in words, with where to look next."""

from collections.abc import Callable, Iterator, Mapping
from itertools import chain, zip_longest
from typing import Any

import polars as pl

from caravan.output import in_numbers, place_in_words

Frames = Mapping[str, pl.DataFrame]
MOST = 3
# Contradictions about these change what a target costs.
_SIZES = ("memory_gb", "cpu_cores", "storage_gb", "operating_system")


def find_hints(frames: Frames) -> list[str]:
    """One of each flow that ran, then more. Frames by export name, each optional."""
    found = [[hint for finder in finders if (hint := next(finder(frames), None))] for finders in _FINDERS]
    in_turn = chain.from_iterable(zip_longest(*found))
    return [hint for hint in in_turn if hint is not None][:MOST]


def _unsupported(frames: Frames) -> Iterator[str]:
    rows = _rows(frames, "tech_debt", pl.col("status") == "unsupported", pl.col("eol_date").is_not_null())
    for row in _sorted(rows, "score", "eol_date", "natural_key"):
        product = f"{row['product']} {row['version'] or ''}".strip()
        yield f"{row['asset_name']} runs {product}, out of support since {row['eol_date']}; see tech_debt."


def _contradiction(frames: Frames) -> Iterator[str]:
    between = _file("winner_row") != _file("loser_rows", first=True)
    for row in _rows(frames, "conflicts", pl.col("attribute").is_in(_SIZES), between).iter_rows(named=True):
        first = f"{row['attribute']} is {row['winner']} in {place_in_words(row['winner_row'])}"
        second = f"{row['losers'][0]} in {place_in_words(row['loser_rows'][0])}"
        name = _name(frames, row["asset_key"])
        yield f"{name}: {first} and {second}; the first stands ({row['reason']}), see conflicts."


def _unused_table(frames: Frames) -> Iterator[str]:
    for row in _rows(frames, "gaps", pl.col("kind") == "unused_sheet").iter_rows(named=True):
        yield f"{row['message']} See gaps."


def _unknown_reference(frames: Frames) -> Iterator[str]:
    for row in _rows(frames, "gaps", pl.col("suggestions").list.len() > 0).iter_rows(named=True):
        message = row["message"].rstrip(".")
        yield f"{message[:1].upper()}{message[1:]}; {row['suggestions'][0]} is meant, perhaps: see gaps."


def _lifeless(frames: Frames) -> Iterator[str]:
    rows = _rows(frames, "tech_debt", pl.col("status") == "zombie")
    if rows.height:
        names = ", ".join(rows["asset_name"].drop_nulls().head(3).to_list())
        machines = in_numbers(rows.height, "machine runs and does", "machines run and do")
        yield f"{machines} nothing ({names}): candidates for retirement, see tech_debt."


def _rejected(frames: Frames) -> Iterator[str]:
    for row in _rows(frames, "rejected_rows").iter_rows(named=True):
        yield f"{row['file']}, row {row['row_number']} was rejected: {row['message']} See rejected_rows."


def _fits_nowhere(frames: Frames) -> Iterator[str]:
    rows = _rows(frames, "waves", pl.col("state") == "unplaceable")
    if rows.height:
        names = _first_names(rows["name"])
        yield f"No wave takes {in_numbers(rows.height, 'unit')} ({names}); waves says what binds them."


def _against_the_rules(frames: Frames) -> Iterator[str]:
    otherwise = pl.col("treatment") != pl.col("recommended")
    rows = _rows(frames, "treatments", pl.col("decided_by") == "crew", otherwise)
    for row in _sorted(rows, "targets", "natural_key"):
        yield f"{row['name']}: the rules say {row['recommended']}, the crew {row['treatment']}; treatments says why."


def _late(frames: Frames) -> Iterator[str]:
    cutovers = _rows(frames, "tasks", pl.col("cutover"))
    late = _rows(frames, "tasks", pl.col("cutover"), pl.col("late_days") > 0)
    for row in _sorted(late, "late_days", "natural_key"):
        count = f"{late.height} of {in_numbers(cutovers.height, 'cutover')}"
        worst = f"{row['application_name']} by {in_numbers(row['late_days'], 'working day')}"
        yield f"{count} come after the end of their wave, {worst}; see tasks and resource_gaps."


def _needs_more(frames: Frames) -> Iterator[str]:
    rows = _rows(frames, "targets", pl.col("flags").list.contains("needs_more_than_allocated"))
    if rows.height:
        names = _first_names(rows["name"])
        yield f"Larger than today by what was observed: {in_numbers(rows.height, 'machine')} ({names}); see targets."


def _without_price(frames: Frames) -> Iterator[str]:
    moving = pl.col("way").is_in(["like_for_like", "right_sized", "managed"])
    rows = _rows(frames, "targets", moving, pl.col("price_per_month").is_null())
    if rows.height:
        names = _first_names(rows["name"])
        yield f"No price is known for {in_numbers(rows.height, 'machine')} ({names}): in no sum; targets says why."


# By flow, in the order of the chain; within one, what weighs most first.
_FINDERS: tuple[tuple[Callable[[Frames], Iterator[str]], ...], ...] = (
    (_unused_table, _unsupported, _contradiction, _unknown_reference, _lifeless, _rejected),
    (_fits_nowhere, _against_the_rules),
    (_late, _needs_more, _without_price),
)


def _first_names(names: pl.Series) -> str:
    shown = names.drop_nulls().head(3).to_list()
    return ", ".join(shown) + (", …" if names.len() > len(shown) else "")


def _rows(frames: Frames, name: str, *conditions: pl.Expr) -> pl.DataFrame:
    """Without columns when there is nothing."""
    frame = frames.get(name)
    return pl.DataFrame() if frame is None or frame.is_empty() else frame.filter(*conditions)


def _sorted(rows: pl.DataFrame, *columns: str) -> Iterator[dict[str, Any]]:
    """By the first column falling, by the others rising."""
    if rows.height:
        falling = [True, *(False for _ in columns[1:])]
        yield from rows.sort(columns, descending=falling, nulls_last=True).iter_rows(named=True)


def _file(column: str, *, first: bool = False) -> pl.Expr:
    place = pl.col(column).list.first() if first else pl.col(column)
    return place.str.split("#").list.first()


def _name(frames: Frames, key: str) -> str:
    rows = _rows(frames, "assets", pl.col("natural_key") == key)
    return str(rows["name"][0] or key) if rows.height else key
