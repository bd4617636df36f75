"""Creating flows: by the newest announced definition, with what was given fixed for good."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from caravan_common.contracts import FlowDefinition, UploadRef, new_id
from caravan_orchestrator.domain.control import new_phases, start_flow
from caravan_orchestrator.domain.draft import Draft
from caravan_orchestrator.domain.errors import Refused
from caravan_orchestrator.domain.handoffs import THROUGH
from caravan_orchestrator.domain.model import Flow
from caravan_orchestrator.domain.states import FlowStatus
from caravan_orchestrator.store.database import SqlTransaction
from caravan_orchestrator.store.flow_rows import insert_flow
from caravan_orchestrator.usecases.chains import ALIASES, check_through
from caravan_orchestrator.usecases.quotas import hold_flows_running


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
    through_pointer: str = "/configuration/through"


async def newest_definition(transaction: SqlTransaction, flow_type: str) -> FlowDefinition:
    """Raises Refused when no service has announced the flow type."""
    name = ALIASES.get(flow_type, flow_type)
    definition = await transaction.newest_definition(name)
    if definition is None:
        raise Refused(
            "unknown_flow_type",
            f"No service has announced the flow type {name!r}; see GET /flow-types.",
            status=422,
            pointer="/flow_type",
        )
    return definition


def _refuse_without_handoff(definition: FlowDefinition) -> None:
    """What another flow has to hand over can't be given with the request: its first phase would fail for want of it."""
    needed = [each.name for each in definition.handoff_inputs if not each.optional]
    if needed:
        raise Refused(
            "needs_handoff",
            f"A flow of type {definition.flow_type!r} begins with what another hands over ({', '.join(needed)}): start "
            "the whole chain with POST /chains and `through`, or hand a completed flow over with "
            "POST /flows/{id}/handoffs.",
            status=422,
            pointer="/flow_type",
        )


async def create_flow(transaction: SqlTransaction, new: NewFlow, actor: str) -> Flow:
    """Inserts the flow and starts its first phase, in this transaction. Raises Refused."""
    definition = await newest_definition(transaction, new.flow_type)
    id_ = new_id()
    configuration = {
        **transaction.flow_defaults,
        "as_of": transaction.now.date().isoformat(),
        **new.configuration,
    }
    if configuration.get(THROUGH) is not None:
        configuration[THROUGH] = await check_through(
            transaction, definition, configuration[THROUGH], new.through_pointer
        )
    _refuse_without_handoff(definition)
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
    await insert_flow(transaction.connection, flow, actor, description=new.description)
    quotas = await transaction.quotas()
    if "llm_tokens" in quotas:
        flow = (await transaction.with_quota([flow]))[id_]
    draft = Draft(flow, definition, transaction.now)
    if new.start:
        start_flow(draft, actor)
    decision = draft.decision()
    await transaction.write([decision])
    if new.start and "flows_running" in quotas:
        await hold_flows_running(transaction)
    return decision.flow
