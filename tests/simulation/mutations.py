"""Faults put into the code on purpose. Each must be found: a simulator that misses one proves nothing."""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from caravan_orchestrator.domain import (
    attempts,
    cascade,
    control,
    guards,
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
from caravan_orchestrator.usecases import rollbacks, timers
from tests.simulation import work
from tests.simulation.database import ModelTransaction
from tests.simulation.dispatch import ModelDispatch

Mutation = Callable[[ExitStack], None]
MUTATIONS: dict[str, Mutation] = {}
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

ABOUT_CHAINS = frozenset(
    {
        "a_cascade_stops_at_the_first_flow_below",
        "a_flow_goes_back_under_what_has_grown_from_it",
        "epochs_of_flows_below_are_not_raised",
        "a_cascade_in_any_order",
        "handoffs_are_not_revoked",
        "flows_below_are_left_rolling_back",
    }
)


@contextmanager
def mutated(name: str | None) -> Iterator[None]:
    """The code with one fault in it."""
    with ExitStack() as stack:
        if name is not None:
            MUTATIONS[name](stack)
        yield


def _mutation(put_in: Mutation) -> Mutation:
    MUTATIONS[put_in.__name__] = put_in
    return put_in


def _everywhere(stack: ExitStack, old: Any, new: Any) -> None:
    """A function is imported by name into several modules."""
    for name, module in list(sys.modules.items()):
        if name.startswith("caravan_orchestrator") and getattr(module, old.__name__, None) is old:
            stack.enter_context(patch.object(module, old.__name__, new))


@_mutation
def epoch_is_not_checked(stack: ExitStack) -> None:
    stack.enter_context(patch.object(guards, "epoch_is_current", lambda attempt, reply: True))


@_mutation
def run_is_not_checked(stack: ExitStack) -> None:
    stack.enter_context(patch.object(guards, "run_is_bound", lambda attempt, reply: True))


@_mutation
def ended_attempts_still_answer(stack: ExitStack) -> None:
    stack.enter_context(patch.object(guards, "attempt_is_waited_for", lambda attempt: True))


@_mutation
def inbox_forgets(stack: ExitStack) -> None:
    async def record(self: ModelTransaction, messages: Any) -> Any:
        await self.statement()
        return frozenset(messages)

    stack.enter_context(patch.object(ModelTransaction, "record", record))


@_mutation
def reply_acked_before_commit(stack: ExitStack) -> None:
    """World.ack_first does it."""


@_mutation
def marked_sent_before_the_confirm(stack: ExitStack) -> None:
    publish = Relay._publish

    async def early(self: Relay, rows: Any) -> None:
        await self._outbox.mark_sent([row.id for row in rows])
        await publish(self, rows)

    stack.enter_context(patch.object(Relay, "_publish", early))


@_mutation
def unconfirmed_counts_as_sent(stack: ExitStack) -> None:
    async def careless(self: Any, ids: Any, seconds: float) -> None:
        await self.mark_sent(ids)

    stack.enter_context(patch.object(ModelDispatch, "release", careless))


@_mutation
def window_is_ignored(stack: ExitStack) -> None:
    candidates = ModelDispatch._candidates
    stack.enter_context(
        patch.object(
            ModelDispatch, "_candidates", lambda self, windows, default, now: candidates(self, {}, 99, now)
        )
    )


@_mutation
def lease_by_the_wall_clock(stack: ExitStack) -> None:
    stack.enter_context(patch.object(leases, "MOST_PER_TICK", 1e9))


@_mutation
def lease_not_looked_at_under_the_lock(stack: ExitStack) -> None:
    async def all_expired(self: ModelTransaction, attempts: Any) -> frozenset[Any]:
        await self.statement()
        return frozenset(attempts)

    stack.enter_context(patch.object(ModelTransaction, "expired_leases", all_expired))


@_mutation
def receipts_of_stale_runs_dropped(stack: ExitStack) -> None:
    keep = replies._keep_late_receipt

    def only_bound(draft: Any, attempt: Any, reply: Any) -> None:
        if guards.reply_counts(attempt, reply):
            keep(draft, attempt, reply)

    stack.enter_context(patch.object(replies, "_keep_late_receipt", only_bound))


@_mutation
def usage_of_stale_runs_dropped(stack: ExitStack) -> None:
    keep = replies._keep_usage

    def only_counting(draft: Any, attempt: Any, reply: Any) -> None:
        if guards.reply_counts(attempt, reply):
            keep(draft, attempt, reply)

    stack.enter_context(patch.object(replies, "_keep_usage", only_counting))


@_mutation
def unit_given_again_within_the_kill_margin(stack: ExitStack) -> None:
    stack.enter_context(patch.object(attempts, "KILL_MARGIN", -0.6))


@_mutation
def unit_given_again_without_its_check(stack: ExitStack) -> None:
    give_out = attempts.give_out

    def forgetful(draft: Draft, attempt: Any, not_before: Any = None) -> Any:
        given = give_out(draft, attempt, not_before)
        if given.id in draft.commands:
            out = draft.commands[given.id]
            command = out.command.model_copy(update={"outcome_unknown": False})
            draft.commands[given.id] = type(out)(out.attempt_id, out.major, command)
        return given

    _everywhere(stack, give_out, forgetful)


@_mutation
def units_are_not_fenced(stack: ExitStack) -> None:
    stack.enter_context(patch.object(work, "FENCING", False))


@_mutation
def new_epoch_beside_an_unheard_run(stack: ExitStack) -> None:
    stack.enter_context(patch.object(attempts, "may_still_begin", lambda attempt: False))


@_mutation
def undo_does_not_wait_for_its_unit(stack: ExitStack) -> None:
    stack.enter_context(patch.object(rolling_back, "_turn_has_come", lambda draft, step, steps: True))


@_mutation
def undo_in_any_order(stack: ExitStack) -> None:
    def ended(draft: Draft, step: Any, steps: Any) -> bool:
        return not draft.flow.attempts[step.attempt_id].is_open

    stack.enter_context(patch.object(rolling_back, "_turn_has_come", ended))


@_mutation
def pause_is_ignored(stack: ExitStack) -> None:
    give_out = attempts.give_out

    def regardless(draft: Draft, attempt: Any, not_before: Any = None) -> Any:
        paused_at = draft.flow.paused_at
        draft.change_flow(paused_at=None)
        given = give_out(draft, attempt, not_before)
        draft.change_flow(paused_at=paused_at)
        return given

    _everywhere(stack, give_out, regardless)


@_mutation
def pointers_are_not_restored(stack: ExitStack) -> None:
    point = Draft.point

    def only_forward(self: Draft, phase: str, attempt_id: Any, datasets: Any = None) -> None:
        if datasets is not None:
            point(self, phase, attempt_id, datasets)

    stack.enter_context(patch.object(Draft, "point", only_forward))


@_mutation
def cancels_are_not_sent(stack: ExitStack) -> None:
    stack.enter_context(patch.object(Draft, "cancel_run", lambda self, attempt, run_id, reason: None))


@_mutation
def cancel_leaves_attempts_open(stack: ExitStack) -> None:
    cancel = control.cancel_flow

    def careless(draft: Draft, actor: str, reason: str | None = None) -> None:
        kept = draft.flow.attempts
        cancel(draft, actor, reason)
        draft.change_flow(attempts=kept)

    stack.enter_context(patch.object(control, "cancel_flow", careless))


@_mutation
def retries_have_no_wakeup(stack: ExitStack) -> None:
    def forgetful(flow: Any, now: Any) -> Any:
        delayed = any(a.status is AttemptStatus.DELAYED for a in flow.open_attempts)
        return None if delayed else wakeup_times.next_wakeup(flow, now)

    stack.enter_context(patch.object(draft_module, "next_wakeup", forgetful))


@_mutation
def nobody_looks_for_what_was_not_started(stack: ExitStack) -> None:
    wake = timers.wake_flow

    def blind(draft: Draft, unsent: Any, **facts: Any) -> None:
        late = {a.id for a in draft.flow.open_attempts if a.status is AttemptStatus.DISPATCHED}
        wake(draft, frozenset(unsent | late), **facts)

    stack.enter_context(patch.object(timers, "wake_flow", blind))


@_mutation
def result_accepted_before_its_units(stack: ExitStack) -> None:
    def hasty(flow: Any, phase: str) -> bool:
        return any(
            a.phase == phase and a.kind is AttemptKind.UNIT and not a.is_open for a in flow.attempts.values()
        )

    from caravan_orchestrator.domain import units

    _everywhere(stack, units.units_are_done, hasty)


@_mutation
def event_numbers_repeat(stack: ExitStack) -> None:
    event = Draft.event

    def twice(self: Draft, type_: str, data: Any = None) -> None:
        event(self, type_, data)
        if type_ == "flow.paused":
            self.change_flow(event_sequence=self.flow.event_sequence - 1)

    stack.enter_context(patch.object(Draft, "event", twice))


@_mutation
def a_refresh_keeps_what_has_changed(stack: ExitStack) -> None:
    stack.enter_context(patch.object(staleness, "inputs_have_changed", lambda draft, phase: False))


@_mutation
def a_cascade_stops_at_the_first_flow_below(stack: ExitStack) -> None:
    plan = cascade._plan_cascade

    def shallow(flows: Any, root: Any, phase: Any) -> Any:
        near = {id_: f for id_, f in flows.items() if root.id in (id_, f.parent_flow_id)}
        return plan(near, root, phase)

    stack.enter_context(patch.object(cascade, "_plan_cascade", shallow))


@_mutation
def a_flow_goes_back_under_what_has_grown_from_it(stack: ExitStack) -> None:
    plan = rollbacks.plan_closure

    def alone(flows: Any, root: Any, kind: str, phase: Any) -> Any:
        return plan(flows if kind == "cascade" else {root: flows[root]}, root, kind, phase)

    _everywhere(stack, cascade.plan_closure, alone)


@_mutation
def epochs_of_flows_below_are_not_raised(stack: ExitStack) -> None:
    stop = rolling_back._stop_attempts

    def only_of_roots(draft: Draft) -> None:
        if draft.flow.rollback is None or draft.flow.rollback.cascade_id is None:
            stop(draft)

    stack.enter_context(patch.object(rolling_back, "_stop_attempts", only_of_roots))


@_mutation
def a_cascade_in_any_order(stack: ExitStack) -> None:
    def all_at_once(drafts: Any, rollback_id: Any) -> None:
        for draft in cascade.parts_of(drafts, rollback_id):
            if draft.flow.rollback.status == "queued":
                rolling_back.begin_undo(draft)

    _everywhere(stack, cascade.carry_on, all_at_once)


@_mutation
def handoffs_are_not_revoked(stack: ExitStack) -> None:
    stack.enter_context(patch.object(rolling_back, "_revoke_handoffs", lambda draft, plan: None))


@_mutation
def flows_below_are_left_rolling_back(stack: ExitStack) -> None:
    def only_the_root(drafts: Any, rollback_id: Any, proof: Any) -> None:
        for draft in cascade.parts_of(drafts, rollback_id):
            if draft.flow.rollback.id == rollback_id:
                rolling_back.finish_rollback(draft, proof)

    _everywhere(stack, cascade.finish_closure, only_the_root)
