"""What PostgreSQL holds, as values in memory: loaded as store.load does, written as store.write and additions do."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from caravan_common.contracts import HumanDecision, Tenant
from caravan_orchestrator.domain.decision import AuditOut, Decision, EventOut
from caravan_orchestrator.domain.model import (
    ActiveDataset,
    Attempt,
    Flow,
    HandedOver,
    Handoff,
    NewDataset,
    Origin,
    Phase,
    Rollback,
)
from caravan_orchestrator.domain.states import (
    OPEN_ATTEMPTS,
    AttemptKind,
    AttemptStatus,
    FlowStatus,
    HandoffStatus,
)
from caravan_orchestrator.store.dispatch import OutboxRow
from caravan_orchestrator.store.write import outbox_rows
from tests.simulation.kernel import Kernel

EPOCH = datetime(2030, 1, 1, tzinfo=UTC)
_PACKED: TypeAdapter[tuple[HandedOver, ...]] = TypeAdapter(tuple[HandedOver, ...])
_LOADED_HANDOFFS = (HandoffStatus.REQUESTED, HandoffStatus.BUILDING, HandoffStatus.ACCEPTED)
_ALWAYS_LOADED = (AttemptKind.UNIT, AttemptKind.COMPENSATE, AttemptKind.SELECTIVE)


@dataclass(slots=True)
class OutboxMessage:
    """A row of the outbox; `busy` is the transaction that holds its lock."""

    id: UUID
    client: UUID
    flow_id: UUID
    attempt_id: UUID | None
    epoch: int
    kind: str
    exchange: str
    routing_key: str
    type: str
    body: str
    claimed_until: float | None = None
    sent_at: float | None = None
    busy: object | None = None

    def as_claimed(self) -> OutboxRow:
        """What a relay is given of it."""
        return OutboxRow(
            self.id, self.flow_id, self.kind, self.exchange, self.routing_key, self.type, self.body, None
        )


@dataclass(slots=True)
class Due:
    """A row of running.due. `at` in seconds of virtual time; leases have `lease_at` on the lease clock instead."""

    kind: str
    id: UUID
    flow_id: UUID
    tenant: Tenant
    at: float | None
    generation: int = 0
    lease_at: float = 0.0
    lease_seconds: float = 0.0


@dataclass(slots=True)
class StoredQuestion:
    phase: str
    key: str
    blocking: bool
    status: str


@dataclass(slots=True)
class StoredEdit:
    """`answers`: how many were taken in."""

    plan: UUID
    edits: tuple[Any, ...]
    answers: int = 0
    outcome: str | None = None


@dataclass(slots=True)
class FlowRows:
    """Everything stored about one flow. `base` is its master row and phases."""

    base: Flow
    attempts: dict[UUID, Attempt] = field(default_factory=dict)
    datasets: dict[UUID, list[NewDataset]] = field(default_factory=dict)
    decisions: list[HumanDecision] = field(default_factory=list)
    withdrawn: dict[int, UUID] = field(default_factory=dict)
    questions: list[StoredQuestion] = field(default_factory=list)
    edits: dict[UUID, StoredEdit] = field(default_factory=dict)
    rollbacks: dict[UUID, Rollback] = field(default_factory=dict)
    handoffs: dict[UUID, Handoff] = field(default_factory=dict)
    events: list[EventOut] = field(default_factory=list)
    audits: list[AuditOut] = field(default_factory=list)


class Tables:
    """The committed state, and the statements on it. Each method is one statement."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        self.flows: dict[UUID, FlowRows] = {}
        self.outbox: dict[UUID, OutboxMessage] = {}
        self.due: dict[tuple[str, UUID], Due] = {}
        self.inbox: set[UUID] = set()
        self.origins: dict[UUID, Origin] = {}
        self.usage: set[tuple[UUID, int, UUID]] = set()
        self.parked: set[str] = set()
        self.lease_clock = 0.0
        self.ticked_at = 0.0
        self._wall = 0.0

    def time(self) -> datetime:
        return EPOCH + timedelta(seconds=self.kernel.now)

    def load(self, flow_id: UUID, named: Collection[UUID], everything: bool) -> Flow:
        """As store.load.LOAD: what is not in a column is not there."""
        rows = self.flows[flow_id]
        base = rows.base
        attempts = {
            id_: a
            for id_, a in rows.attempts.items()
            if everything
            or a.status in OPEN_ATTEMPTS
            or a.kind in _ALWAYS_LOADED
            or a.result is not None
            or id_ in named
        }
        datasets = tuple(
            ActiveDataset(d.id, d.phase, d.attempt_id, d.manifest)
            for phase in base.phases
            if phase.active_attempt_id is not None
            for d in sorted(rows.datasets.get(phase.active_attempt_id, ()), key=lambda d: d.manifest.name)
        )
        return replace(
            base,
            phases=tuple(self._phase(rows, phase) for phase in base.phases),
            attempts=attempts,
            datasets=datasets,
            decisions=tuple(d for d in rows.decisions if d.number not in rows.withdrawn),
            blocking=self._blocking(rows),
            rollback=self._rollback(rows),
            handoffs=tuple(
                replace(each, child_lives=self.lives(each.target_flow_id))
                for each in sorted(rows.handoffs.values(), key=lambda each: each.id)
                if each.status in _LOADED_HANDOFFS
            ),
            handed=self.handed(base),
            handoff_revoked=base.status is FlowStatus.ROLLED_BACK and self._was_revoked(base),
            superseded=base.status is FlowStatus.ROLLED_BACK and self._is_superseded(base),
        )

    def lives(self, flow_id: UUID | None) -> bool:
        """Neither cancelled nor rolled back nor deleted."""
        base = self.flows[flow_id].base if flow_id is not None else None
        dead = (FlowStatus.CANCELLED, FlowStatus.ROLLED_BACK)
        return base is not None and base.status not in dead and base.deleted_at is None

    def handed(self, flow: Flow) -> tuple[HandedOver, ...]:
        """The package of the newest handoff to it."""
        if flow.parent_flow_id is None:
            return ()
        given = [
            each
            for each in self.flows[flow.parent_flow_id].handoffs.values()
            if each.target_flow_id == flow.id and each.status is HandoffStatus.ACCEPTED
        ]
        if not given:
            return ()
        newest = max(given, key=lambda each: each.id)
        return _PACKED.validate_python(newest.package["datasets"])

    def _was_revoked(self, flow: Flow) -> bool:
        parent = self.flows.get(flow.parent_flow_id) if flow.parent_flow_id is not None else None
        given = parent.handoffs.values() if parent is not None else ()
        return any(h.target_flow_id == flow.id and h.status is HandoffStatus.REVOKED for h in given)

    def _is_superseded(self, flow: Flow) -> bool:
        parent = self.flows.get(flow.parent_flow_id) if flow.parent_flow_id is not None else None
        return parent is not None and any(
            each.status is HandoffStatus.ACCEPTED
            and each.target_flow_id != flow.id
            and each.target_flow_type == flow.flow_type
            and self.lives(each.target_flow_id)
            for each in parent.handoffs.values()
        )

    def children(self, flow_id: UUID) -> list[FlowRows]:
        return [rows for rows in self.flows.values() if rows.base.parent_flow_id == flow_id]

    def grown_from(self, flow_id: UUID) -> list[UUID]:
        """As store.load.GROWN_FROM: the flow itself, and all below it."""
        if flow_id not in self.flows:
            return []
        below = (id_ for child in self.children(flow_id) for id_ in self.grown_from(child.base.id))
        return [flow_id, *below]

    def flows_in_rollback(self, rollback_id: UUID) -> list[UUID]:
        return [
            id_
            for id_, rows in self.flows.items()
            if any(rollback.whole_id == rollback_id for rollback in rows.rollbacks.values())
        ]

    @staticmethod
    def _phase(rows: FlowRows, phase: Phase) -> Phase:
        """Only a stale phase comes with the inputs of the result it shows."""
        active = rows.attempts.get(phase.active_attempt_id) if phase.active_attempt_id is not None else None
        return replace(phase, inputs=active.inputs if active is not None and phase.stale else None)

    @staticmethod
    def _blocking(rows: FlowRows) -> dict[str, int]:
        blocking: dict[str, int] = {}
        if rows.base.reason == "questions":
            for question in rows.questions:
                if question.blocking and question.status == "open":
                    blocking[question.phase] = blocking.get(question.phase, 0) + 1
        return blocking

    @staticmethod
    def _rollback(rows: FlowRows) -> Rollback | None:
        if rows.base.status is not FlowStatus.ROLLING_BACK:
            return None
        under_way = [r for r in rows.rollbacks.values() if r.status not in ("completed", "failed")]
        return under_way[-1] if under_way else None

    def insert_flow(self, flow: Flow) -> None:
        self.flows[flow.id] = FlowRows(replace(flow, attempts={}, handed=()))

    def apply(self, decisions: Iterable[Decision]) -> list[OutboxMessage]:
        """store.write.CORE and store.additions, for each decision. Returns the new rows of the outbox."""
        outgoing: list[OutboxMessage] = []
        for decision in decisions:
            rows = self.flows[decision.flow.id]
            self._write_flow(rows, decision)
            outgoing += self._write_outbox(decision)
            self._write_due(decision)
            self._write_people(rows, decision)
            rows.events.extend(decision.events)
            rows.audits.extend(decision.audits)
            for dataset in decision.datasets:
                rows.datasets.setdefault(dataset.attempt_id, []).append(dataset)
            self.usage.update((u.attempt_id, u.epoch, u.run_id) for u in decision.usage)
        return outgoing

    def _write_flow(self, rows: FlowRows, decision: Decision) -> None:
        """Rows are compared by identity, as there; columns that have no place are lost, as there."""
        flow, before = decision.flow, decision.before
        if flow is not before:
            none: dict[str, Any] = {
                "attempts": {},
                "datasets": (),
                "decisions": (),
                "blocking": {},
                "rollback": None,
                "handoffs": (),
                "handed": (),
                "handoff_revoked": False,
                "superseded": False,
            }
            rows.base = replace(flow, configuration=rows.base.configuration, **none)
        for id_, attempt in flow.attempts.items():
            if before.attempts.get(id_) is not attempt:
                rows.attempts[id_] = attempt
                self.origins.setdefault(id_, Origin(flow.tenant, flow.id, flow.flow_type))
        known = {id(handoff) for handoff in before.handoffs}
        rows.handoffs |= {each.id: each for each in flow.handoffs if id(each) not in known}
        rollback = flow.rollback
        if rollback is not None and rollback is not before.rollback:
            rows.rollbacks[rollback.id] = rollback

    def _write_people(self, rows: FlowRows, decision: Decision) -> None:
        for phase, status in decision.close_questions:
            for question in rows.questions:
                if question.phase == phase and question.status == "open":
                    question.status = status
        for new in decision.questions:
            rows.questions.append(
                StoredQuestion(new.phase, new.question.key, new.question.blocking, new.status)
            )
        for edit in decision.edits:
            rows.edits[edit.id] = StoredEdit(edit.plan, edit.edits)
        for answered in decision.answered_edits:
            rows.edits[answered.id].answers += 1
        rows.decisions.extend(human for _, human in decision.decisions)
        if decision.withdraw_decisions:
            assert decision.flow.rollback is not None
            rows.withdrawn.update(dict.fromkeys(decision.withdraw_decisions, decision.flow.rollback.id))

    def _write_outbox(self, decision: Decision) -> list[OutboxMessage]:
        gone = {*decision.ended, *(c.attempt_id for c in decision.commands)}
        if gone:
            for row in [r for r in self.outbox.values() if r.attempt_id in gone]:
                del self.outbox[row.id]
        outgoing = [
            OutboxMessage(
                id=row["id"],
                client=row["client_account_id"],
                flow_id=row["flow_id"],
                attempt_id=row.get("attempt_id"),
                epoch=row["epoch"],
                kind=row["kind"],
                exchange=row["exchange"],
                routing_key=row["routing_key"],
                type=row["type"],
                body=row["body"],
            )
            for row in outbox_rows([decision], None)
        ]
        self.outbox |= {row.id: row for row in outgoing}
        return outgoing

    def _write_due(self, decision: Decision) -> None:
        flow = decision.flow
        if flow is not decision.before:
            at = flow.next_wakeup_at
            self._ask("wakeup", flow.id, flow, None if at is None else (at - EPOCH).total_seconds())
        for followup in decision.followups:
            if followup.kind == "rollback":  # index and fold are another matter, proved elsewhere
                self._ask(followup.kind, followup.id, flow, (decision.now - EPOCH).total_seconds())
        for lease in decision.leases:
            key = ("lease", lease.attempt_id)
            if lease.seconds is None:
                self.due.pop(key, None)
            else:
                row = self.due.setdefault(key, Due("lease", lease.attempt_id, flow.id, flow.tenant, None))
                row.lease_at, row.lease_seconds = self.lease_clock + lease.seconds, lease.seconds

    def _ask(self, kind: str, id_: UUID, flow: Flow, at: float | None) -> None:
        row = self.due.get((kind, id_))
        if row is None:
            self.due[kind, id_] = Due(kind, id_, flow.id, flow.tenant, at)
        else:
            row.at, row.generation = at, row.generation + 1

    def advance_lease_clock(self, most: float) -> None:
        now = self.kernel.now
        self.lease_clock += min(most, max(0.0, now - self.ticked_at))
        self.ticked_at = now

    def has_leases(self) -> bool:
        return any(kind == "lease" for kind, _ in self.due)

    def renew_lease(self, attempt_id: UUID, flow_id: UUID, epoch: int, run_id: UUID) -> bool:
        """store.heartbeats: only of the bound run of a running attempt, whatever lock its flow is under."""
        rows = self.flows.get(flow_id)
        attempt = rows.attempts.get(attempt_id) if rows is not None else None
        lease = self.due.get(("lease", attempt_id))
        if rows is None or attempt is None or (attempt.epoch, attempt.run_id) != (epoch, run_id):
            return False
        if attempt.status is not AttemptStatus.RUNNING:
            return False
        rows.attempts[attempt_id] = replace(attempt, lease_losses=0)
        if lease is not None:
            lease.lease_at = self.lease_clock + lease.lease_seconds
        return lease is not None
