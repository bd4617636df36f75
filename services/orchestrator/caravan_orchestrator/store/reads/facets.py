"""Assets counted by value. The fold keeps the counts of an estate; what was found by words is counted when asked."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, select, text, tuple_, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from caravan_orchestrator.store.reads._rows import rows
from caravan_orchestrator.store.tables.assets import COUNTED_BY, LONG, SHORT, asset_counts, assets

FILTERED_BY = ("asset_type", "environment", "is_target")
FACETS = (*FILTERED_BY, *COUNTED_BY)
Counts = dict[str, list[dict[str, Any]]]
_MOST_VALUES = 200
# A row is looked up once for each group: those of few values share one, and are added up afterwards.
_TOGETHER = (
    ("asset_type", "environment", "is_target", "not_target_reason"),
    ("business_criticality", "treatment"),
    ("operating_system",),
    ("location",),
    ("wave",),
    ("target_type",),
)
_a, _c = assets.c, asset_counts.c


async def kept_facets(
    connection: AsyncConnection, engagement: UUID, estate: UUID, conditions: Sequence[ColumnElement[bool]]
) -> Counts | None:
    """Out of the counts that the fold keeps; None where there are none. `conditions` are on `asset_counts`."""
    of_assets = [case((_c.facet == "", _c[name])) for name in FILTERED_BY]
    statement = (
        select(
            _c.facet,
            _c.value,
            *(column.label(name) for column, name in zip(of_assets, FILTERED_BY, strict=True)),
            func.sum(_c.count).label("count"),
        )
        .where(_c.engagement_id == engagement, _c.estate_id == estate, *conditions)
        .group_by(_c.facet, _c.value, *of_assets)
    )
    counted: dict[str, Counter[Any]] = {name: Counter() for name in FACETS}
    found = await rows(connection, statement)
    for row in found:
        if row["facet"]:
            counted[row["facet"]][row["value"]] += int(row["count"])
            continue
        for name in FILTERED_BY:
            counted[name][row[name]] += int(row["count"])
    if found and not {row["facet"] for row in found}.issuperset(COUNTED_BY):
        return None  # by a version that counted less
    if not found and not await _are_kept(connection, engagement, estate):
        return None
    return {
        name: _most((value, count) for value, count in values.items()) for name, values in counted.items()
    }


async def _are_kept(connection: AsyncConnection, engagement: UUID, estate: UUID) -> bool:
    statement = select(_c.facet).where(_c.engagement_id == engagement, _c.estate_id == estate).limit(1)
    return (await connection.execute(statement)).first() is not None


async def counted_facets(
    connection: AsyncConnection, engagement: UUID, estate: UUID, conditions: Sequence[ColumnElement[bool]]
) -> Counts:
    """One pass over the assets that fit the conditions, out of an index but for those with values too long for it."""
    columns = [_a[name] for name in FACETS]
    fit = select(*columns).where(_a.engagement_id == engagement, _a.estate_id == estate, *conditions)
    each = union_all(fit.where(text(SHORT)), fit.where(text(LONG))).subquery("each")
    counted = [each.c[name] for name in FACETS]
    grouping = func.grouping_sets(*(tuple_(*(each.c[name] for name in names)) for names in _TOGETHER))
    statement = select(*counted, func.grouping(*counted).label("left_out"), func.count().label("count"))
    found: dict[str, Counter[Any]] = {name: Counter() for name in FACETS}
    for row in await rows(connection, statement.group_by(grouping)):
        # grouping() has a bit per column, the first the highest; those that are 0 are grouped by.
        for place, name in enumerate(reversed(FACETS)):
            if not row["left_out"] >> place & 1:
                found[name][row[name]] += row["count"]
    return {name: _most(values.items()) for name, values in found.items()}


def _most(values: Iterable[tuple[Any, int]]) -> list[dict[str, Any]]:
    """Value and count, the most frequent first, at most 200."""
    ordered = sorted(values, key=lambda each: (-each[1], str(each[0])))[:_MOST_VALUES]
    return [{"value": value, "count": count} for value, count in ordered]
