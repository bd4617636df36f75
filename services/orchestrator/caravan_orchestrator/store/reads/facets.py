"""Assets counted by value. The fold keeps the counts of an estate; what was found by words is counted when asked."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Text,
    Uuid,
    any_,
    bindparam,
    case,
    cast,
    exists,
    func,
    literal,
    null,
    select,
    text,
    tuple_,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from caravan_orchestrator.store.reads._made import Made
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
_OF_ESTATE = (
    _c.engagement_id == bindparam("engagement", type_=Uuid()),
    _c.estate_id == bindparam("estate", type_=Uuid()),
)
_OF_ASSETS = [case((_c.facet == "", _c[name])) for name in FILTERED_BY]


def _any_of(name: str, type_: Any) -> ColumnElement[bool]:
    """All, where nothing is given."""
    given = bindparam(name, type_=ARRAY(type_))
    return given.is_(None) | (_c[name] == any_(given))


_TARGET = bindparam("is_target", type_=Boolean())
_FIT = (
    select(
        _c.facet,
        _c.value,
        *(column.label(name) for column, name in zip(_OF_ASSETS, FILTERED_BY, strict=True)),
        cast(func.sum(_c.count), BigInteger).label("count"),
    )
    .where(*_OF_ESTATE, _any_of("asset_type", Text), _any_of("environment", Text))
    .where(_TARGET.is_(None) | (_c.is_target == _TARGET))
    .group_by(_c.facet, _c.value, *_OF_ASSETS)
)
# A row without a facet: there are counts, whether or not any of them fit. A second statement would see what was
# committed since the first: counts that a fold has just made, of which the first saw none.
_ANY = select(null(), null(), *(null() for _ in FILTERED_BY), literal(0)).where(exists().where(*_OF_ESTATE))
_KEPT = Made(union_all(_FIT, _ANY))


async def kept_facets(
    connection: AsyncConnection,
    engagement: UUID,
    estate: UUID,
    texts: Mapping[str, Sequence[str]] = MappingProxyType({}),
    is_target: bool | None = None,
) -> Counts | None:
    """Out of the counts that the fold keeps; None where there are none. `texts`: values by attribute."""
    found = await _KEPT.rows(
        connection,
        engagement=engagement,
        estate=estate,
        asset_type=texts.get("asset_type") or None,
        environment=texts.get("environment") or None,
        is_target=is_target,
    )
    if not found:
        return None
    fit = [row for row in found if row["facet"] is not None]
    if fit and not {row["facet"] for row in fit}.issuperset(COUNTED_BY):
        return None  # by a version that counted less
    counted: dict[str, Counter[Any]] = {name: Counter() for name in FACETS}
    for row in fit:
        if row["facet"]:
            counted[row["facet"]][row["value"]] += row["count"]
            continue
        for name in FILTERED_BY:
            counted[name][row[name]] += row["count"]
    return {name: most((value, count) for value, count in values.items()) for name, values in counted.items()}


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
    return {name: most(values.items()) for name, values in found.items()}


def most(values: Iterable[tuple[Any, int]]) -> list[dict[str, Any]]:
    """Value and count, the most frequent first, at most 200."""
    ordered = sorted(values, key=lambda each: (-each[1], str(each[0])))[:_MOST_VALUES]
    return [{"value": value, "count": count} for value, count in ordered]
