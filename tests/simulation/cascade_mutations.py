"""Faults in rollbacks over flows that have grown from each other, and in what may grow meanwhile."""

from contextlib import ExitStack
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from caravan_orchestrator.domain import cascade, control, rolling_back
from caravan_orchestrator.domain.draft import Draft
from caravan_orchestrator.usecases import rollbacks
from tests.simulation.mutating import everywhere, mutation

# Looked for in the histories that are about chains.
ABOUT_CHAINS = frozenset(
    {
        "a_cascade_stops_at_the_first_flow_below",
        "a_flow_goes_back_under_what_has_grown_from_it",
        "epochs_of_flows_below_are_not_raised",
        "a_cascade_in_any_order",
        "handoffs_are_not_revoked",
        "flows_below_are_left_rolling_back",
        "what_was_handed_over_before_is_gone_on_with",
        "a_flow_goes_on_beside_the_one_that_took_its_place",
    }
)


@mutation
def a_cascade_stops_at_the_first_flow_below(stack: ExitStack) -> None:
    plan = cascade._plan_cascade

    def shallow(flows: Any, root: Any, phase: Any) -> Any:
        near = {id_: f for id_, f in flows.items() if root.id in (id_, f.parent_flow_id)}
        return plan(near, root, phase)

    stack.enter_context(patch.object(cascade, "_plan_cascade", shallow))


@mutation
def a_flow_goes_back_under_what_has_grown_from_it(stack: ExitStack) -> None:
    plan = rollbacks.plan_closure

    def alone(flows: Any, root: Any, kind: str, phase: Any, choice: Any) -> Any:
        return plan(flows if kind == "cascade" else {root: flows[root]}, root, kind, phase, choice)

    everywhere(stack, cascade.plan_closure, alone)


@mutation
def epochs_of_flows_below_are_not_raised(stack: ExitStack) -> None:
    stop = rolling_back._stop_attempts

    def only_of_roots(draft: Draft) -> None:
        if draft.flow.rollback is None or draft.flow.rollback.cascade_id is None:
            stop(draft)

    stack.enter_context(patch.object(rolling_back, "_stop_attempts", only_of_roots))


@mutation
def a_cascade_in_any_order(stack: ExitStack) -> None:
    def all_at_once(drafts: Any, rollback_id: Any) -> None:
        for draft in cascade.parts_of(drafts, rollback_id):
            if draft.flow.rollback.status == "queued":
                rolling_back.begin_undo(draft)

    everywhere(stack, cascade.carry_on, all_at_once)


@mutation
def handoffs_are_not_revoked(stack: ExitStack) -> None:
    stack.enter_context(patch.object(rolling_back, "_revoke_handoffs", lambda draft, plan: None))


@mutation
def flows_below_are_left_rolling_back(stack: ExitStack) -> None:
    def only_the_root(drafts: Any, rollback_id: Any, proof: Any) -> None:
        for draft in cascade.parts_of(drafts, rollback_id):
            if draft.flow.rollback.id == rollback_id:
                rolling_back.finish_rollback(draft, proof)

    everywhere(stack, cascade.finish_closure, only_the_root)


@mutation
def what_was_handed_over_before_is_gone_on_with(stack: ExitStack) -> None:
    """Beside a newer flow, or though what it has grown from is gone."""
    stack.enter_context(patch.object(control, "_refuse_without_handoff", lambda flow: None))


@mutation
def a_flow_goes_on_beside_the_one_that_took_its_place(stack: ExitStack) -> None:
    """It was rolled back alone; then the flow it has grown from was handed over to another, which lives."""
    refuse = control._refuse_without_handoff
    stack.enter_context(
        patch.object(control, "_refuse_without_handoff", lambda flow: refuse(replace(flow, superseded=False)))
    )
