"""A child that was rolled back alone, and a handoff on its way: it is carried on, or another takes its place, never
both, whoever comes first and however close they are."""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from caravan_common.contracts import HandoffBuilt
from caravan_orchestrator.domain.control import execute_phase
from caravan_orchestrator.domain.draft import Draft
from caravan_orchestrator.domain.errors import Refused
from caravan_orchestrator.domain.handoffs import request_handoff
from caravan_orchestrator.usecases import handoffs as usecases
from caravan_orchestrator.usecases.intake import take_in
from tests.integration.chain.test_handoffs import chain, children, handoffs, newest_child, platform
from tests.support.inprocess_platform import InProcessPlatform
from tests.support.waiting import eventually

__all__ = ["platform"]
WAITS = (
    "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
)


class Held:
    """A step of whoever takes the handoff in: it has come so far, and goes on when it is told."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, name: str, *, before: bool) -> None:
        self.there, self.go, self._before = asyncio.Event(), asyncio.Event(), before
        self.arguments: tuple[Any, ...] = ()
        self._real: Callable[..., Any] = getattr(usecases, name)
        monkeypatch.setattr(usecases, name, self._held)

    async def _held(self, *arguments: Any) -> Any:
        found = None if self._before else await self._real(*arguments)
        self.arguments = arguments
        self.there.set()
        await asyncio.wait_for(self.go.wait(), 30)
        return await self._real(*arguments) if self._before else found


@pytest.fixture
async def resting(platform: InProcessPlatform) -> tuple[UUID, UUID]:
    """A completed flow and its child, which was rolled back alone."""
    root, child = await chain(platform, through="sorting")
    await platform.roll_back(child, "flow")
    await platform.reach(child, "rolled_back")
    await platform.settled()
    return root, child


def carry_on(draft: Draft) -> None:
    execute_phase(draft, "ann", draft.flow.phases[0].name)


async def hand_over(platform: InProcessPlatform, root: UUID, held: Held) -> None:
    """Until whoever takes it in has come so far."""
    await platform.order(root, lambda draft: request_handoff(draft, "ann", "sorting"))
    await asyncio.wait_for(held.there.wait(), 30)


async def test_a_child_carried_on_after_its_parent_was_read_is_the_one_that_is_told(
    platform: InProcessPlatform, resting: tuple[UUID, UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    root, child = resting
    held = Held(monkeypatch, "_find_child", before=True)
    await hand_over(platform, root, held)
    await platform.order(child, carry_on)
    held.go.set()
    await platform.reach(child, "completed")

    async def told() -> bool:
        rows = await handoffs(platform, root)
        return [(row.status, row.target_flow_id) for row in rows] == [
            ("replaced", child),
            ("accepted", child),
        ]

    await eventually(told, timeout=30, what="the child was told")
    assert [row.id for row in await children(platform, root)] == [child]


async def test_a_child_that_another_takes_the_place_of_meanwhile_is_not_carried_on(
    platform: InProcessPlatform, resting: tuple[UUID, UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    root, child = resting
    held = Held(monkeypatch, "_find_child", before=False)
    await hand_over(platform, root, held)
    carrying_on = asyncio.create_task(platform.order(child, carry_on))
    await somebody_waits(platform)
    assert not carrying_on.done(), "it was read, and is held until the handoff is delivered"
    held.go.set()
    with pytest.raises(Refused) as refused:
        await carrying_on
    assert refused.value.code == "superseded"
    new = await newest_child(platform, root, child)
    await platform.reach(new, "completed")
    assert (await platform.status(child))[0] == "rolled_back"
    assert len(await children(platform, root)) == 2


async def test_two_who_take_in_the_same_handoff_find_one_child(
    platform: InProcessPlatform, resting: tuple[UUID, UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    root, child = resting
    held = Held(monkeypatch, "_find_child", before=True)
    await hand_over(platform, root, held)
    parent: Draft = held.arguments[1]
    handoff = next(each for each in parent.flow.handoffs if each.status == "ready")
    attempt = parent.flow.attempts[handoff.id]
    assert attempt.run_id is not None
    same = HandoffBuilt(
        attempt_id=attempt.id,
        epoch=attempt.epoch,
        run_id=attempt.run_id,
        flow_id=root,
        worker="w1",
        datasets=tuple(each["manifest"] for each in handoff.package["datasets"]),
        digest=handoff.digest or "",
    )
    second = asyncio.create_task(take_in(platform.database, platform.tenant, [same]))
    await somebody_waits(platform)
    held.go.set()
    assert (await second).refused == {same.message_id: "not_awaited"}
    new = await newest_child(platform, root, child)
    await platform.reach(new, "completed")
    assert {row.id for row in await children(platform, root)} == {child, new}
    rows = await handoffs(platform, root)
    assert [row.status for row in rows] == ["accepted", "accepted"]


async def somebody_waits(platform: InProcessPlatform) -> None:
    async def waits() -> bool:
        return bool((await platform.query(WAITS))[0][0])

    await eventually(waits, timeout=30, every=0.02, what="a transaction waits for a lock")
