"""Creating flows: by the newest announced definition, with what was given fixed for good."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from caravan_common.contracts import FlowDefinition, UploadRef, new_id
from caravan_orchestrator.domain.control import new_phases, start_flow
from caravan_orchestrator.domain.draft import Draft
from caravan_orchestrator.domain.errors import Refused
from caravan_orchestrator.domain.model import Flow
from caravan_orchestrator.domain.states import FlowStatus
from caravan_orchestrator.store.codec import FLOW_CHANGING, FLOW_FIXED, flow_row, phase_row, to_json
from caravan_orchestrator.store.database import SqlTransaction
from caravan_orchestrator.store.json_rows import insert_sql
from caravan_orchestrator.store.tables import flow as tables
from caravan_orchestrator.usecases.quotas import hold_flows_running

ALIASES = {"assess": "assessment", "plan": "planning", "execute": "execution"}
_TENANT = ("client_account_id", "engagement_id")
_INSERT_FLOW = insert_sql(tables.migration_flows, (*_TENANT, *FLOW_FIXED, *FLOW_CHANGING), "$1::jsonb")
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
_INSERT_PHASES = insert_sql(tables.flow_phases, _PHASE, "$1::jsonb")


@dataclass(frozen=True)
class NewFlow:
    """What a client asks for. `configuration` gains `as_of`, so that a re-run sees the same day."""

    flow_type: str
    name: str
    description: str | None = None
    configuration: Mapping[str, Any] = field(default_factory=dict)
    uploads: Sequence[UploadRef] = ()
    auto_advance: bool = True
    auto_accept: bool = False
    start: bool = True


async def newest_definition(transaction: SqlTransaction, flow_type: str) -> FlowDefinition:
    """Raises Refused when no service has announced the flow type."""
    name = ALIASES.get(flow_type, flow_type)
    rows = (
        await transaction.connection.exec_driver_sql(
            "select version from flow_types where flow_type = $1"
            " order by string_to_array(version, '.')::int[] desc limit 1",
            (name,),
        )
    ).all()
    if not rows:
        raise Refused(
            "unknown_flow_type",
            f"No service has announced the flow type {name!r}; see GET /flow-types.",
            status=422,
            pointer="/flow_type",
        )
    return await transaction.definition(name, rows[0][0])


async def create_flow(transaction: SqlTransaction, new: NewFlow, actor: str) -> Flow:
    """Inserts the flow and starts its first phase, in this transaction. Raises Refused."""
    definition = await newest_definition(transaction, new.flow_type)
    id_ = new_id()
    configuration = {
        **transaction.flow_defaults,
        "as_of": transaction.now.date().isoformat(),
        **new.configuration,
    }
    flow = Flow(
        id=id_,
        tenant=transaction.tenant,
        flow_type=definition.flow_type,
        definition_version=definition.version,
        name=new.name,
        status=FlowStatus.DRAFT,
        estate_id=id_,
        configuration=configuration,
        uploads=tuple(new.uploads),
        auto_advance=new.auto_advance,
        auto_accept=new.auto_accept,
        phases=new_phases(definition),
    )
    await _insert(transaction, flow, new.description, actor)
    flow = (await transaction.with_quota([flow]))[id_]
    draft = Draft(flow, definition, transaction.now)
    if new.start:
        start_flow(draft, actor)
    decision = draft.decision()
    await transaction.write([decision])
    if new.start:
        await hold_flows_running(transaction)
    return decision.flow


async def _insert(transaction: SqlTransaction, flow: Flow, description: str | None, actor: str) -> None:
    tenant = transaction.tenant.model_dump()
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
        "source_flow_type": None,
        "estate_id": flow.estate_id,
        "created_by": actor,
    }
    await transaction.connection.exec_driver_sql(_INSERT_FLOW, (to_json([row]),))
    phases = [{**phase_row(phase), **tenant, "flow_id": flow.id} for phase in flow.phases]
    await transaction.connection.exec_driver_sql(_INSERT_PHASES, (to_json(phases),))
