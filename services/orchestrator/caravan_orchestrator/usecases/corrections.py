"""Corrected mappings and resolved conflicts: decisions of their flow, and what they teach."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from caravan_common.artifacts import ArtifactStore
from caravan_common.contracts import DecisionKind, HumanDecision
from caravan_orchestrator.domain import corrections
from caravan_orchestrator.domain.corrections import Correction
from caravan_orchestrator.domain.decision import Decision
from caravan_orchestrator.domain.draft import Draft
from caravan_orchestrator.domain.errors import Refused
from caravan_orchestrator.store.database import SqlTransaction
from caravan_orchestrator.store.tables.data import datasets
from caravan_orchestrator.store.tables.flow import questions
from caravan_orchestrator.usecases.changes import Guard, change_flow, locked_flow
from caravan_orchestrator.usecases.learning import CUSTOM, MAPPING, Taught, header_of, learn

_q = questions.c


async def correct_mappings(
    transaction: SqlTransaction,
    store: ArtifactStore,
    flow_id: UUID,
    wanted: Sequence[Correction],
    *,
    reason: str,
    actor: str,
    teaches: bool,
    guard: Guard[list[HumanDecision]],
) -> list[HumanDecision]:
    """`value` of each: {"attribute": name or null, "unit"?}. An open question about a column is answered by it.

    Raises DoesNotExist, Refused, ArtifactStoreUnavailable.
    """
    flow = await locked_flow(transaction, flow_id)
    definition = await transaction.definition(flow.flow_type, flow.definition_version)
    phase = corrections.phase_taking(definition, DecisionKind.MAPPING)
    asked = await _open_questions(transaction, flow_id, phase, [each.subject for each in wanted])
    settled = sum(question["blocking"] for question in asked)

    def order(draft: Draft) -> list[HumanDecision]:
        return corrections.correct_mappings(draft, wanted, settled=settled, actor=actor, reason=reason)

    decision, made = await change_flow(transaction, flow_id, guard(order))
    row_of = {human.subject: id_ for id_, human in decision.decisions}
    values = {human.subject: human.value for human in made}
    for question in asked:
        await transaction.connection.execute(
            update(questions)
            .where(_q.id == question["id"])
            .values(
                status="answered",
                answer=values[question["subject"]]["attribute"] or "none",
                answered_at=transaction.now,
                decision_id=row_of[question["subject"]],
            )
        )
    if teaches:
        taught = [taught_by(human.subject, human.value["attribute"], row_of[human.subject]) for human in made]
        await learn(transaction, store, [each for each in taught if each is not None], actor)
    return made


async def _open_questions(
    transaction: SqlTransaction, flow_id: UUID, phase: str, subjects: Sequence[str]
) -> list[Mapping[str, Any]]:
    """Read under the flow's lock: nobody else answers them meanwhile."""
    statement = select(_q.id, _q.subject, _q.blocking).where(
        _q.flow_id == flow_id, _q.phase == phase, _q.status == "open", _q.subject.in_(subjects)
    )
    return [dict(row) for row in (await transaction.connection.execute(statement)).mappings()]


def taught_by(column_key: str, attribute: str | None, decision_id: UUID | None) -> Taught | None:
    """What the meaning of this column says of its header; null for a key that names none."""
    header = header_of(column_key)
    return None if header is None else Taught(MAPPING, header, attribute or CUSTOM, decision_id)


async def learn_from_answer(
    transaction: SqlTransaction,
    store: ArtifactStore,
    question: Mapping[str, Any],
    answered: tuple[Decision, HumanDecision],
    actor: str,
) -> None:
    """An answer about a column teaches as a corrected mapping does. Raises ArtifactStoreUnavailable."""
    decision, made = answered
    flow = decision.flow
    definition = await transaction.definition(flow.flow_type, flow.definition_version)
    if DecisionKind.MAPPING not in definition.phase(made.phase).decision_kinds:
        return
    attribute = None if made.value in ("none", CUSTOM) else str(made.value)
    taught = taught_by(question["subject"], attribute, decision.row_of(made))
    if taught is not None:
        await learn(transaction, store, [taught], actor)


async def resolve_conflict(
    transaction: SqlTransaction,
    entity: Mapping[str, Any],
    *,
    value: str | None,
    source: str | None,
    reason: str | None,
    actor: str,
    guard: Guard[HumanDecision],
) -> HumanDecision:
    """`entity` is the conflict's index row; `value` is one found, or else `source` one of those it was found in.

    Raises Refused, DoesNotExist.
    """
    data = entity["data"]
    values = _known(data.get("winner"), data.get("losers"))
    sources = _known(data.get("winner_source"), data.get("loser_sources")) if values else []
    chosen: Any = value
    if source is not None:
        chosen = {"source": source}
        _check_offered(source, sources, "/source")
    else:
        _check_offered(value, values, "/value")
    statement = select(datasets.c.phase).where(datasets.c.id == entity["dataset_id"])
    phase = (await transaction.connection.execute(statement)).scalar_one()
    correction = Correction(entity["natural_key"], chosen, data.get("winner"))

    def order(draft: Draft) -> HumanDecision:
        return corrections.resolve_conflict(draft, correction, phase=phase, actor=actor, reason=reason)

    _, made = await change_flow(transaction, entity["flow_id"], guard(order))
    return made


def _known(winner: str | None, losers: Sequence[str] | None) -> list[str]:
    return [each for each in dict.fromkeys((winner, *(losers or ()))) if each is not None]


def _check_offered(wanted: str | None, offered: Sequence[str], pointer: str) -> None:
    if wanted not in offered:
        shown = ", ".join(offered) or "none; its rows agree in all that is compared"
        raise Refused("unknown_option", f"Choose one of: {shown}.", status=422, pointer=pointer)
