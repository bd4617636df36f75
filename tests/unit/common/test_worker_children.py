"""Child processes: replaced when they die, never outliving what they were forked from."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Collection
from pathlib import Path

import psutil
import pytest

from caravan_common.artifacts import attempt_prefix
from caravan_common.contracts import ExecutePhase, PhaseCompleted, Tenant, decode, encode, new_id
from caravan_common.worker import ChildPool, ChildSetup, Service, _zygote_link
from caravan_common.worker._frames import Job
from caravan_common.worker._zygote_link import ZygoteFailed
from caravan_common.worker.children import ChildDied, PoolClosed
from tests.support import eventually
from tests.support.echo_service import ECHO, ECHO_SERVICE


@pytest.fixture
async def pool(tmp_path: Path) -> AsyncIterator[ChildPool]:
    pool = ChildPool(1, setup_in(tmp_path, ECHO_SERVICE))
    await pool.start()
    yield pool
    await pool.close()


def setup_in(folder: Path, service: Service) -> ChildSetup:
    return ChildSetup((service,), (folder / "store").as_uri(), folder / "scratch", "worker-1")


def job(phase: str, **configuration: object) -> Job:
    tenant = Tenant(client_account_id=new_id(), engagement_id=new_id())
    flow, attempt = new_id(), new_id()
    command = ExecutePhase(
        attempt_id=attempt,
        epoch=1,
        flow_id=flow,
        tenant=tenant,
        flow_type="echo",
        definition_version="1.0.0",
        artifact_prefix=attempt_prefix(tenant, flow, attempt),
        phase=phase,
        configuration=configuration,
    )
    return Job("ExecutePhase", encode(command), str(new_id()), None)


async def until(condition: object, what: str) -> None:
    async def so() -> bool:
        return bool(condition())  # type: ignore[operator]

    await eventually(so, timeout=60, every=0.01, what=what)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_a_killed_child_is_replaced_and_the_next_job_does_not_notice(pool: ChildPool) -> None:
    with pytest.raises(ChildDied) as death:
        await pool.submit(job("crash")).result
    assert (death.value.status, death.value.killed) == (-signal.SIGKILL, False)
    result = await pool.submit(job("noop")).result
    assert result.type == PhaseCompleted.__name__


async def test_a_child_that_has_worked_and_then_rests_is_replaced_by_a_new_one(tmp_path: Path) -> None:
    pool = ChildPool(2, setup_in(tmp_path, ECHO_SERVICE), rest_seconds=0.2)
    await pool.start()
    try:
        await until(lambda: len(pool.pids) == 2, "both children")
        before = set(pool.pids)
        await pool.submit(job("noop")).result
        await until(lambda: len(pool.pids) == 2 and set(pool.pids) != before, "a new child")
        assert len(before & set(pool.pids)) == 1, "the one that never worked stays"
        rested = set(pool.pids)
        await asyncio.sleep(0.5)
        assert set(pool.pids) == rested, "as long as nothing works, none is replaced again"
        assert (await pool.submit(job("noop")).result).type == PhaseCompleted.__name__
    finally:
        await pool.close()


async def test_a_child_that_goes_on_working_is_not_replaced(tmp_path: Path) -> None:
    pool = ChildPool(1, setup_in(tmp_path, ECHO_SERVICE), rest_seconds=0.4)
    await pool.start()
    try:
        await until(lambda: len(pool.pids) == 1, "the child")
        before = pool.pids
        await pool.submit(job("noop")).result
        work = job("slow", until=str(tmp_path / "go"), pid=str(tmp_path / "pid"))
        busy = pool.submit(work)
        await asyncio.sleep(0.6)
        (tmp_path / "go").touch()
        assert (await busy.result).type == PhaseCompleted.__name__
        assert pool.pids == before
    finally:
        await pool.close()


async def test_jobs_beyond_the_number_of_children_wait_their_turn(pool: ChildPool, tmp_path: Path) -> None:
    tasks = [
        pool.submit(job("slow", until=str(tmp_path / "go"), pid=str(tmp_path / "pids"))) for _ in range(3)
    ]
    await until((tmp_path / "pids").exists, "the first job to begin")
    (tmp_path / "go").touch()
    await asyncio.gather(*(task.result for task in tasks))
    assert len(set((tmp_path / "pids").read_text().split())) == 1


async def test_a_job_that_waits_can_be_killed_before_it_begins(pool: ChildPool, tmp_path: Path) -> None:
    first = pool.submit(job("slow", until=str(tmp_path / "go")))
    waiting = pool.submit(job("slow", until=str(tmp_path / "go"), pid=str(tmp_path / "pid")))
    pool.kill(waiting)
    with pytest.raises(ChildDied):
        await waiting.result
    (tmp_path / "go").touch()
    await first.result
    assert not (tmp_path / "pid").exists()


async def test_a_killed_job_leaves_no_scratch_folder(pool: ChildPool, tmp_path: Path) -> None:
    task = pool.submit(job("slow", until=str(tmp_path / "never"), pid=str(tmp_path / "pid")))
    await until((tmp_path / "pid").exists, "the job to begin")
    (folder,) = (tmp_path / "scratch").iterdir()
    pool.kill(task)
    with pytest.raises(ChildDied):
        await task.result
    await until(lambda: not folder.exists(), "the end of its scratch folder")


async def test_children_end_with_the_process_they_were_forked_from_and_all_come_back(
    pool: ChildPool, tmp_path: Path
) -> None:
    task = pool.submit(job("slow", until=str(tmp_path / "never"), pid=str(tmp_path / "pid")))
    await until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text(), "the job to begin")
    child = int((tmp_path / "pid").read_text())
    parent = psutil.Process(child).ppid()
    os.kill(parent, signal.SIGKILL)
    with pytest.raises(ChildDied):
        await task.result
    await until(lambda: not alive(child), "the end of the child")
    assert (await pool.submit(job("noop")).result).type == PhaseCompleted.__name__
    assert pool.able


async def test_what_children_are_forked_from_may_be_lost_again_while_it_starts(
    pool: ChildPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One start follows the other, so that no second fork server is left beside the one in use."""
    before, fork = pool._zygote, pool._fork
    assert before is not None
    assert before._process is not None
    others = {process.pid for process in fork_servers()} - {before._process.pid}

    async def lost_in_between() -> None:
        monkeypatch.setattr(pool, "_fork", fork)
        started = pool._zygote
        assert started is not before
        for process in fork_servers(others):
            process.kill()
        await until(lambda: pool._zygote is not started, "the second loss")
        await fork()

    monkeypatch.setattr(pool, "_fork", lost_in_between)
    for process in fork_servers(others):
        process.kill()
    await until(lambda: pool._zygote not in (before, None) and pool.free, "the children")
    assert (await pool.submit(job("noop")).result).type == PhaseCompleted.__name__
    await asyncio.sleep(1.0)  # the time in which a second start would have come up
    assert (len(fork_servers(others)), pool.free, len(pool.pids)) == (1, 1, 1)


def fork_servers(but: Collection[int] = ()) -> list[psutil.Process]:
    """Of this process, alive; other tests' pools may have theirs."""
    return [
        child
        for child in psutil.Process().children()
        if child.pid not in but
        and child.status() != psutil.STATUS_ZOMBIE
        and "_zygote" in " ".join(child.cmdline())
    ]


async def test_closing_ends_every_child_and_refuses_what_comes_after(pool: ChildPool, tmp_path: Path) -> None:
    task = pool.submit(job("slow", until=str(tmp_path / "never")))
    await until(lambda: len(pool.pids) == 1, "the child")
    (child,) = pool.pids
    await pool.close()
    with pytest.raises(ChildDied):
        await task.result
    assert not alive(child)
    with pytest.raises(PoolClosed):
        await pool.submit(job("noop")).result
    assert not (tmp_path / "scratch").exists()


async def test_a_large_result_comes_over_whole(pool: ChildPool) -> None:
    result = await pool.submit(job("big", size=5_000_000)).result
    reply = decode(result.type, result.body)
    assert isinstance(reply, PhaseCompleted)
    assert len(reply.summary["text"]) == 5_000_000


async def test_a_service_that_cannot_be_imported_is_found_out_at_the_start(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    broken = Service(ECHO, dict.fromkeys(ECHO.phase_names, "tests.no_such_module:run"))
    pool = ChildPool(1, setup_in(tmp_path, broken))
    with pytest.raises(ZygoteFailed):
        await pool.start()
    assert "tests.no_such_module" in capfd.readouterr().err


async def test_a_service_may_take_its_time_to_import_while_it_does_something(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a busy machine two minutes were not enough, and the whole platform ended."""
    monkeypatch.setattr(_zygote_link, "_START_SECONDS", 0.7)
    busy = Service(ECHO, dict.fromkeys(ECHO.phase_names, "tests.support.slow_imports.busy:run"))
    pool = ChildPool(1, setup_in(tmp_path, busy))
    try:
        await pool.start()
        await until(lambda: len(pool.pids) == 1, "the child")
    finally:
        await pool.close()


async def test_an_import_that_has_come_to_a_halt_is_given_up_and_begun_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = tmp_path / "halt"
    mark.touch()
    monkeypatch.setenv("CARAVAN_TEST_HALT", str(mark))
    monkeypatch.setattr(_zygote_link, "_START_SECONDS", 0.7)
    halted = Service(ECHO, dict.fromkeys(ECHO.phase_names, "tests.support.slow_imports.halted:run"))
    pool = ChildPool(1, setup_in(tmp_path, halted))
    try:
        with pytest.raises(TimeoutError, match="came to a halt"):
            await pool.start()
        result = await asyncio.wait_for(pool.submit(job("noop")).result, 60)
        assert isinstance(decode(result.type, result.body), PhaseCompleted)
    finally:
        await pool.close()


_DESERTED = """
import asyncio, os, sys
from pathlib import Path
from caravan_common.worker import ChildPool, ChildSetup, Service
from tests.support.echo_service import ECHO

async def main():
    halted = Service(ECHO, dict.fromkeys(ECHO.phase_names, "tests.support.slow_imports.halted:run"))
    folder = Path(sys.argv[1])
    pool = ChildPool(1, ChildSetup((halted,), (folder / "store").as_uri(), folder / "scratch", "worker-1"))
    await pool.start()

asyncio.run(main())
"""


async def test_what_children_are_forked_from_ends_with_a_worker_that_is_killed_while_it_still_imports(
    tmp_path: Path,
) -> None:
    """Imports last half a minute on a busy machine, and nobody waits that long for a killed worker to be gone."""
    mark = tmp_path / "halt"
    mark.touch()
    worker = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _DESERTED, str(tmp_path), env={**os.environ, "CARAVAN_TEST_HALT": str(mark)}
    )
    await until(lambda: not mark.exists(), "the import to begin")
    (zygote,) = [
        each for each in psutil.Process(worker.pid).children() if "_zygote" in " ".join(each.cmdline())
    ]
    worker.kill()
    await worker.wait()
    await until(lambda: not zygote.is_running() or zygote.status() == psutil.STATUS_ZOMBIE, "its end")
    assert not (tmp_path / "scratch").exists()


def test_a_service_names_a_function_for_each_of_its_phases() -> None:
    with pytest.raises(ValueError, match="noop"):
        Service(ECHO, {name: "x:y" for name in ECHO.phase_names if name != "noop"})
