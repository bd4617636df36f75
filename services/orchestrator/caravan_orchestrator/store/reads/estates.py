"""The estates of an engagement: each discovery has its own, and one of them is current."""

from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, bindparam, func, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from caravan_orchestrator.store.reads._rows import rows
from caravan_orchestrator.store.tables.assets import assets
from caravan_orchestrator.store.tables.flow import migration_flows
from caravan_orchestrator.store.tables.identity import engagements

_f, _a = migration_flows.c, assets.c
_ENGAGEMENT = bindparam("engagement", type_=Uuid())
_CHOSEN = (
    select(_f.id)
    .join(engagements, engagements.c.current_estate_id == _f.id)
    .where(engagements.c.id == _ENGAGEMENT, _f.deleted_at.is_(None))
    .scalar_subquery()
)
_FIRST = (
    select(_f.id)
    .where(_f.engagement_id == _ENGAGEMENT, _f.deleted_at.is_(None))
    .where(select(literal(1)).where(_a.estate_id == _f.id).exists())
    .order_by(_f.id)
    .limit(1)
    .scalar_subquery()
)
# Made once: every look at assets begins with it.
_CURRENT = select(func.coalesce(_CHOSEN, _FIRST))


async def current_estate(connection: AsyncConnection, engagement: UUID) -> UUID | None:
    """The one made current, while its flow was not deleted; else the first root flow that has assets."""
    found: UUID | None = (await connection.execute(_CURRENT, {"engagement": engagement})).scalar()
    return found


async def list_estates(connection: AsyncConnection, engagement: UUID) -> list[dict[str, Any]]:
    """Root flows that have assets, the oldest first, with their number of assets and which is current."""
    current = await current_estate(connection, engagement)
    counted = (
        select(_a.estate_id, func.count().label("assets"))
        .where(_a.engagement_id == engagement)
        .group_by(_a.estate_id)
        .subquery()
    )
    columns = (_f.id.label("flow_id"), _f.name, _f.flow_type, _f.status, _f.created_at, counted.c.assets)
    statement = (
        select(*columns)
        .join(counted, counted.c.estate_id == _f.id)
        .where(_f.engagement_id == engagement, _f.deleted_at.is_(None))
        .order_by(_f.id)
    )
    return [{**row, "current": row["flow_id"] == current} for row in await rows(connection, statement)]
