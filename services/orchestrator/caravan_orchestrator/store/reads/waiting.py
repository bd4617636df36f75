"""What waits for a person, over engagements of one client: questions, approvals, flows that nobody but a person moves.

The oldest first. One statement for a page and one for the counts, however many flows there are. They are large, so each
is made once for all that ask alike: to make it anew took longer than to carry it out.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    ColumnElement,
    DateTime,
    Integer,
    Select,
    Text,
    Uuid,
    bindparam,
    cast,
    exists,
    func,
    literal,
    literal_column,
    null,
    select,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncConnection

from caravan_orchestrator.store.reads._rows import rows
from caravan_orchestrator.store.tables.between import flow_handoffs
from caravan_orchestrator.store.tables.flow import approvals, flow_phases, migration_flows, questions

KINDS = ("question", "approval", "failed", "rollback", "phase", "stale", "handoff")
QUESTION, APPROVAL, FAILED, ROLLBACK, PHASE, STALE, HANDOFF = KINDS
_OF_FLOWS = KINDS[2:6]
_f, _p, _q, _ap = migration_flows.c, flow_phases.c, questions.c, approvals.c
_h = flow_handoffs.c
# One for each number of engagements, and of what narrows it.
_STATEMENTS = 64


def _written(*words: str) -> tuple[ColumnElement[str], ...]:
    """Words of our own, in the statement itself: as arguments they would keep a plan that is made for any arguments
    from the indexes of what is open, or failed."""
    return tuple(literal_column(f"'{word}'", Text()) for word in words)


_OPEN, _FAILED, _COMPLETED = _written("open", "failed", "completed")
# A flow in one of these takes no decisions.
_DEAF = _written("cancelled", "rolling_back", "rolled_back")
# Stale phases of any other are run by what goes on there, or after it.
_REFRESHABLE = _written("completed", "waiting")
# Why a flow waits that goes on when a person executes its next phase, and not before.
_ORDERED = _written("execute", "rolled_back")


@dataclass(frozen=True)
class Wanted:
    """Of these engagements; each part that is not None, or not empty, narrows it."""

    engagements: Collection[UUID]
    kinds: Collection[str] = ()
    flow_id: UUID | None = None
    flow_type: str | None = None

    def asked(self) -> "_Asked":
        return _Asked(len(set(self.engagements)), self.flow_id is not None, self.flow_type is not None)

    def arguments(self) -> dict[str, Any]:
        given: dict[str, Any] = {
            f"engagement_{n}": each for n, each in enumerate(sorted(set(self.engagements)))
        }
        given |= {"flow_id": self.flow_id} if self.flow_id is not None else {}
        return given | ({"flow_type": self.flow_type} if self.flow_type is not None else {})


@dataclass(frozen=True)
class _Asked:
    """What a statement is made for; its arguments are those of Wanted."""

    engagements: int
    of_flow: bool
    of_type: bool

    def each_engagement(self) -> list[ColumnElement[UUID]]:
        return [bindparam(f"engagement_{n}", type_=Uuid()) for n in range(self.engagements)]

    def shown(self) -> list[ColumnElement[bool]]:
        """Conditions on the flow."""
        found: list[ColumnElement[bool]] = [
            _f.engagement_id.in_(self.each_engagement()),
            _f.deleted_at.is_(None),
        ]
        if self.of_flow:
            found.append(_f.id == bindparam("flow_id", type_=Uuid()))
        if self.of_type:
            found.append(_f.flow_type == bindparam("flow_type", type_=Text()))
        return found


async def list_waiting(
    connection: AsyncConnection, wanted: Wanted, *, last: tuple[datetime, UUID] | None = None, limit: int
) -> list[dict[str, Any]]:
    """kind, id (of question, approval or flow), engagement_id, flow_id, flow_name, flow_type, flow_status, phase,
    since, subject, text, options, recommendation, facts, blocking, requested_by, error; one more than `limit`."""
    statement = _page(wanted.asked(), tuple(wanted.kinds) or KINDS, later=last is not None)
    position = {} if last is None else {"last_since": last[0], "last_id": last[1]}
    return await rows(connection, statement, {**wanted.arguments(), **position, "rows": limit + 1})


@lru_cache(maxsize=_STATEMENTS)
def _page(asked: _Asked, kinds: tuple[str, ...], *, later: bool) -> Select[Any]:
    most = bindparam("rows", type_=Integer())
    last = tuple_(bindparam("last_since", type_=DateTime(timezone=True)), bindparam("last_id", type_=Uuid()))
    pages = []
    for kind in kinds:
        after = [tuple_(*_KEYS[kind]) > last] if later else []
        parts = (part.where(*after) for part in _by_engagement(kind, asked))
        pages += [select(part.order_by(*_KEYS[kind]).limit(most).subquery()) for part in parts]
    together = union_all(*pages).subquery()
    # A flow is of one kind at a time only, and a handoff has its own id: moment and id name an entry.
    return select(together).order_by(together.c.since, together.c.id).limit(most)


def _by_engagement(kind: str, asked: _Asked) -> list[Select[Any]]:
    """What is asked is in order in an index of each engagement, and only there: without naming it all is read."""
    part = _PARTS[kind]().where(*asked.shown())
    if kind not in _ASKED:
        return [part]
    return [part.where(_ASKED[kind].engagement_id == each) for each in asked.each_engagement()]


async def count_waiting(connection: AsyncConnection, wanted: Wanted) -> dict[str, int]:
    """By kind, 0 too, whatever kinds are wanted; `blocking` are those of the questions that hold up their flow."""
    row: Any = (await connection.execute(_counts(wanted.asked()), wanted.arguments())).one()
    return dict(zip((QUESTION, "blocking", APPROVAL, *_OF_FLOWS, HANDOFF), row, strict=True))


@lru_cache(maxsize=_STATEMENTS)
def _counts(wanted: _Asked) -> Select[Any]:
    shown = wanted.shown()
    asked = _count_asked(wanted).subquery()
    open_ = _requested(select(func.count())).where(*shown).scalar_subquery()
    flows = select(*(func.count().filter(_of_kind(kind)) for kind in _OF_FLOWS))
    counted = flows.where(*shown).subquery()
    refused = _not_handed_over(select(func.count())).where(*shown).scalar_subquery()
    return select(*asked.c, open_, *counted.c, refused).select_from(asked.join(counted, true()))


def _count_asked(wanted: _Asked) -> Select[Any]:
    """All open questions, and the blocking ones among them."""
    figures: Sequence[ColumnElement[Any]] = (func.count(), func.count().filter(_q.blocking))
    if wanted.of_flow or wanted.of_type:
        return _asked(select(*figures)).where(*wanted.shown())
    # Nearly all flows listen, so what the others ask is taken off: to look at the flow of each question costs most.
    unheard = (
        select(*figures)
        .join_from(migration_flows, questions, _f.id == _q.flow_id)
        .where(_f.engagement_id.in_(wanted.each_engagement()), _q.status == _OPEN)
        .where(_f.status.in_(_DEAF) | _f.deleted_at.is_not(None))
        .subquery()
    )
    everything = (
        select(*figures).where(_q.engagement_id.in_(wanted.each_engagement()), _q.status == _OPEN).subquery()
    )
    left = [everything.c[n] - unheard.c[n] for n in range(2)]
    return select(*(each.label(f"asked_{n}") for n, each in enumerate(left))).select_from(
        everything.join(unheard, true())
    )


def _of_kind(kind: str) -> ColumnElement[bool]:
    match kind:
        case "failed":
            return _f.status == _FAILED
        case "rollback":
            return (_f.status == "rolling_back") & (_f.reason == "operator")
        case "phase":
            return (_f.status == "waiting") & _f.reason.in_(_ORDERED)
        case _:
            ordered = func.coalesce(_f.reason, "").in_(_ORDERED)
            return _f.stale & ~_f.refreshing & _f.status.in_(_REFRESHABLE) & ~ordered


def _asked(statement: Select[Any]) -> Select[Any]:
    joined = statement.select_from(questions).join(migration_flows, _f.id == _q.flow_id)
    return joined.where(_q.status == _OPEN, _f.status.not_in(_DEAF))


def _requested(statement: Select[Any]) -> Select[Any]:
    joined = statement.select_from(approvals).join(migration_flows, _f.id == _ap.flow_id)
    return joined.where(_ap.status == _OPEN, _f.status.not_in(_DEAF))


def _not_handed_over(statement: Select[Any]) -> Select[Any]:
    """The last try only, and while the flow could be handed over again: each flow's own index leads to its handoffs."""
    later = flow_handoffs.alias("later").c
    again = exists().where(
        later.source_flow_id == _h.source_flow_id,
        later.target_flow_type == _h.target_flow_type,
        later.id > _h.id,
    )
    joined = statement.select_from(flow_handoffs).join(migration_flows, _f.id == _h.source_flow_id)
    return joined.where(_h.status == _FAILED, _f.status == _COMPLETED, ~again)


def _columns(kind: str, **given: ColumnElement[Any]) -> Sequence[ColumnElement[Any]]:
    """The same for every kind, so that they can be put together."""
    nothing = cast(null(), Text)
    missing: dict[str, ColumnElement[Any]] = {
        "options": cast(null(), JSONB),
        "recommendation": nothing,
        "facts": cast(null(), JSONB),
        "blocking": cast(null(), Boolean),
        "requested_by": nothing,
        "error": cast(null(), JSONB),
        "text": nothing,
        "subject": _f.name,
        "phase": _f.current_phase,
        "since": _f.updated_at,
        "id": _f.id,
    }
    shown = (missing | given).items()
    flow = (_f.engagement_id, _f.id.label("flow_id"), _f.name.label("flow_name"), _f.flow_type)
    return (
        literal(kind).label("kind"),
        *flow,
        _f.status.label("flow_status"),
        *(value.label(name) for name, value in shown),
    )


def _questions() -> Select[Any]:
    return _asked(
        select(
            *_columns(
                QUESTION,
                options=_q.options,
                recommendation=_q.recommendation,
                facts=_q.facts,
                blocking=_q.blocking,
                text=_q.text,
                subject=_q.subject,
                phase=_q.phase,
                since=_q.created_at,
                id=_q.id,
            )
        )
    )


def _approvals() -> Select[Any]:
    return _requested(
        select(
            *_columns(
                APPROVAL,
                requested_by=_ap.requested_by,
                subject=_ap.subject,
                phase=_ap.phase,
                since=_ap.created_at,
                id=_ap.id,
            )
        )
    )


def _handoffs() -> Select[Any]:
    return _not_handed_over(
        select(
            *_columns(
                HANDOFF,
                error=_h.error,
                subject=_h.target_flow_type,
                phase=cast(null(), Text),
                since=_h.ended_at,
                id=_h.id,
            )
        )
    )


def _failed() -> Select[Any]:
    error = select(_p.error).where(_p.flow_id == _f.id, _p.name == _f.current_phase).scalar_subquery()
    return select(*_columns(FAILED, error=error)).where(_of_kind(FAILED))


def _stopped() -> Select[Any]:
    return select(*_columns(ROLLBACK)).where(_of_kind(ROLLBACK))


def _ordered() -> Select[Any]:
    following = _first_phase(_p.status.not_in(_written("completed", "skipped")))
    return select(*_columns(PHASE, phase=following)).where(_of_kind(PHASE))


def _stale() -> Select[Any]:
    """`text`: the names of the phases."""
    names = func.string_agg(_p.name, aggregate_order_by(literal(", "), _p.position))
    listed = select(names).where(_p.flow_id == _f.id, _p.stale).scalar_subquery()
    return select(*_columns(STALE, phase=_first_phase(_p.stale), text=listed)).where(_of_kind(STALE))


def _first_phase(condition: ColumnElement[bool]) -> ColumnElement[Any]:
    found = select(_p.name).where(_p.flow_id == _f.id, condition).order_by(_p.position).limit(1)
    return found.scalar_subquery()


_PARTS = {
    QUESTION: _questions,
    APPROVAL: _approvals,
    FAILED: _failed,
    ROLLBACK: _stopped,
    PHASE: _ordered,
    STALE: _stale,
    HANDOFF: _handoffs,
}
# With what tells their engagement.
_ASKED = {QUESTION: _q, APPROVAL: _ap, HANDOFF: _h}
_KEYS = {
    QUESTION: (_q.created_at, _q.id),
    APPROVAL: (_ap.created_at, _ap.id),
    HANDOFF: (_h.ended_at, _h.id),
    **dict.fromkeys(_OF_FLOWS, (_f.updated_at, _f.id)),
}
