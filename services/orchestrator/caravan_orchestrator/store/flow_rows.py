"""Inserts the rows of a new flow: the master row and its phases."""

from sqlalchemy.ext.asyncio import AsyncConnection

from caravan_orchestrator.domain.model import Flow
from caravan_orchestrator.store import direct
from caravan_orchestrator.store.codec import FLOW_CHANGING, FLOW_FIXED, flow_row, phase_row, to_json
from caravan_orchestrator.store.json_rows import insert_sql
from caravan_orchestrator.store.tables import flow as tables

_TENANT = ("client_account_id", "engagement_id")
_PHASE = (
    *_TENANT,
    "flow_id",
    "name",
    "position",
    "status",
    "summary",
    "decided_by",
    "stale",
    "decisions_upto",
)
_FLOW = (*_TENANT, *FLOW_FIXED, *FLOW_CHANGING)
_INSERT = f"""
with flow as ({insert_sql(tables.migration_flows, _FLOW, "$1::jsonb->'flows'")})
{insert_sql(tables.flow_phases, _PHASE, "$1::jsonb->'phases'")}
"""
_CREATOR = "select created_by from migration_flows where id = $1"


async def insert_flow(
    connection: AsyncConnection,
    flow: Flow,
    created_by: str | None,
    *,
    description: str | None = None,
    source_flow_type: str | None = None,
) -> None:
    """As it stands before its first decision."""
    tenant = flow.tenant.model_dump()
    row = {
        **flow_row(flow),
        **tenant,
        "flow_type": flow.flow_type,
        "definition_version": flow.definition_version,
        "name": flow.name,
        "description": description,
        "configuration": flow.configuration,
        "uploads": [upload.model_dump(mode="json") for upload in flow.uploads],
        "parent_flow_id": flow.parent_flow_id,
        "source_flow_type": source_flow_type,
        "estate_id": flow.estate_id,
        "created_by": created_by,
    }
    phases = [{**phase_row(phase), **tenant, "flow_id": flow.id} for phase in flow.phases]
    await direct.run(connection, _INSERT, to_json({"flows": [row], "phases": phases}))


async def insert_child(
    connection: AsyncConnection, child: Flow, source_flow_type: str, created_by: str | None
) -> None:
    """Of a handoff. Four eyes hold along a chain: who made the root does not approve what grows out of it."""
    if created_by is None:
        row = (await connection.exec_driver_sql(_CREATOR, (child.parent_flow_id,))).first()
        created_by = None if row is None else row[0]
    await insert_flow(connection, child, created_by, source_flow_type=source_flow_type)
