"""Edits of a plan over the gateway: asked, accepted, discarded; and an earlier version restored."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import update

from caravan_common.contracts import HumanDecision
from caravan_orchestrator.domain import edits
from caravan_orchestrator.domain.draft import Draft
from caravan_orchestrator.domain.errors import DoesNotExist, Refused
from caravan_orchestrator.domain.model import Attempt
from caravan_orchestrator.store.database import SqlTransaction
from caravan_orchestrator.store.reads.plans import get_edit
from caravan_orchestrator.store.tables.edits import plan_edits
from caravan_orchestrator.usecases.changes import Guard, Order, Result, change_flow, locked_flow
from caravan_orchestrator.usecases.quotas import RUNNING, hold_flows_running

_e = plan_edits.c


async def ask_edit(
    transaction: SqlTransaction,
    plan: Mapping[str, Any],
    wanted: Sequence[Mapping[str, Any]],
    *,
    actor: str,
    guard: Guard[Attempt],
) -> UUID:
    """`plan` is its dataset. Answered later, by the service. Raises Refused, DoesNotExist."""

    def order(draft: Draft) -> Attempt:
        return edits.ask_edit(draft, plan=plan["id"], edits=wanted, actor=actor)

    _, attempt = await change_flow(transaction, plan["flow_id"], guard(order))
    return attempt.id


async def accept_edit(
    transaction: SqlTransaction,
    plan: UUID,
    id_: UUID,
    *,
    actor: str,
    reason: str | None,
    guard: Guard[HumanDecision],
) -> HumanDecision:
    """Once: of two who settle it at once the second is refused. Raises Refused, DoesNotExist."""
    edit = await _locked(transaction, plan, id_)
    if edit["status"] != "answered":
        words = {"checking": "It is not answered yet.", "failed": "It could not be evaluated."}
        detail = words.get(edit["status"], f"It is {edit['status']} already.")
        raise Refused("edit_not_open", detail)

    def order(draft: Draft) -> HumanDecision:
        return edits.accept_edit(
            draft,
            edit_id=id_,
            plan=plan,
            edits=edit["edits"],
            result=edit["result"] or {},
            actor=actor,
            reason=reason,
        )

    made = await _on_flow(transaction, edit["flow_id"], guard(order))
    await _settle(transaction, id_, "accepted", actor, decision=made.number)
    return made


async def discard_edit(
    transaction: SqlTransaction, plan: UUID, id_: UUID, *, actor: str, guard: Guard[None]
) -> None:
    """Also one that is still evaluated. Discarded already, nothing happens. Raises Refused, DoesNotExist."""
    edit = await _locked(transaction, plan, id_)
    if edit["status"] == "discarded":
        return
    if edit["status"] == "accepted":
        raise Refused("edit_not_open", "It is accepted already; restore an earlier version instead.")

    def order(draft: Draft) -> None:
        edits.drop_edit(draft, edit_id=id_, actor=actor)

    await _on_flow(transaction, edit["flow_id"], guard(order))
    await _settle(transaction, id_, "discarded", actor)


async def restore_plan(
    transaction: SqlTransaction,
    plan: Mapping[str, Any],
    *,
    actor: str,
    reason: str | None,
    guard: Guard[HumanDecision],
) -> HumanDecision:
    """`plan` is the dataset of the version that is to be in force again. Raises Refused, DoesNotExist."""

    def order(draft: Draft) -> HumanDecision:
        return edits.restore_plan(
            draft, plan=plan["id"], made_by=plan["attempt_id"], actor=actor, reason=reason
        )

    return await _on_flow(transaction, plan["flow_id"], guard(order), attempts=[plan["attempt_id"]])


async def _on_flow(
    transaction: SqlTransaction,
    flow_id: UUID,
    order: Order[Result],
    attempts: Sequence[UUID] = (),
) -> Result:
    """A flow that goes on by it needs a place among those that run. Raises Refused, DoesNotExist."""
    decision, result = await change_flow(transaction, flow_id, order, attempts=attempts)
    if decision.before.status not in RUNNING and decision.flow.status in RUNNING:
        await hold_flows_running(transaction)
    return result


async def _locked(transaction: SqlTransaction, plan: UUID, id_: UUID) -> dict[str, Any]:
    """Read again under its flow's lock."""
    engagement = transaction.tenant.engagement_id
    found = await get_edit(transaction.connection, engagement, id_)
    if found is None or found["plan"] != plan:
        raise DoesNotExist("edit")
    await locked_flow(transaction, found["flow_id"])
    again = await get_edit(transaction.connection, engagement, id_)
    assert again is not None
    return again


async def _settle(
    transaction: SqlTransaction, id_: UUID, outcome: str, actor: str, decision: int | None = None
) -> None:
    values = {"outcome": outcome, "settled_by": actor, "settled_at": transaction.now, "decision": decision}
    await transaction.connection.execute(update(plan_edits).where(_e.id == id_).values(**values))
