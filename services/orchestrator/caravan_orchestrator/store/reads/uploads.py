"""Delivered files."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from caravan_orchestrator.store.reads._rows import rows
from caravan_orchestrator.store.tables.data import uploads


async def get_uploads(
    connection: AsyncConnection, engagement: UUID, ids: Collection[UUID]
) -> dict[UUID, dict[str, Any]]:
    """Those of the engagement; an unknown id is absent."""
    if not ids:
        return {}
    u = uploads.c
    columns = (u.id, u.name, u.artifact_key, u.sha256, u.bytes, u.media_type)
    statement = select(*columns).where(u.engagement_id == engagement, u.id.in_(ids))
    return {row["id"]: row for row in await rows(connection, statement)}
