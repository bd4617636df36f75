"""Flows that have grown from each other, each a conversation of its own, and decisions that concern them all."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

from caravan_common.contracts import UnitSpec, new_id
from caravan_orchestrator.domain.cascade import (
    RollbackOrder,
    carry_on,
    finish_closure,
    plan_closure,
    start_closure,
)
from caravan_orchestrator.domain.draft import Draft
from caravan_orchestrator.domain.model import Handoff
from caravan_orchestrator.domain.rollback_plan import Closure
from caravan_orchestrator.domain.states import HandoffStatus
from tests.unit.orchestrator.conversation import Conversation

Result = TypeVar("Result")


def finished(*units: UnitSpec, **flow: Any) -> Conversation:
    talk = Conversation(**flow)
    talk.to_act(*units)
    for unit in units:
        talk.unit_done(unit.key)
    return talk


class Family:
    """`rollback`: the id of the one that was ordered last."""

    def __init__(self, *units: UnitSpec) -> None:
        self.root = finished(*units)
        self.members = [self.root]
        self.rollback: UUID

    def grow(self, parent: Conversation, child: Conversation | None = None) -> Conversation:
        """A handoff was accepted. Without `child`, it is completed and has no effects."""
        child = child or finished()
        child.flow = replace(child.flow, parent_flow_id=parent.flow.id)
        handoff = Handoff(
            new_id(),
            child.flow.flow_type,
            HandoffStatus.ACCEPTED,
            target_flow_id=child.flow.id,
            child_lives=True,
        )
        parent.flow = replace(parent.flow, handoffs=(*parent.flow.handoffs, handoff))
        self.members.append(child)
        return child

    def together(self, give: Callable[[dict[UUID, Draft]], Result]) -> Result:
        """One decision over all flows, under all their locks."""
        drafts = {t.flow.id: Draft(t.flow, t.definition, t.now) for t in self.members}
        result = give(drafts)
        for talk in self.members:
            talk.close(drafts[talk.flow.id])
        return result

    def plan(
        self, kind: str = "cascade", phase: str | None = None, of: Conversation | None = None
    ) -> Closure:
        flows = {talk.flow.id: talk.flow for talk in self.members}
        return plan_closure(flows, (of or self.root).flow.id, kind, phase)

    def roll_back(
        self,
        kind: str = "cascade",
        phase: str | None = None,
        accepted: tuple[str, ...] = (),
        digest: str | None = None,
    ) -> None:
        digest = digest or self.plan(kind, phase).describe()["digest"]
        order = RollbackOrder(kind, phase, digest, "ann", "test", accepted)
        self.rollback = self.together(partial(start_closure, root=self.root.flow.id, order=order))

    def carry_on(self) -> None:
        self.together(lambda drafts: carry_on(drafts, self.rollback))

    def prove(self, *, holds: bool = True) -> None:
        self.together(lambda drafts: finish_closure(drafts, self.rollback, {"holds": holds}))
