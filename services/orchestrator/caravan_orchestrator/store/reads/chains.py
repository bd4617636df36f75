"""Handoffs, and the chain that a flow belongs to."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from caravan_orchestrator.store.reads._rows import rows
from caravan_orchestrator.store.tables.between import flow_handoffs
from caravan_orchestrator.store.tables.flow import migration_flows

_h, _f = flow_handoffs.c, migration_flows.c
_COLUMNS = (
    _h.id,
    _h.source_flow_id,
    _h.target_flow_id,
    _h.target_flow_type,
    _h.target_version,
    _h.status,
    _h.requested_by,
    _h.package,
    _h.rules,
    _h.digest,
    _h.error,
    _h.created_at,
    _h.ended_at,
)


async def list_handoffs(connection: AsyncConnection, source_ids: Collection[UUID]) -> list[dict[str, Any]]:
    """Those from these flows, the oldest first."""
    statement = select(*_COLUMNS).where(_h.source_flow_id.in_(source_ids)).order_by(_h.id)
    return [_shown(row) for row in await rows(connection, statement)]


async def flows_grown_from(connection: AsyncConnection, root: UUID) -> Sequence[UUID]:
    """The root and all flows below it; deleted ones are left out."""
    start = select(_f.id).where(_f.id == root).cte("grown", recursive=True)
    child = migration_flows.alias("child")
    below = select(child.c.id).join_from(start, child, child.c.parent_flow_id == start.c.id)
    grown = start.union(below)
    statement = select(_f.id).where(_f.id.in_(select(grown.c.id)), _f.deleted_at.is_(None)).order_by(_f.id)
    return [row["id"] for row in await rows(connection, statement)]


async def living_children(connection: AsyncConnection, flow_id: UUID) -> list[dict[str, Any]]:
    """id, flow_type, status of flows grown from it that a new handoff would go to."""
    gone = _f.status.in_(("cancelled", "rolled_back"))
    statement = select(_f.id, _f.flow_type, _f.status).where(
        _f.parent_flow_id == flow_id, _f.deleted_at.is_(None), ~gone
    )
    return await rows(connection, statement.order_by(_f.id))


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    package = row.pop("package")
    return {
        **row,
        "datasets": [_dataset(each) for each in package.get("datasets", ())],
        "summary": package.get("summary", {}),
    }


def _dataset(given: Mapping[str, Any]) -> dict[str, Any]:
    """Where the bytes lie is nobody's business outside."""
    manifest = given["manifest"]
    return {
        **{name: given[name] for name in ("flow_id", "flow_type", "phase", "dataset_id")},
        **{name: manifest[name] for name in ("name", "version", "rows")},
        "sha256": manifest["artifact"]["sha256"],
    }
