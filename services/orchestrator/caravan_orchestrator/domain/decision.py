"""What a decision yields: the flow's new state, and everything that must be written with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from caravan_common.contracts import CancelAttempt, Command, HumanDecision, Usage
from caravan_orchestrator.domain.model import (
    AnsweredEdit,
    Flow,
    NewApproval,
    NewDataset,
    NewEdit,
    NewQuestion,
    Rollback,
)


@dataclass(frozen=True, slots=True)
class EventOut:
    """An event to be numbered and published as `caravan.<noun>.<past>`."""

    id: UUID
    sequence: int
    type: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class AuditOut:
    """An audit row to be chained to the flow's head."""

    id: UUID
    sequence: int
    actor: str
    action: str
    subject: str
    details: Mapping[str, Any]
    at: datetime
    previous: str
    hash: str


@dataclass(frozen=True, slots=True)
class CommandOut:
    """A command for a worker queue; it replaces whatever of this attempt is still in the outbox."""

    attempt_id: UUID
    major: int
    command: Command


@dataclass(frozen=True, slots=True)
class UsageOut:
    """Usage of a run, stale or not: what was spent was spent."""

    attempt_id: UUID
    epoch: int
    run_id: UUID
    phase: str
    usage: tuple[Usage, ...]


@dataclass(frozen=True, slots=True)
class Lease:
    """`seconds` from now on the lease clock; null: no lease any more."""

    attempt_id: UUID
    seconds: float | None


FOLLOW_UPS = ("index", "fold", "rollback")


@dataclass(frozen=True, slots=True)
class FollowUp:
    """Work for a loop: index a dataset, fold an estate, carry a rollback on. `kind` is one of FOLLOW_UPS."""

    kind: str
    id: UUID


@dataclass(frozen=True, slots=True)
class Decision:
    """`before` and `flow` differ exactly where rows change. Written in one transaction, or not at all.

    `traceparent`: the span of the message it answers; None where the present span is its cause.
    """

    before: Flow
    flow: Flow
    now: datetime
    commands: tuple[CommandOut, ...] = ()
    cancels: tuple[CancelAttempt, ...] = ()
    events: tuple[EventOut, ...] = ()
    audits: tuple[AuditOut, ...] = ()
    datasets: tuple[NewDataset, ...] = ()
    questions: tuple[NewQuestion, ...] = ()
    approvals: tuple[NewApproval, ...] = ()
    close_questions: tuple[tuple[str, str], ...] = ()
    decisions: tuple[tuple[UUID, HumanDecision], ...] = ()
    withdraw_decisions: tuple[int, ...] = ()
    usage: tuple[UsageOut, ...] = ()
    leases: tuple[Lease, ...] = ()
    ended: tuple[UUID, ...] = ()
    followups: tuple[FollowUp, ...] = ()
    edits: tuple[NewEdit, ...] = ()
    answered_edits: tuple[AnsweredEdit, ...] = ()
    new_rollback: Rollback | None = None
    rollback_proof: Mapping[str, Any] | None = field(default=None)
    traceparent: str | None = None

    def row_of(self, made: HumanDecision) -> UUID:
        """The id of the row that a decision of a person, made in this one, is written as."""
        return next(id_ for id_, human in self.decisions if human is made)
