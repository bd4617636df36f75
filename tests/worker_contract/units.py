"""The part of the worker contract that is about effects: claims, receipts, undo."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from caravan_common.contracts import (
    AttemptAbandoned,
    AttemptStarted,
    CompensateUnit,
    ExecuteUnit,
    PhaseFailed,
    Receipt,
    UndoOutcome,
    UnitCompensated,
    UnitCompleted,
    UnitOutcome,
    UnitSpec,
    encode,
    new_id,
)
from caravan_common.worker._frames import Job
from tests.worker_contract.bench import HELD_SECONDS, Bench
from tests.worker_contract.fixtures import OnABench, OpenBench


class UnitContract(OnABench):
    """One scenario per promise of a unit's life."""

    async def test_a_unit_is_done_once_and_a_second_run_of_its_epoch_stands_back(
        self, bench: Bench, tmp_path: Path
    ) -> None:
        unit = UnitSpec(key="unit-1", action="write", parameters={"path": str(tmp_path / "effects")})
        first = bench.unit(ExecuteUnit, unit=unit)
        bench.pool_store().put_bytes(f"{first.artifact_prefix}/{first.epoch}/claim", b"another run")
        bench.send(first)
        assert (await bench.get(AttemptAbandoned, first)).claimed_elsewhere
        second = bench.unit(ExecuteUnit, unit=unit)
        bench.send(second)
        completed = await bench.get(UnitCompleted, second)
        assert completed.outcome is UnitOutcome.DONE
        assert completed.receipt is not None
        assert completed.receipt.effect_id == "unit-1"
        assert (tmp_path / "effects").read_text().splitlines() == ["unit-1"]

    async def test_a_unit_is_claimed_before_anything_is_said_of_it(
        self, bench: Bench, tmp_path: Path
    ) -> None:
        """Also while no child is free, so that its run is heard of long before it begins."""
        unit = UnitSpec(key="unit-1", action="write", parameters={"path": str(tmp_path / "effects")})
        ours, theirs = bench.unit(ExecuteUnit, unit=unit, epoch=2), bench.unit(ExecuteUnit, unit=unit)
        store = bench.pool_store()
        store.put_bytes(f"{theirs.artifact_prefix}/1/claim", b"another run")
        async with self._children_busy(bench, tmp_path):
            bench.send(theirs)
            assert (await bench.get(AttemptAbandoned, theirs)).claimed_elsewhere
            assert not bench.of(AttemptStarted, theirs)
            bench.send(ours)
            started = await bench.get(AttemptStarted, ours)
            for epoch in (1, 2):
                assert (
                    store.get_bytes(f"{ours.artifact_prefix}/{epoch}/claim") == str(started.run_id).encode()
                )
        assert (await bench.get(UnitCompleted, ours)).outcome is UnitOutcome.DONE

    async def test_a_clean_stop_hands_a_claimed_unit_back_to_the_orchestrator(
        self, open_bench: OpenBench, tmp_path: Path
    ) -> None:
        """Whoever got its command from the broker could only find the claim."""
        bench = await open_bench(hold_seconds=HELD_SECONDS)
        unit = UnitSpec(key="unit-1", action="write", parameters={"path": str(tmp_path / "effects")})
        command = bench.unit(ExecuteUnit, unit=unit)
        claim = f"{command.artifact_prefix}/1/claim"
        async with self._children_busy(bench, tmp_path):
            bench.send(command)
            await bench.until(lambda: bench.pool_store().size(claim) is not None, "the claim")
            await bench.runtime.stop()
        abandoned = await bench.get(AttemptAbandoned, command)
        assert not abandoned.claimed_elsewhere
        assert not bench.of(AttemptStarted, command)
        assert await bench.bus.message_count(bench.queue) == 0

    async def test_an_effect_can_not_begin_after_it_was_undone(self, bench: Bench, tmp_path: Path) -> None:
        unit = UnitSpec(key="unit-1", action="write", parameters={"path": str(tmp_path / "effects")})
        late = bench.unit(ExecuteUnit, unit=unit)
        fence = {"fence_prefix": late.artifact_prefix, "fence_epoch": late.epoch}
        undo = bench.unit(CompensateUnit, unit=unit, rollback_id=new_id(), outcome_unknown=True, **fence)
        bench.send(undo)
        assert (await bench.get(UnitCompensated, undo)).outcome is not UndoOutcome.FAILED
        bench.send(late)
        assert (await bench.get(AttemptAbandoned, late)).claimed_elsewhere
        assert not (tmp_path / "effects").exists()

    async def test_an_undo_steps_back_while_a_run_of_its_unit_may_go_on(
        self, bench: Bench, tmp_path: Path
    ) -> None:
        unit = UnitSpec(key="unit-1", action="write", parameters={"path": str(tmp_path / "effects")})
        running = bench.unit(ExecuteUnit, unit=unit)
        bench.pool_store().put_bytes(f"{running.artifact_prefix}/1/claim", b"a run that goes on")
        fence = {"fence_prefix": running.artifact_prefix, "fence_epoch": 1}
        undo = bench.unit(CompensateUnit, unit=unit, rollback_id=new_id(), **fence)
        bench.send(undo)
        assert (await bench.get(AttemptAbandoned, undo)).effect_claimed
        ended = bench.unit(CompensateUnit, unit=unit, rollback_id=new_id(), ended_epoch=1, **fence)
        bench.send(ended)
        assert (await bench.get(UnitCompensated, ended)).outcome is not UndoOutcome.FAILED

    async def test_a_unit_of_unknown_outcome_begins_with_its_check_and_is_not_done_twice(
        self, bench: Bench, tmp_path: Path
    ) -> None:
        path = {"path": str(tmp_path / "effects")}
        killed = bench.unit(
            ExecuteUnit, unit=UnitSpec(key="u", action="write", parameters={**path, "crash": True})
        )
        bench.send(killed)
        assert (await bench.get(PhaseFailed, killed)).error.code == "child_died"
        again = bench.unit(
            ExecuteUnit,
            unit=UnitSpec(key="u", action="write", parameters=path),
            attempt=killed.attempt_id,
            epoch=2,
            outcome_unknown=True,
        )
        bench.send(again)
        completed = await bench.get(UnitCompleted, again)
        assert completed.outcome is UnitOutcome.ALREADY_DONE
        assert completed.receipt is not None
        assert (tmp_path / "effects").read_text().splitlines() == ["u"]

    async def test_an_effect_that_fails_is_an_outcome_with_its_error(
        self, bench: Bench, tmp_path: Path
    ) -> None:
        unit = UnitSpec(key="u", action="write", parameters={"path": str(tmp_path / "x"), "fail": True})
        command = bench.unit(ExecuteUnit, unit=unit)
        bench.send(command)
        completed = await bench.get(UnitCompleted, command)
        assert completed.outcome is UnitOutcome.FAILED
        assert completed.error is not None
        assert completed.error.code == "target_refused"

    async def test_an_effect_is_undone_by_its_receipts_or_by_what_a_check_finds(
        self, bench: Bench, tmp_path: Path
    ) -> None:
        unit = UnitSpec(key="u", action="write", parameters={"path": str(tmp_path / "effects")})
        rollback = new_id()

        async def undo(receipts: tuple[Receipt, ...], *, unknown: bool) -> UndoOutcome:
            command = bench.unit(
                CompensateUnit, unit=unit, receipts=receipts, rollback_id=rollback, outcome_unknown=unknown
            )
            bench.send(command)
            return (await bench.get(UnitCompensated, command)).outcome

        assert await undo((), unknown=False) is UndoOutcome.NOTHING_TO_DO
        (tmp_path / "effects").write_text("u\n")
        assert await undo((Receipt(effect_id="u"),), unknown=False) is UndoOutcome.UNDONE
        (tmp_path / "effects").write_text("other\nu\n")
        assert await undo((), unknown=True) is UndoOutcome.UNDONE
        assert (tmp_path / "effects").read_text() == "other\n"

    @asynccontextmanager
    async def _children_busy(self, bench: Bench, folder: Path) -> AsyncIterator[None]:
        """All of them, by work that its runtime has not given them."""
        go, pids = folder / "go", folder / "busy"
        command = bench.phase("slow", configuration={"until": str(go), "pid": str(pids)})
        job = Job(type(command).__name__, encode(command), str(new_id()), None)
        busy = [bench.pool.submit(job) for _ in range(bench.pool.size)]
        try:
            await bench.until(lambda: len(_lines(pids)) == len(busy), "the beginning of their work")
            yield
        finally:
            go.touch()
            await asyncio.gather(*(task.result for task in busy))


def _lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []
