"""The proof of a rollback as store.proof computes it, on the model's tables: pointers and effects of all its flows."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

if TYPE_CHECKING:
    from tests.simulation.tables import FlowRows
    from tests.simulation.world import World


def compute_proof(world: "World", rollback_id: UUID, _: UUID) -> dict[str, Any] | None:
    """None, now and then, while the index has not caught up."""
    if not world.faults.calm and world.kernel.random() < 0.3:
        return None
    differ: list[str] = []
    unsettled: list[str] = []
    for id_ in world.tables.flows_in_rollback(rollback_id):
        found = _differences(world.tables.flows[id_], rollback_id)
        differ += found[0]
        unsettled += found[1]
    if differ or unsettled:
        world.watch.breach("the proof of a rollback does not hold: {} {}", differ, unsettled)
    return {"holds": not differ and not unsettled}


def _differences(rows: "FlowRows", rollback_id: UUID) -> tuple[list[str], list[str]]:
    rollback = next(each for each in rows.rollbacks.values() if each.whole_id == rollback_id)
    now = {p.name: p.active_attempt_id for p in rows.base.phases}
    differ = [
        name
        for name, target in rollback.plan["targets"].items()
        if (None if now[name] is None else str(now[name])) != target
    ]
    unsettled = [
        s.subject for s in rollback.steps if s.status not in ("undone", "nothing_to_do", "irreversible")
    ]
    return differ, unsettled
