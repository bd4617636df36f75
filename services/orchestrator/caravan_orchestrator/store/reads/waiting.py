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
    case,
    cast,
    exists,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncConnection

from caravan_orchestrator.store.reads._made import Made
from caravan_orchestrator.store.tables.between import flow_handoffs
from caravan_orchestrator.store.tables.flow import approvals, flow_phases, migration_flows, questions

KINDS = ("question", "approval", "failed", "rollback", "phase", "stale", "handoff")
QUESTION, APPROVAL, FAILED, ROLLBACK, PHASE, STALE, HANDOFF = KINDS
_OF_FLOWS = KINDS[2:6]
_f, _p, _q, _ap = migration_flows.c, flow_phases.c, questions.c, approvals.c
_h = flow_handoffs.c
_FIGURES: Sequence[ColumnElement[Any]] = (
    func.count().label(QUESTION),
    func.count().filter(_q.blocking).label("blocking"),
)
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
        return [*self.named(), _f.deleted_at.is_(None)]

    def named(self) -> list[ColumnElement[bool]]:
        """The same, but for whether it was deleted."""
        found: list[ColumnElement[bool]] = [_f.engagement_id.in_(self.each_engagement())]
        if self.of_flow:
            found.append(_f.id == bindparam("flow_id", type_=Uuid()))
        if self.of_type:
            found.append(_f.flow_type == bindparam("flow_type", type_=Text()))
        return found


@dataclass(frozen=True)
class Counted:
    """`waiting`: by kind, 0 too, whatever kinds are wanted; `blocking` are those of the questions that hold up their
    flow. `flows`: flow_type, status, flows, paused, stale, of all flows shown."""

    waiting: dict[str, int]
    flows: list[dict[str, Any]]

    def kinds(self, wanted: Collection[str] = ()) -> tuple[str, ...]:
        """Those of the wanted kinds (none: all) that something waits for, or one: no others need be looked for."""
        asked = [kind for kind in KINDS if kind in (wanted or KINDS)]
        return tuple(kind for kind in asked if self.waiting[kind]) or (asked[0],)


async def list_waiting(
    connection: AsyncConnection, wanted: Wanted, *, last: tuple[datetime, UUID] | None = None, limit: int
) -> list[dict[str, Any]]:
    """kind, id (of question, approval or flow), engagement_id, flow_id, flow_name, flow_type, flow_status, phase,
    since, subject, text, options, recommendation, facts, blocking, requested_by, error; one more than `limit`."""
    statement = _page(wanted.asked(), tuple(wanted.kinds) or KINDS, later=last is not None)
    position = {} if last is None else {"last_since": last[0], "last_id": last[1]}
    return await statement.rows(connection, **wanted.arguments(), **position, rows=limit + 1)


@lru_cache(maxsize=_STATEMENTS)
def _page(asked: _Asked, kinds: tuple[str, ...], *, later: bool) -> Made:
    most = bindparam("rows", type_=Integer())
    last = tuple_(bindparam("last_since", type_=DateTime(timezone=True)), bindparam("last_id", type_=Uuid()))
    pages = []
    for kind, part in _PARTS.items():
        if kind not in kinds:
            continue
        after = [tuple_(*_KEYS[kind]) > last] if later else []
        # What is asked is in order in an index of each engagement, and only there: without naming it all is read.
        pages += [
            part().where(*asked.shown(), _ASKED[kind].engagement_id == each, *after).order_by(*_KEYS[kind])
            for each in asked.each_engagement()
        ]
    if of_flows := [kind for kind in _OF_FLOWS if kind in kinds]:
        after = [tuple_(*_BY_FLOW) > last] if later else []
        pages.append(_flows(of_flows).where(*asked.shown(), *after).order_by(*_BY_FLOW))
    together = union_all(*(select(each.limit(most).subquery()) for each in pages)).subquery()
    # A flow is of one kind at a time only, and a handoff has its own id: moment and id name an entry.
    return Made(select(together).order_by(together.c.since, together.c.id).limit(most))


async def count_waiting(connection: AsyncConnection, wanted: Wanted) -> Counted:
    """One statement, which looks at each flow once."""
    statement = _counts(wanted.asked())
    row = await statement.one(connection, **wanted.arguments())
    assert row is not None
    flows: list[dict[str, Any]] = row.pop("flows")
    of_flows = {kind: sum(each.pop(f"waits_{kind}") for each in flows) for kind in _OF_FLOWS}
    return Counted({**row, **of_flows}, flows)


@lru_cache(maxsize=_STATEMENTS)
def _counts(wanted: _Asked) -> Made:
    shown = wanted.shown()
    asked = (_count_asked_of(wanted) if wanted.of_flow or wanted.of_type else _count_asked(wanted)).subquery()
    open_ = _requested(select(func.count())).where(*shown).scalar_subquery()
    refused = _not_handed_over(select(func.count())).where(*shown).scalar_subquery()
    by_status = (
        select(
            _f.flow_type,
            _f.status,
            func.count().label("flows"),
            func.count().filter(_f.paused_at.is_not(None)).label("paused"),
            func.count().filter(_f.stale).label("stale"),
            *(func.count().filter(_of_kind(kind)).label(f"waits_{kind}") for kind in _OF_FLOWS),
        )
        .where(*shown)
        .group_by(_f.flow_type, _f.status)
        .subquery("by_status")
    )
    ordered: Any = aggregate_order_by(literal_column("by_status"), by_status.c.flow_type, by_status.c.status)
    listed = select(func.json_agg(ordered)).select_from(by_status).scalar_subquery()
    none: Any = literal_column("'[]'::json")
    return Made(
        select(
            *asked.c,
            open_.label(APPROVAL),
            refused.label(HANDOFF),
            func.coalesce(listed, none).label("flows"),
        )
    )


def _count_asked(wanted: _Asked) -> Select[Any]:
    """All open questions, and the blocking ones among them. Nearly all flows listen, so what the others ask is taken
    off: to look at the flow of each question costs most."""
    unheard = (
        select(*_FIGURES)
        .join_from(migration_flows, questions, _f.id == _q.flow_id)
        .where(*wanted.named(), _q.status == _OPEN, _f.status.in_(_DEAF) | _f.deleted_at.is_not(None))
        .subquery()
    )
    everything = (
        select(*_FIGURES).where(_q.engagement_id.in_(wanted.each_engagement()), _q.status == _OPEN).subquery()
    )
    left = {name: everything.c[name] - unheard.c[name] for name in (QUESTION, "blocking")}
    return select(*(each.label(name) for name, each in left.items())).select_from(
        everything.join(unheard, true())
    )


def _count_asked_of(wanted: _Asked) -> Select[Any]:
    """As `_count_asked`, of few flows."""
    return _asked(select(*_FIGURES)).where(*wanted.shown())


def _of_kind(kind: str) -> ColumnElement[bool]:
    found: ColumnElement[bool]
    match kind:
        case "failed":
            found = _f.status == _FAILED
        case "rollback":
            found = (_f.status == "rolling_back") & (_f.reason == "operator")
        case "phase":
            found = (_f.status == "waiting") & _f.reason.in_(_ORDERED)
        case _:
            ordered = func.coalesce(_f.reason, "").in_(_ORDERED)
            found = _f.stale & ~_f.refreshing & _f.status.in_(_REFRESHABLE) & ~ordered
    return found


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


def _columns(kind: ColumnElement[str], **given: ColumnElement[Any]) -> Sequence[ColumnElement[Any]]:
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
        kind.label("kind"),
        *flow,
        _f.status.label("flow_status"),
        *(value.label(name) for name, value in shown),
    )


def _questions() -> Select[Any]:
    return _asked(
        select(
            *_columns(
                literal(QUESTION),
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
                literal(APPROVAL),
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
                literal(HANDOFF),
                error=_h.error,
                subject=_h.target_flow_type,
                phase=cast(null(), Text),
                since=_h.ended_at,
                id=_h.id,
            )
        )
    )


def _flows(kinds: Sequence[str]) -> Select[Any]:
    """Those that nobody but a person moves, of any of these kinds: each flow is looked at once. `text` of a stale one:
    the names of the phases."""
    of = {kind: _of_kind(kind) for kind in kinds}
    columns: dict[str, ColumnElement[Any]] = {}
    if FAILED in of:
        error = select(_p.error).where(_p.flow_id == _f.id, _p.name == _f.current_phase).scalar_subquery()
        columns["error"] = case((of[FAILED], error))
    phases = []
    if PHASE in of:
        phases.append((of[PHASE], _first_phase(_p.status.not_in(_written("completed", "skipped")))))
    if STALE in of:
        names = func.string_agg(_p.name, aggregate_order_by(literal(", "), _p.position))
        columns["text"] = case(
            (of[STALE], select(names).where(_p.flow_id == _f.id, _p.stale).scalar_subquery())
        )
        phases.append((of[STALE], _first_phase(_p.stale)))
    if phases:
        columns["phase"] = case(*phases, else_=_f.current_phase)
    *others, last = kinds
    kind = (
        case(*((of[each], literal(each)) for each in others), else_=literal(last))
        if others
        else literal(last)
    )
    return select(*_columns(kind, **columns)).where(or_(*of.values()))


def _first_phase(condition: ColumnElement[bool]) -> ColumnElement[Any]:
    found = select(_p.name).where(_p.flow_id == _f.id, condition).order_by(_p.position).limit(1)
    return found.scalar_subquery()


_PARTS = {QUESTION: _questions, APPROVAL: _approvals, HANDOFF: _handoffs}
# With what tells their engagement.
_ASKED = {QUESTION: _q, APPROVAL: _ap, HANDOFF: _h}
_KEYS = {
    QUESTION: (_q.created_at, _q.id),
    APPROVAL: (_ap.created_at, _ap.id),
    HANDOFF: (_h.ended_at, _h.id),
}
_BY_FLOW = (_f.updated_at, _f.id)
