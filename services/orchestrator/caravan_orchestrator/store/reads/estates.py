"""The estates of an engagement: each discovery has its own, and one of them is current."""

from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, bindparam, false, func, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from caravan_orchestrator.store.reads._made import Made
from caravan_orchestrator.store.tables.assets import asset_counts, assets
from caravan_orchestrator.store.tables.flow import migration_flows
from caravan_orchestrator.store.tables.identity import engagements

_f, _a, _c = migration_flows.c, assets.c, asset_counts.c
_ENGAGEMENT = bindparam("engagement", type_=Uuid())
# Each next estate is one step down the index of the list: few have assets, and each may have a million.
_ids = select(_a.estate_id).where(_a.engagement_id == _ENGAGEMENT).order_by(_a.estate_id).limit(1)
_found = select(_ids.subquery().c.estate_id).cte("with_assets", recursive=True)
_next = (
    select(_a.estate_id)
    .where(_a.engagement_id == _ENGAGEMENT, _a.estate_id > _found.c.estate_id)
    .order_by(_a.estate_id)
    .limit(1)
    .scalar_subquery()
)
_WITH_ASSETS = _found.union_all(select(_next).where(_found.c.estate_id.is_not(None)))
_CHOSEN = (
    select(_f.id)
    .join(engagements, engagements.c.current_estate_id == _f.id)
    .where(engagements.c.id == _ENGAGEMENT, _f.deleted_at.is_(None))
    .scalar_subquery()
)
_FIRST = (
    select(_f.id)
    .join(_WITH_ASSETS, _WITH_ASSETS.c.estate_id == _f.id)
    .where(_f.engagement_id == _ENGAGEMENT, _f.deleted_at.is_(None))
    .order_by(_f.id)
    .limit(1)
    .scalar_subquery()
)
_WHICH = select(func.coalesce(_CHOSEN, _FIRST).label("id"))
_CURRENT = Made(_WHICH)
_current = _WHICH.subquery("current")
# As the fold has counted; counted now where it keeps no counts.
_KEPT = (
    select(func.sum(_c.count))
    .where(_c.engagement_id == _ENGAGEMENT, _c.estate_id == _f.id, _c.facet == "")
    .scalar_subquery()
)
_COUNTED = (
    select(func.count()).where(_a.engagement_id == _ENGAGEMENT, _a.estate_id == _f.id).scalar_subquery()
)
_ALL = Made(
    select(
        _f.id.label("flow_id"),
        _f.name,
        _f.flow_type,
        _f.status,
        _f.created_at,
        func.coalesce(_KEPT, _COUNTED).label("assets"),
        func.coalesce(_f.id == _current.c.id, false()).label("current"),
    )
    .join(_current, true())
    .join(_WITH_ASSETS, _WITH_ASSETS.c.estate_id == _f.id)
    .where(_f.engagement_id == _ENGAGEMENT, _f.deleted_at.is_(None))
    .order_by(_f.id)
)


async def current_estate(connection: AsyncConnection, engagement: UUID) -> UUID | None:
    """The one made current, while its flow was not deleted; else the first root flow that has assets."""
    found: UUID | None = await _CURRENT.value(connection, engagement=engagement)
    return found


async def list_estates(connection: AsyncConnection, engagement: UUID) -> list[dict[str, Any]]:
    """Root flows that have assets, the oldest first, with their number of assets and which is current."""
    found = await _ALL.rows(connection, engagement=engagement)
    return [{**row, "assets": int(row["assets"])} for row in found]
