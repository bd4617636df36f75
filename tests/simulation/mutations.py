"""Faults put into the code on purpose. Each must be found: a simulator that misses one proves nothing."""

from contextlib import ExitStack
from typing import Any
from unittest.mock import patch

from caravan_orchestrator.domain import (
    attempts,
    control,
    guards,
    handoffs,
    replies,
    rolling_back,
    staleness,
    wakeup_times,
)
from caravan_orchestrator.domain import draft as draft_module
from caravan_orchestrator.domain.attempts import AttemptKind
from caravan_orchestrator.domain.draft import Draft
from caravan_orchestrator.domain.states import AttemptStatus
from caravan_orchestrator.loops import leases
from caravan_orchestrator.loops.relay import Relay
from caravan_orchestrator.usecases import changes, intake, timers
from caravan_orchestrator.usecases import handoffs as handoff_usecases
from tests.simulation import work
from tests.simulation.cascade_mutations import ABOUT_CHAINS
from tests.simulation.database import ModelTransaction
from tests.simulation.dispatch import ModelDispatch
from tests.simulation.mutating import MUTATIONS, everywhere, mutated, mutation

__all__ = ["ABOUT_CHAINS", "ABOUT_EFFECTS", "MUTATIONS", "mutated"]

# Looked for in the histories that are about effects; in others they would be met four times less often.
ABOUT_EFFECTS = frozenset(
    {
        "unit_given_again_within_the_kill_margin",
        "units_are_not_fenced",
        "new_epoch_beside_an_unheard_run",
        "undo_in_any_order",
        "receipts_of_stale_runs_dropped",
    }
)


@mutation
def epoch_is_not_checked(stack: ExitStack) -> None:
    stack.enter_context(patch.object(guards, "epoch_is_current", lambda attempt, reply: True))


@mutation
def run_is_not_checked(stack: ExitStack) -> None:
    stack.enter_context(patch.object(guards, "run_is_bound", lambda attempt, reply: True))


@mutation
def ended_attempts_still_answer(stack: ExitStack) -> None:
    stack.enter_context(patch.object(guards, "attempt_is_waited_for", lambda attempt: True))


@mutation
def inbox_forgets(stack: ExitStack) -> None:
    async def record(self: ModelTransaction, messages: Any) -> Any:
        await self.statement()
        return frozenset(messages)

    stack.enter_context(patch.object(ModelTransaction, "record", record))


@mutation
def reply_acked_before_commit(stack: ExitStack) -> None:
    """World.ack_first does it."""


@mutation
def marked_sent_before_the_confirm(stack: ExitStack) -> None:
    publish = Relay._publish

    async def early(self: Relay, rows: Any) -> None:
        await self._outbox.mark_sent([row.id for row in rows])
        await publish(self, rows)

    stack.enter_context(patch.object(Relay, "_publish", early))


@mutation
def unconfirmed_counts_as_sent(stack: ExitStack) -> None:
    async def careless(self: Any, ids: Any, seconds: float) -> None:
        await self.mark_sent(ids)

    stack.enter_context(patch.object(ModelDispatch, "release", careless))


@mutation
def window_is_ignored(stack: ExitStack) -> None:
    candidates = ModelDispatch._candidates
    stack.enter_context(
        patch.object(
            ModelDispatch, "_candidates", lambda self, windows, default, now: candidates(self, {}, 99, now)
        )
    )


@mutation
def lease_by_the_wall_clock(stack: ExitStack) -> None:
    stack.enter_context(patch.object(leases, "MOST_PER_TICK", 1e9))


@mutation
def lease_not_looked_at_under_the_lock(stack: ExitStack) -> None:
    async def all_expired(self: ModelTransaction, attempts: Any) -> frozenset[Any]:
        await self.statement()
        return frozenset(attempts)

    stack.enter_context(patch.object(ModelTransaction, "expired_leases", all_expired))


@mutation
def receipts_of_stale_runs_dropped(stack: ExitStack) -> None:
    keep = replies._keep_late_receipt

    def only_bound(draft: Any, attempt: Any, reply: Any) -> None:
        if guards.reply_counts(attempt, reply):
            keep(draft, attempt, reply)

    stack.enter_context(patch.object(replies, "_keep_late_receipt", only_bound))


@mutation
def usage_of_stale_runs_dropped(stack: ExitStack) -> None:
    keep = replies._keep_usage

    def only_counting(draft: Any, attempt: Any, reply: Any) -> None:
        if guards.reply_counts(attempt, reply):
            keep(draft, attempt, reply)

    stack.enter_context(patch.object(replies, "_keep_usage", only_counting))


@mutation
def unit_given_again_within_the_kill_margin(stack: ExitStack) -> None:
    stack.enter_context(patch.object(attempts, "KILL_MARGIN", -0.6))


@mutation
def unit_given_again_without_its_check(stack: ExitStack) -> None:
    give_out = attempts.give_out

    def forgetful(draft: Draft, attempt: Any, not_before: Any = None) -> Any:
        given = give_out(draft, attempt, not_before)
        if given.id in draft.commands:
            out = draft.commands[given.id]
            command = out.command.model_copy(update={"outcome_unknown": False})
            draft.commands[given.id] = type(out)(out.attempt_id, out.major, command)
        return given

    everywhere(stack, give_out, forgetful)


@mutation
def units_are_not_fenced(stack: ExitStack) -> None:
    stack.enter_context(patch.object(work, "FENCING", False))


@mutation
def new_epoch_beside_an_unheard_run(stack: ExitStack) -> None:
    stack.enter_context(patch.object(attempts, "may_still_begin", lambda attempt: False))


@mutation
def undo_does_not_wait_for_its_unit(stack: ExitStack) -> None:
    stack.enter_context(patch.object(rolling_back, "_turn_has_come", lambda draft, step, steps: True))


@mutation
def undo_in_any_order(stack: ExitStack) -> None:
    def ended(draft: Draft, step: Any, steps: Any) -> bool:
        return not draft.flow.attempts[step.attempt_id].is_open

    stack.enter_context(patch.object(rolling_back, "_turn_has_come", ended))


@mutation
def pause_is_ignored(stack: ExitStack) -> None:
    give_out = attempts.give_out

    def regardless(draft: Draft, attempt: Any, not_before: Any = None) -> Any:
        paused_at = draft.flow.paused_at
        draft.change_flow(paused_at=None)
        given = give_out(draft, attempt, not_before)
        draft.change_flow(paused_at=paused_at)
        return given

    everywhere(stack, give_out, regardless)


@mutation
def pointers_are_not_restored(stack: ExitStack) -> None:
    point = Draft.point

    def only_forward(self: Draft, phase: str, attempt_id: Any, datasets: Any = None) -> None:
        if datasets is not None:
            point(self, phase, attempt_id, datasets)

    stack.enter_context(patch.object(Draft, "point", only_forward))


@mutation
def cancels_are_not_sent(stack: ExitStack) -> None:
    stack.enter_context(patch.object(Draft, "cancel_run", lambda self, attempt, run_id, reason: None))


@mutation
def cancel_leaves_attempts_open(stack: ExitStack) -> None:
    cancel = control.cancel_flow

    def careless(draft: Draft, actor: str, reason: str | None = None) -> None:
        kept = draft.flow.attempts
        cancel(draft, actor, reason)
        draft.change_flow(attempts=kept)

    stack.enter_context(patch.object(control, "cancel_flow", careless))


@mutation
def retries_have_no_wakeup(stack: ExitStack) -> None:
    def forgetful(flow: Any, now: Any) -> Any:
        delayed = any(a.status is AttemptStatus.DELAYED for a in flow.open_attempts)
        return None if delayed else wakeup_times.next_wakeup(flow, now)

    stack.enter_context(patch.object(draft_module, "next_wakeup", forgetful))


@mutation
def nobody_looks_for_what_was_not_started(stack: ExitStack) -> None:
    wake = timers.wake_flow

    def blind(draft: Draft, unsent: Any, **facts: Any) -> None:
        late = {a.id for a in draft.flow.open_attempts if a.status is AttemptStatus.DISPATCHED}
        wake(draft, frozenset(unsent | late), **facts)

    stack.enter_context(patch.object(timers, "wake_flow", blind))


@mutation
def result_accepted_before_its_units(stack: ExitStack) -> None:
    def hasty(flow: Any, phase: str) -> bool:
        return any(
            a.phase == phase and a.kind is AttemptKind.UNIT and not a.is_open for a in flow.attempts.values()
        )

    from caravan_orchestrator.domain import units

    everywhere(stack, units.units_are_done, hasty)


@mutation
def event_numbers_repeat(stack: ExitStack) -> None:
    event = Draft.event

    def twice(self: Draft, type_: str, data: Any = None) -> None:
        event(self, type_, data)
        if type_ == "flow.paused":
            self.change_flow(event_sequence=self.flow.event_sequence - 1)

    stack.enter_context(patch.object(Draft, "event", twice))


@mutation
def child_grows_beside_another(stack: ExitStack) -> None:
    stack.enter_context(patch.object(handoff_usecases, "living_child", lambda flow, target: None))


@mutation
def handoff_of_a_flow_that_goes_on_is_taken(stack: ExitStack) -> None:
    """Neither withdrawn when the flow goes on, nor refused when its package comes."""
    stack.enter_context(patch.object(Draft, "_withdraw_handoffs", lambda self: None))
    stack.enter_context(patch.object(guards, "parent_is_completed", lambda flow: True))


@mutation
def broken_rules_of_a_handoff_are_overlooked(stack: ExitStack) -> None:
    take = handoffs.take_package

    def lenient(draft: Draft, attempt: Any, reply: Any) -> None:
        rules = tuple(rule.model_copy(update={"passed": True}) for rule in reply.rules)
        take(draft, attempt, reply.model_copy(update={"rules": rules}))
        packed = next(each for each in draft.flow.handoffs if each.id == attempt.id)
        draft.change_handoff(packed, rules=reply.rules)

    everywhere(stack, take, lenient)


@mutation
def nobody_gives_a_handoff_out(stack: ExitStack) -> None:
    async def idle(transaction: Any, drafts: Any) -> dict[Any, Any]:
        return {}

    for module in (intake, timers, changes):
        stack.enter_context(patch.object(module, "conclude_handoffs", idle))


@mutation
def a_child_is_not_told_that_its_parent_came_out_anew(stack: ExitStack) -> None:
    def silent(child: Draft, handoff: Any) -> None:
        child.change_flow(handed=child.flow.handed)

    stack.enter_context(patch.object(handoff_usecases, "renew_child", silent))


@mutation
def a_refresh_keeps_what_has_changed(stack: ExitStack) -> None:
    stack.enter_context(patch.object(staleness, "inputs_have_changed", lambda draft, phase: False))
