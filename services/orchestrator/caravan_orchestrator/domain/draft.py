"""The working copy inside one decision. Pure from outside: a flow goes in, a Decision comes out."""

from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from caravan_common.contracts import CancelAttempt, Command, FlowDefinition, HumanDecision, new_id
from caravan_orchestrator.domain.audit import audit_hash
from caravan_orchestrator.domain.decision import (
    AuditOut,
    CommandOut,
    Decision,
    EventOut,
    FollowUp,
    Lease,
    UsageOut,
)
from caravan_orchestrator.domain.model import (
    ActiveDataset,
    Attempt,
    Flow,
    NewApproval,
    NewDataset,
    NewQuestion,
    Phase,
    Rollback,
    Spending,
)
from caravan_orchestrator.domain.replaced import replaced
from caravan_orchestrator.domain.states import (
    AttemptStatus,
    FlowStatus,
    PhaseStatus,
    check_flow_change,
    check_phase_change,
)
from caravan_orchestrator.domain.wakeup_times import next_wakeup

SYSTEM = "system"


def spending_of(reported: UsageOut) -> Iterator[Spending]:
    """One per model."""
    for each in reported.usage:
        yield Spending(
            attempt_id=reported.attempt_id,
            epoch=reported.epoch,
            run_id=reported.run_id,
            model=each.model,
            phase=reported.phase,
            calls=each.calls,
            reserved_tokens=each.reserved_tokens,
            tokens=each.tokens,
            cost_usd=each.cost_usd + each.reserved_cost_usd,
        )


def _run_and_model(each: Spending) -> tuple[UUID, int, UUID, str]:
    return each.attempt_id, each.epoch, each.run_id, each.model


def _progress(reported: UsageOut) -> tuple[int, int]:
    return sum(u.calls for u in reported.usage), sum(u.reserved_tokens for u in reported.usage)


class Draft:
    """Collects the changes of one decision. Every change of state is checked against the state machine."""

    def __init__(
        self, flow: Flow, definition: FlowDefinition, now: datetime, make_id: Callable[[], UUID] = new_id
    ) -> None:
        self.before, self.flow, self.definition, self.now, self.make_id = flow, flow, definition, now, make_id
        self.commands: dict[UUID, CommandOut] = {}
        self.cancels: list[CancelAttempt] = []
        self.events: list[EventOut] = []
        self.audits: list[AuditOut] = []
        self.datasets: list[NewDataset] = []
        self.questions: list[NewQuestion] = []
        self.approvals: list[NewApproval] = []
        self.close_questions: list[tuple[str, str]] = []
        self.decisions: list[tuple[UUID, HumanDecision]] = []
        self.withdrawn: list[int] = []
        self.revoked: list[UUID] = []
        self.usage: dict[tuple[UUID, int, UUID], UsageOut] = {}
        self._spending = {_run_and_model(each): each for each in flow.spending}
        self.leases: dict[UUID, Lease] = {}
        self.ended: list[UUID] = []
        self.followups: list[FollowUp] = []
        self.new_rollback: Rollback | None = None
        self.rollback_proof: dict[str, Any] | None = None

    def change_flow(self, **changes: Any) -> None:
        if "status" in changes:
            check_flow_change(self.flow.status, changes["status"])
        self.flow = replaced(self.flow, **changes)

    def move_flow(self, status: FlowStatus, reason: str | None = None, **data: Any) -> None:
        """Changes the flow's status and says so as an event; nothing when it is so already."""
        if (self.flow.status, self.flow.reason) == (status, reason):
            return
        self.change_flow(status=status, reason=reason)
        self.event(f"flow.{status}", {"reason": reason, **data} if reason else data)

    def change_phase(self, name: str, **changes: Any) -> Phase:
        old = self.flow.phase(name)
        if "status" in changes:
            check_phase_change(old.status, changes["status"])
        new = replaced(old, **changes)
        phases = tuple(new if phase.name == name else phase for phase in self.flow.phases)
        self.flow = replaced(self.flow, phases=phases)
        return new

    def move_phase(self, name: str, status: PhaseStatus, reason: str | None = None, **changes: Any) -> None:
        self.change_phase(name, status=status, reason=reason, **changes)
        self.event(f"phase.{status}", {"phase": name, **({"reason": reason} if reason else {})})

    def put_attempt(self, attempt: Attempt) -> Attempt:
        self.flow = replaced(self.flow, attempts={**self.flow.attempts, attempt.id: attempt})
        return attempt

    def change_attempt(self, attempt: Attempt, **changes: Any) -> Attempt:
        return self.put_attempt(replaced(self.flow.attempts[attempt.id], **changes))

    def end_attempt(self, attempt: Attempt, status: AttemptStatus, **changes: Any) -> Attempt:
        """The attempt is over: its command leaves the outbox, its lease ends."""
        self.commands.pop(attempt.id, None)
        self.ended.append(attempt.id)
        self.drop_lease(attempt.id)
        return self.change_attempt(attempt, status=status, ended_at=self.now, **changes)

    def reopen(self, attempt_id: UUID) -> None:
        """An attempt that ended earlier in this very decision goes on after all."""
        if attempt_id in self.ended:
            self.ended.remove(attempt_id)

    def drop_lease(self, attempt_id: UUID) -> None:
        self.leases[attempt_id] = Lease(attempt_id, None)

    def touch(self) -> None:
        """Makes the flow's row be written, so that its next wake-up is set anew."""
        self.flow = replaced(self.flow)

    def send(self, attempt: Attempt, command: Command) -> None:
        self.commands[attempt.id] = CommandOut(attempt.id, self.definition.major, command)

    def cancel_run(self, attempt: Attempt, run_id: UUID | None, reason: str) -> None:
        """A hint; null run_id addresses every run of the attempt up to its epoch."""
        self.cancels.append(
            CancelAttempt(
                message_id=self.make_id(),
                attempt_id=attempt.id,
                epoch=attempt.epoch,
                run_id=run_id,
                reason=reason,
            )
        )

    @property
    def spending(self) -> Collection[Spending]:
        """What all runs of the flow have spent, with what this decision was told."""
        return self._spending.values()

    def report_usage(self, reported: UsageOut) -> None:
        """Kept once a run, the newest: a call counts from its booking on, and reports may come out of order."""
        key = reported.attempt_id, reported.epoch, reported.run_id
        known = self.usage.get(key)
        if known is None or _progress(known) <= _progress(reported):
            self.usage[key] = reported
        for each in spending_of(reported):
            before = self._spending.get(_run_and_model(each))
            if before is None or (before.calls, before.reserved_tokens) <= (each.calls, each.reserved_tokens):
                self._spending[_run_and_model(each)] = each

    def event(self, type_: str, data: dict[str, Any] | None = None) -> None:
        sequence = self.flow.event_sequence + 1
        self.flow = replaced(self.flow, event_sequence=sequence)
        self.events.append(EventOut(self.make_id(), sequence, f"caravan.{type_}", data or {}))

    def audit(self, actor: str, action: str, subject: str, details: dict[str, Any] | None = None) -> None:
        sequence, previous, shown = self.flow.audit_sequence + 1, self.flow.audit_head, details or {}
        hashed = audit_hash(previous, sequence, actor, action, subject, shown, self.now)
        self.audits.append(
            AuditOut(self.make_id(), sequence, actor, action, subject, shown, self.now, previous, hashed)
        )
        self.flow = replaced(self.flow, audit_sequence=sequence, audit_head=hashed)

    def point(
        self, phase: str, attempt_id: UUID | None, datasets: tuple[ActiveDataset, ...] | None = None
    ) -> None:
        """Moves a phase's pointer. `datasets` are those of the attempt when they are known here."""
        others = tuple(dataset for dataset in self.flow.datasets if dataset.phase != phase)
        self.change_phase(phase, active_attempt_id=attempt_id)
        self.flow = replaced(self.flow, datasets=others + (datasets or ()))

    def ask_approval(self, phase: str, subject: str) -> None:
        """Asked once, however often it is found missing."""
        self.approvals.append(NewApproval(self.make_id(), phase, subject))

    def follow_up(self, kind: str, id_: UUID) -> None:
        if FollowUp(kind, id_) not in self.followups:
            self.followups.append(FollowUp(kind, id_))

    def decision(self) -> Decision:
        """Closes the draft. The lock version rises only when something a client sees has changed."""
        flow = self.flow
        if flow is not self.before:
            flow = replaced(flow, next_wakeup_at=next_wakeup(flow, self.now))
            if self.events or self.audits:
                flow = replaced(flow, lock_version=flow.lock_version + 1)
        return Decision(
            before=self.before,
            flow=flow,
            now=self.now,
            commands=tuple(self.commands.values()),
            cancels=tuple(self.cancels),
            events=tuple(self.events),
            audits=tuple(self.audits),
            datasets=tuple(self.datasets),
            questions=tuple(self.questions),
            approvals=tuple(self.approvals),
            close_questions=tuple(self.close_questions),
            decisions=tuple(self.decisions),
            withdraw_decisions=tuple(self.withdrawn),
            revoke_handoffs=tuple(self.revoked),
            usage=tuple(self.usage.values()),
            leases=tuple(self.leases.values()),
            ended=tuple(self.ended),
            followups=tuple(self.followups),
            new_rollback=self.new_rollback,
            rollback_proof=self.rollback_proof,
        )
