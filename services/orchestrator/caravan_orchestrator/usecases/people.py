"""What people decide over the gateway: answers, approvals, overrides. Each is a numbered decision of its flow."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.sql import func

from caravan_common.artifacts import ArtifactStore
from caravan_common.contracts import DecisionKind, HumanDecision
from caravan_orchestrator.domain import people
from caravan_orchestrator.domain.decision import Decision
from caravan_orchestrator.domain.draft import Draft
from caravan_orchestrator.domain.errors import DoesNotExist, Refused
from caravan_orchestrator.domain.phases import start_phase
from caravan_orchestrator.domain.states import FlowStatus
from caravan_orchestrator.domain.units import release_units
from caravan_orchestrator.store.database import SqlTransaction
from caravan_orchestrator.store.fold import DROP_COUNTS, LOCK_COUNTS
from caravan_orchestrator.store.reads.flow_parts import get_approval, get_question
from caravan_orchestrator.store.tables.assets import assets
from caravan_orchestrator.store.tables.flow import approvals, questions
from caravan_orchestrator.usecases.changes import change_flow, locked_flow
from caravan_orchestrator.usecases.corrections import learn_from_answer

Order = Callable[[Draft], HumanDecision]
# Lets the gateway put its own checks (engagement, If-Match) before an order.
Guard = Callable[[Order], Order]


async def answer_question(
    transaction: SqlTransaction,
    id_: UUID,
    *,
    option: str,
    reason: str | None,
    actor: str,
    guard: Guard,
    teaches: ArtifactStore | None = None,
) -> HumanDecision:
    """An answer given earlier, or a recommendation that stood, may be changed. With `teaches`, it is learned there.

    Raises DoesNotExist, Refused, ArtifactStoreUnavailable.
    """
    question = await _locked(transaction, id_, get_question, "question")
    if question["status"] == "withdrawn":
        raise Refused("question_closed", "The phase has run again since; the question is no longer asked.")
    known = [known["id"] for known in question["options"]]
    if option not in known:
        raise Refused("unknown_option", f"Choose one of: {', '.join(known)}.", status=422, pointer="/option")

    def order(draft: Draft) -> HumanDecision:
        return people.answer_question(
            draft,
            phase=question["phase"],
            key=question["key"],
            blocking=question["blocking"] and question["status"] == "open",
            option=option,
            old=question["answer"] or question["recommendation"],
            actor=actor,
            reason=reason,
        )

    decision, made = await change_flow(transaction, question["flow_id"], guard(order))
    await transaction.connection.execute(
        update(questions)
        .where(questions.c.id == id_)
        .values(
            status="answered", answer=option, answered_at=transaction.now, decision_id=_row_of(decision, made)
        )
    )
    if teaches is not None:
        await learn_from_answer(transaction, teaches, question, (decision, made), actor)
    return made


async def decide_approval(
    transaction: SqlTransaction, id_: UUID, *, approved: bool, comment: str | None, actor: str, guard: Guard
) -> HumanDecision:
    """Four eyes: never by the one who asked. Raises DoesNotExist, Refused."""
    approval = await _locked(transaction, id_, get_approval, "approval")
    if approval["status"] != "open":
        raise Refused("approval_closed", f"The approval is already {approval['status']}.")
    if approval["requested_by"] == actor:
        raise Refused("own_request", "Somebody else must decide what you requested yourself.", status=403)
    status = "approved" if approved else "rejected"

    def order(draft: Draft) -> HumanDecision:
        made = people.record_decision(
            draft,
            kind=DecisionKind.APPROVAL,
            phase=approval["phase"],
            subject=approval["subject"],
            value=status,
            old=None,
            actor=actor,
            reason=comment,
        )
        if approved and people.is_waited_for(draft, approval["phase"], "approval"):
            start_phase(draft, approval["phase"])
        elif approved and draft.flow.status is FlowStatus.ACTIVE:
            release_units(draft, approval["phase"])
        return made

    _, made = await change_flow(transaction, approval["flow_id"], guard(order))
    await transaction.connection.execute(
        update(approvals)
        .where(approvals.c.id == id_)
        .values(status=status, decided_by=actor, comment=comment, decided_at=transaction.now)
    )
    return made


async def override_asset(
    transaction: SqlTransaction,
    asset: Mapping[str, Any],
    *,
    owner: tuple[UUID, str],
    values: Mapping[str, Any],
    reason: str,
    actor: str,
    guard: Guard,
) -> HumanDecision:
    """`owner` is the flow and phase whose rows the asset comes from. The fold that follows says the same; the table
    is changed here too, so that whoever asks next sees what they set."""

    def order(draft: Draft) -> HumanDecision:
        made = people.record_decision(
            draft,
            kind=DecisionKind.OVERRIDE,
            phase=owner[1],
            subject=asset["natural_key"],
            value={name: _plain(value) for name, value in values.items()},
            old={name: _plain(asset[name]) for name in values},
            actor=actor,
            reason=reason,
        )
        draft.follow_up("fold", draft.flow.estate_id)
        return made

    _, made = await change_flow(transaction, owner[0], guard(order))
    # Until the fold has counted anew, facets are counted when asked.
    for statement in (LOCK_COUNTS, DROP_COUNTS):
        await transaction.connection.exec_driver_sql(statement, (asset["estate_id"],))
    numbers = dict.fromkeys(values, made.number)
    await transaction.connection.execute(
        update(assets)
        .where(assets.c.id == asset["id"])
        .values(**values, overridden=assets.c.overridden.op("||")(numbers), updated_at=func.now())
    )
    return made


def _plain(value: Any) -> Any:
    """As JSON holds it: decisions are hashed and sent as JSON."""
    return value.isoformat() if isinstance(value, datetime) else value


async def _locked(
    transaction: SqlTransaction, id_: UUID, get: Callable[..., Any], what: str
) -> dict[str, Any]:
    """Reads it again under its flow's lock: of two who decide at once the second sees the first."""
    engagement = transaction.tenant.engagement_id
    found = await get(transaction.connection, engagement, id_)
    if found is None:
        raise DoesNotExist(what)
    await locked_flow(transaction, found["flow_id"])
    again: dict[str, Any] = await get(transaction.connection, engagement, id_)
    return again


def _row_of(decision: Decision, made: HumanDecision) -> UUID:
    return next(id_ for id_, human in decision.decisions if human is made)
