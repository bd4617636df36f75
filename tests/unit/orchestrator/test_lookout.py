"""The lookout wakes the duties that have work, and no other."""

from collections.abc import Collection

from caravan_orchestrator.loops.lookout import Lookout


class Waiting:
    """Work of these kinds."""

    def __init__(self, *kinds: str) -> None:
        self.kinds = kinds

    async def work_waiting(self, kinds: Collection[str]) -> Collection[str]:
        return [kind for kind in self.kinds if kind in kinds]


async def test_only_duties_with_work_are_woken() -> None:
    woken: list[str] = []
    wakes = {kind: lambda kind=kind: woken.append(kind) for kind in ("command", "index", "fold")}  # type: ignore[misc]
    assert not await Lookout(Waiting("fold", "command"), wakes).step()
    assert sorted(woken) == ["command", "fold"]
    await Lookout(Waiting(), wakes).step()
    assert len(woken) == 2
