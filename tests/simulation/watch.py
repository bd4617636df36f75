"""What must hold at every commit, whatever failed. Each breach is a sentence; a history should have none."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from caravan_common.contracts import (
    AttemptAbandoned,
    AttemptHeartbeat,
    AttemptStarted,
    Reply,
    UnitCompleted,
    decode,
)
from caravan_orchestrator.domain.audit import audit_hash
from caravan_orchestrator.domain.commands import recorded_inputs
from caravan_orchestrator.domain.decision import Decision
from caravan_orchestrator.domain.model import Attempt, Flow
from caravan_orchestrator.domain.states import (
    AT_REST,
    AttemptKind,
    AttemptStatus,
    FlowStatus,
    HandoffStatus,
    PhaseStatus,
)
from caravan_orchestrator.domain.wakeup_times import NO_WORKER
from caravan_orchestrator.usecases.timers import LEASE_TICK
from tests.simulation.broker import Delivery
from tests.simulation.family import FamilyWatch
from tests.simulation.sample import DEFINITIONS, IRREVERSIBLE
from tests.simulation.tables import FlowRows, OutboxMessage

if TYPE_CHECKING:
    from tests.simulation.world import World

REPLICAS = 2
_OUT = (AttemptStatus.DISPATCHED, AttemptStatus.RUNNING, AttemptStatus.DELAYED)
_S = AttemptStatus
_FORWARD = (FlowStatus.ACTIVE, FlowStatus.ROLLING_BACK)
_WAITED_FOR = (AttemptStatus.DISPATCHED, AttemptStatus.RUNNING)
_NO_EDITS = (FlowStatus.DRAFT, FlowStatus.CANCELLED, FlowStatus.ROLLED_BACK)
_HEARD = (AttemptStatus.RUNNING, AttemptStatus.SUCCEEDED)


class Watch:
    """Hears of every commit, of replies settled and rows marked sent."""

    def __init__(self, world: "World") -> None:
        self.world = world
        self.breaches: list[str] = []
        self._handled: set[UUID] = set()
        self._taken_in: dict[int, tuple[Flow, list[Reply]]] = {}
        self._pointers_at_start: dict[tuple[UUID, UUID], dict[str, Any]] = {}
        self._expected: dict[UUID, dict[str, Any]] = {}
        self.lost_leases = self.lapsed_claims = 0
        self.family = FamilyWatch(world, self.breach)
        self._grown: set[UUID] = set()

    def depth(self, flow_id: UUID) -> int:
        parent = self.world.tables.flows[flow_id].base.parent_flow_id
        return 1 if parent is None else 1 + self.depth(parent)

    def breach(self, words: str, *details: object) -> None:
        sentence = words.format(*details)
        if sentence not in self.breaches:
            self.breaches.append(sentence)
            self.world.kernel.log("watch", "BREACH: {}", sentence)

    # What is seen before a commit: old rows beside what is about to replace them.

    def before_commit(self, decisions: Sequence[Decision]) -> None:
        for decision in decisions:
            rows = self.world.tables.flows[decision.flow.id]
            replies = self._check_taken_in(decision)
            self._check_numbers(rows, decision)
            self._check_attempts(rows, decision, replies)
            self._check_results(rows, decision)
            self._check_cancels(rows, decision, replies)
            self._check_dispatch(rows, decision)
            self._check_child(rows, decision, decisions)
            self._check_edits(rows, decision)
            self._remember_rollbacks(rows, decision)
            self.family.check_stopped(rows, decision)
            self._narrate(decision)

    def _check_numbers(self, rows: FlowRows, decision: Decision) -> None:
        base, flow = rows.base, decision.flow
        if flow.lock_version < base.lock_version:
            self.breach("the lock version fell")
        if flow.status is not base.status and flow.lock_version == base.lock_version:
            self.breach("a status changed without a new lock version")
        _gapless(self, "event", len(rows.events), [e.sequence for e in decision.events])
        _gapless(self, "decision", len(rows.decisions), [d.number for _, d in decision.decisions])
        head = base.audit_head
        _gapless(self, "audit row", len(rows.audits), [a.sequence for a in decision.audits])
        for row in decision.audits:
            hashed = audit_hash(head, row.sequence, row.actor, row.action, row.subject, row.details, row.at)
            if (row.previous, row.hash) != (head, hashed):
                self.breach("the audit chain is broken")
            head = row.hash

    def _check_attempts(self, rows: FlowRows, decision: Decision, replies: Sequence[Reply]) -> None:
        # A run that met another's claim is no longer waited for, and that other may be bound at once.
        stepped_back = [r.run_id for r in replies if isinstance(r, AttemptAbandoned) and r.claimed_elsewhere]
        for id_, attempt in decision.flow.attempts.items():
            old = rows.attempts.get(id_)
            if old is not None and attempt.epoch < old.epoch:
                self.breach("an epoch fell")
            if old is not None and any(r not in attempt.receipts for r in old.receipts):
                self.breach("a receipt was lost")
            lost = old is not None and attempt.lease_losses > old.lease_losses
            if lost and ("lease", id_) not in self.world.tables.due:
                self.breach("a lease was lost that nobody held")
            if attempt.run_id is not None:
                if self.world.run_epochs[attempt.run_id] != attempt.epoch and attempt.status in _HEARD:
                    self.breach("a run of another epoch was bound")
                same = old is not None and old.epoch == attempt.epoch and old.run_id is not None
                if same and old is not None and old.run_id not in (attempt.run_id, *stepped_back):
                    self.breach("two runs were bound to one epoch of {} {}", attempt.kind, attempt.phase)

    def _check_results(self, rows: FlowRows, decision: Decision) -> None:
        for dataset in decision.datasets:
            if dataset.attempt_id in rows.datasets:
                self.breach("a result of {} was accepted twice", dataset.phase)
            if decision.flow.status in (
                FlowStatus.CANCELLED,
                FlowStatus.ROLLING_BACK,
                FlowStatus.ROLLED_BACK,
            ):
                self.breach("a result was accepted while its flow was {}", decision.flow.status)

    def _check_cancels(self, rows: FlowRows, decision: Decision, replies: Sequence[Reply]) -> None:
        """Whoever shows signs of life though nobody waits for them is told to stop, each time."""
        for reply in replies:
            attempt = rows.attempts.get(reply.attempt_id)
            if attempt is None or not isinstance(reply, AttemptStarted | AttemptHeartbeat):
                continue
            waited_for = attempt.status in _WAITED_FOR and attempt.epoch == reply.epoch
            is_stale = not waited_for or attempt.run_id not in (None, reply.run_id)
            if is_stale and not any(cancel.attempt_id == attempt.id for cancel in decision.cancels):
                self.breach("a run nobody waits for was not told to stop")

    def _check_dispatch(self, rows: FlowRows, decision: Decision) -> None:
        # What a batch gave out before one of its replies failed the flow had been under way all the same.
        stands = all(f.status not in _FORWARD and f.reason != NO_WORKER for f in (rows.base, decision.flow))
        for out in decision.commands:
            attempt = decision.flow.attempts[out.attempt_id]
            if decision.flow.paused_at is not None and attempt.kind is not AttemptKind.COMPENSATE:
                self.breach("a paused flow gave out {} {}", attempt.kind, attempt.phase)
            hands_over = attempt.kind is AttemptKind.HANDOFF and decision.flow.status is FlowStatus.COMPLETED
            is_edit = attempt.kind is AttemptKind.EDIT and decision.flow.status not in _NO_EDITS
            if stands and not hands_over and not is_edit:
                self.breach("a flow that is {} gave out a command", decision.flow.status)

    def _check_child(self, rows: FlowRows, decision: Decision, decisions: Sequence[Decision]) -> None:
        """A new one grows out of a flow that has completed, of a package whose rules hold, and beside no other."""
        parent = decision.flow.parent_flow_id
        # Who starts no phase by itself has no event yet when it grows, and is seen again when a person starts it.
        if parent is None or rows.events or decision.flow.id in self._grown:
            return
        self._grown.add(decision.flow.id)
        tables = self.world.tables
        of_parent = next((each.flow for each in decisions if each.flow.id == parent), None)
        if of_parent is None or of_parent.status is not FlowStatus.COMPLETED:
            self.breach("a child grew out of a flow that was not completed")
            return
        given = [each for each in of_parent.handoffs if each.target_flow_id == decision.flow.id]
        if [each.status for each in given] != [HandoffStatus.ACCEPTED] or not all(
            rule.passed for rule in given[0].rules
        ):
            self.breach("a child grew out of a handoff that was not accepted")
        beside = [
            each.base.id
            for each in tables.flows.values()
            if (each.base.parent_flow_id, each.base.flow_type) == (parent, decision.flow.flow_type)
            and each.base.id != decision.flow.id
            and tables.lives(each.base.id)
        ]
        if beside:
            self.breach("a child was created twice")

    def _check_edits(self, rows: FlowRows, decision: Decision) -> None:
        """One answer each; what it would cause moves no pointer and no phase."""
        for answered in decision.answered_edits:
            if rows.edits[answered.id].answers:
                self.breach("an edit was answered twice")
            if decision.flow.attempts[answered.id].status is not _S.SUCCEEDED:
                self.breach("an edit that is {} was answered", decision.flow.attempts[answered.id].status)
        if decision.answered_edits and not decision.datasets:
            before, after = rows.base.phases, decision.flow.phases
            if any(a.active_attempt_id != b.active_attempt_id for a, b in zip(before, after, strict=True)):
                self.breach("an edit that was only evaluated has moved a pointer")

    def _remember_rollbacks(self, rows: FlowRows, decision: Decision) -> None:
        """What a rollback of a phase must restore is what was shown when its newest attempt began."""
        for id_, attempt in decision.flow.attempts.items():
            if attempt.kind is AttemptKind.EXECUTE and id_ not in rows.attempts:
                shown = {
                    p.name: p.active_attempt_id
                    for p in decision.flow.later_phases(attempt.phase, including=True)
                }
                self._pointers_at_start[decision.flow.id, id_] = shown
        rollback = decision.flow.rollback
        if rollback is not None and rollback.id not in rows.rollbacks:
            self._expected[rollback.id] = self._expected_after(rows, decision.flow, rollback.phase)

    def _expected_after(self, rows: FlowRows, flow: Flow, name: str | None) -> dict[str, Any]:
        if name is None:
            return {p.name: None for p in flow.phases}
        shown = rows.base.phase(name)
        began = [a for a in rows.attempts.values() if a.kind is AttemptKind.EXECUTE and a.phase == name]
        if shown.status is PhaseStatus.ROLLED_BACK and shown.active_attempt_id is not None:
            began = [a for a in began if a.id == shown.active_attempt_id]
        newest = max(began, key=lambda a: a.sequence)
        return self._pointers_at_start[flow.id, newest.id]

    def _narrate(self, decision: Decision) -> None:
        name = self.world.flow_name(decision.flow.id)
        for event in decision.events:
            self.world.kernel.log(name, "{} {}", event.type.removeprefix("caravan."), dict(event.data))
            if event.type == "caravan.attempt.lost":
                self.lost_leases += 1
                if self.world.faults.leases_are_safe:
                    self.breach("a lease was lost though nobody died: {}", dict(event.data))
        for out in decision.commands:
            attempt = decision.flow.attempts[out.attempt_id]
            self.world.kernel.log(name, "gives out {} epoch {}", self.world.name(out.command), attempt.epoch)

    # What is seen after a commit: nobody may be forgotten.

    def after_commit(self, decisions: Sequence[Decision]) -> None:
        for decision in decisions:
            rows = self.world.tables.flows[decision.flow.id]
            self._check_pointers(rows)
            self._check_freshness(rows)
            self._check_somebody_acts(rows)
            self._check_rollback(rows, decision)
            self.family.check(rows, decision)

    def _check_pointers(self, rows: FlowRows) -> None:
        for phase in rows.base.phases:
            shown = phase.active_attempt_id
            if shown is None:
                continue
            if rows.attempts[shown].status is not _S.SUCCEEDED or shown not in rows.datasets:
                self.breach("{} shows an attempt without an accepted result", phase.name)

    def _check_freshness(self, rows: FlowRows) -> None:
        """What a completed flow shows as up to date is what its inputs give now."""
        base = rows.base
        if base.status is not FlowStatus.COMPLETED:
            return
        flow = self.world.tables.load(base.id, (), everything=True)
        for phase in flow.phases:
            if phase.stale or phase.active_attempt_id is None or phase.status is not PhaseStatus.COMPLETED:
                continue
            now = recorded_inputs(flow, DEFINITIONS[flow.flow_type], phase.name, flow.decision_sequence)
            if rows.attempts[phase.active_attempt_id].inputs != now:
                self.breach("{} is shown as up to date and is not", phase.name)

    def _check_somebody_acts(self, rows: FlowRows) -> None:
        base, due = rows.base, self.world.tables.due
        wakeup = due.get(("wakeup", base.id))
        open_ = [a for a in rows.attempts.values() if a.is_open]
        moving = [a for a in open_ if a.status in _OUT]
        moving_on = any(handoff.is_open for handoff in rows.handoffs.values()) and base.paused_at is None
        if (base.status not in AT_REST or moving or moving_on) and (wakeup is None or wakeup.at is None):
            self.breach("a flow that is {} has no wake-up", base.status)
        for attempt in open_:
            if attempt.status is _S.RUNNING and ("lease", attempt.id) not in due:
                self.breach("a running {} has no lease", attempt.kind)
        if sum(a.kind is AttemptKind.EXECUTE for a in open_) > 1:
            self.breach("two phases of a flow are computed at once")
        goes_on = base.status is FlowStatus.ACTIVE or base.reason == NO_WORKER
        moving = [a for a in moving if a.kind is not AttemptKind.EDIT]
        if goes_on and base.paused_at is None and not moving:
            self.breach("a flow that is {} {} has nothing under way", base.status, base.reason or "")
        if base.status in (FlowStatus.WAITING, FlowStatus.FAILED) and not base.reason:
            self.breach("a flow that is {} does not say for whom it waits", base.status)
        asked = any(q.status == "open" and q.blocking for q in rows.questions)
        if base.status is FlowStatus.WAITING and base.reason == "questions" and not asked:
            self.breach("a flow waits for answers though no question is open")
        waits = base.status is FlowStatus.ROLLING_BACK and not moving and base.reason != "operator"
        if waits and not self.family.somebody_acts(rows):
            self.breach("a rollback has nothing under way and nobody is asked")

    def _check_rollback(self, rows: FlowRows, decision: Decision) -> None:
        types = {event.type for event in decision.events}
        rollback = decision.flow.rollback
        if rollback is None or not types & {"caravan.rollback.completed", "caravan.rollback.restored"}:
            return
        expected = self._expected[rollback.id]
        if {name: rows.base.phase(name).active_attempt_id for name in expected} != expected:
            self.breach("a rollback of {} left other pointers than before", rollback.kind)
        if rollback.phase is None:
            self.check_nothing_remains(rows.base.id)

    def check_nothing_remains(self, flow_id: UUID) -> None:
        """After a rollback of the flow: what could not be undone, and had been accepted, and nothing else."""
        for (owner, key), there in self.world.outside.alive.items():
            if owner == flow_id and there and key != "cut":
                self.breach("effect {} remains after the rollback of its flow ({})", key, IRREVERSIBLE)

    # What is seen at the edges.

    def reply_taken_in(self, flow: Flow, reply: Reply) -> None:
        """Counts when the decision that began with this very `flow` is committed."""
        self._taken_in.setdefault(id(flow), (flow, []))[1].append(reply)

    def _check_taken_in(self, decision: Decision) -> Sequence[Reply]:
        replies: Sequence[Reply] = self._taken_in.pop(id(decision.before), (None, ()))[1]
        for reply in replies:
            if reply.message_id in self._handled:
                self.breach("a {} was taken in twice", type(reply).__name__)
            self._handled.add(reply.message_id)
        return replies

    def reply_acked(self, delivery: Delivery) -> None:
        """The broker forgets it now: everything it said must be stored."""
        reply = decode(delivery.type, delivery.body) if delivery.type != LEASE_TICK else None
        if isinstance(reply, Reply):
            self._check_stored(reply)

    def _check_stored(self, reply: Reply) -> None:
        tables = self.world.tables
        attempt = self._attempt(reply)
        if attempt is None:
            return
        if reply.usage and (reply.attempt_id, reply.epoch, reply.run_id) not in tables.usage:
            self.breach("usage of a run was lost")
        receipt = reply.receipt if isinstance(reply, UnitCompleted) else None
        if receipt is not None and receipt not in attempt.receipts:
            self.breach("a receipt was lost")
        if type(reply).__name__ != "AttemptHeartbeat" and reply.message_id not in tables.inbox:
            self.breach("a {} was acked before it was taken in", type(reply).__name__)

    def _attempt(self, reply: Reply) -> Attempt | None:
        return self.world.tables.flows[reply.flow_id].attempts.get(reply.attempt_id)

    def claims_lapse(self) -> None:
        """Somebody stands still for longer than a claim lasts: others may publish beside what it has claimed."""
        rows = self.world.tables.outbox.values()
        self.lapsed_claims += sum(
            r.kind == "command" and r.sent_at is None and bool(r.claimed_until) for r in rows
        )

    def row_marked_sent(self, row: OutboxMessage) -> None:
        if str(row.id) not in self.world.broker.arrived:
            self.breach("a {} was marked sent that the broker never took on", row.kind)
        if row.kind != "command":
            return
        rows = self.world.tables.outbox.values()
        same = [r for r in rows if r.kind == "command" and r.routing_key == row.routing_key and r is not row]
        out = sum(r.sent_at is not None for r in same)
        if out + 1 > REPLICAS * self.world.window + self.lapsed_claims:
            self.breach("more commands are out than the window allows")


def _gapless(watch: Watch, what: str, last: int, numbers: Sequence[int]) -> None:
    if list(numbers) != list(range(last + 1, last + 1 + len(numbers))):
        watch.breach("numbers of {}s have a gap", what)
