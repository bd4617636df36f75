"""What must hold between flows that have grown from each other, at every commit."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from caravan_orchestrator.domain.decision import Decision
from caravan_orchestrator.domain.model import Flow, Rollback
from caravan_orchestrator.domain.states import OPEN_ATTEMPTS, AttemptKind, FlowStatus, HandoffStatus
from tests.simulation.tables import FlowRows

if TYPE_CHECKING:
    from tests.simulation.world import World

_BACK = (FlowStatus.ROLLING_BACK, FlowStatus.ROLLED_BACK)
_STANDING = (HandoffStatus.REQUESTED, HandoffStatus.BUILDING, HandoffStatus.READY, HandoffStatus.ACCEPTED)


class FamilyWatch:
    """Part of watch.Watch, which tells it of every commit."""

    def __init__(self, world: "World", breach: Callable[..., None]) -> None:
        self._world, self._breach = world, breach

    def check_stopped(self, rows: FlowRows, decision: Decision) -> None:
        """With the decision that starts a rollback, no computation of any of its flows is waited for any more."""
        rollback = decision.flow.rollback
        if rollback is None or rollback.id in rows.rollbacks:
            return
        for id_, old in rows.attempts.items():
            now = decision.flow.attempts[id_]
            if old.kind is not AttemptKind.EXECUTE or old.status not in OPEN_ATTEMPTS:
                continue
            if now.status in OPEN_ATTEMPTS or now.epoch <= old.epoch:
                self._breach("a rollback left the run of {} waited for", old.phase)

    def check(self, rows: FlowRows, decision: Decision) -> None:
        base, tables = rows.base, self._world.tables
        children = tables.children(base.id)
        parent = tables.flows.get(base.parent_flow_id) if base.parent_flow_id is not None else None
        above = [] if parent is None else [(parent.base, base)]
        for over, under in [*above, *((base, child.base) for child in children)]:
            if over.status in _BACK and under.status not in _BACK:
                self._breach("a flow is {} though what it has grown from is {}", under.status, over.status)
        if base.status in _BACK and any(handoff.is_open for handoff in rows.handoffs.values()):
            self._breach("a flow that is {} is about to hand over", base.status)
        if parent is not None and self._lives(base):
            self._check_siblings(base, parent)
        if any(event.type == "caravan.rollback.completed" for event in decision.events):
            self._check_completed(rows, children)

    def _lives(self, flow: Flow) -> bool:
        return self._world.tables.lives(flow.id) and flow.status not in _BACK

    def _check_siblings(self, flow: Flow, parent: FlowRows) -> None:
        beside = [
            each.base for each in self._world.tables.children(parent.base.id) if each.base.id != flow.id
        ]
        if any(each.flow_type == flow.flow_type and self._lives(each) for each in beside):
            self._breach("two flows of one type go on with what the same flow has handed over")

    def _check_completed(self, rows: FlowRows, children: list[FlowRows]) -> None:
        for child in children:
            if child.base.status is not FlowStatus.ROLLED_BACK:
                self._breach(
                    "a rollback has ended while a flow that has grown from it is {}", child.base.status
                )
        if any(handoff.status in _STANDING for handoff in rows.handoffs.values()):
            self._breach("a handoff stands though its flow was rolled back")

    def somebody_acts(self, rows: FlowRows) -> bool:
        """On a rollback, in whatever of its flows; or it is due to be looked at."""
        rollback = _under_way(rows)
        if rollback is None:
            return False
        if ("rollback", rollback.whole_id) in self._world.tables.due:
            return True
        return any(_moves(part) for part in self._parts(rollback) if part is not rows)

    def _parts(self, rollback: Rollback) -> Iterator[FlowRows]:
        tables = self._world.tables
        return (tables.flows[id_] for id_ in tables.flows_in_rollback(rollback.whole_id))


def _under_way(rows: FlowRows) -> Rollback | None:
    return next((r for r in rows.rollbacks.values() if r.status not in ("completed", "failed")), None)


def _moves(rows: FlowRows) -> bool:
    flow: Flow = rows.base
    return flow.reason == "operator" or any(a.status in OPEN_ATTEMPTS for a in rows.attempts.values())
