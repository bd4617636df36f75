"""Claims of units: who holds one, what happens while the store is away, and what may be said without one."""

from pathlib import Path
from typing import Any, cast

import pytest

from caravan_common.artifacts import ArtifactStore, ArtifactStoreUnavailable, attempt_prefix
from caravan_common.bus import OutgoingMessage
from caravan_common.contracts import CompensateUnit, ExecutePhase, ExecuteUnit, Tenant, UnitSpec, new_id
from caravan_common.worker.children import ChildPool
from caravan_common.worker.claims import Claims
from caravan_common.worker.heartbeats import LeaseClock
from caravan_common.worker.lives import Life
from caravan_common.worker.replies import Replies
from caravan_common.worker.runs import Run, Stop
from caravan_common.worker.service import Service
from caravan_common.worker.slots import Slot

UNIT = UnitSpec(key="unit-1", action="write")


class Shaky:
    """An artifact store that is away for the first calls, and may lose the answer to a put that it took."""

    def __init__(self, folder: Path, *, away: int = 0, unheard: int = 0) -> None:
        self.store = ArtifactStore.open(folder.as_uri())
        self.away, self.unheard = away, unheard

    def put_if_absent(self, key: str, content: bytes) -> bool:
        if self.away:
            self.away -= 1
            raise ArtifactStoreUnavailable(key)
        taken = self.store.put_if_absent(key, content)
        if self.unheard:
            self.unheard -= 1
            raise ArtifactStoreUnavailable(key)
        return taken

    def get_bytes(self, key: str) -> bytes:
        return self.store.get_bytes(key)


class Given:
    """A delivery, and what became of it."""

    def __init__(self) -> None:
        self.fate = ""

    async def ack(self) -> bool:
        self.fate = "acked"
        return True

    async def requeue(self) -> bool:
        self.fate = "requeued"
        return True


def identity(epoch: int = 1) -> dict[str, Any]:
    tenant, flow, attempt = Tenant(client_account_id=new_id(), engagement_id=new_id()), new_id(), new_id()
    return {
        "attempt_id": attempt,
        "epoch": epoch,
        "flow_id": flow,
        "tenant": tenant,
        "flow_type": "echo",
        "definition_version": "1.0.0",
        "artifact_prefix": attempt_prefix(tenant, flow, attempt),
    }


def run_of(command: Any) -> Run:
    return Run(command, type(command).__name__, "worker-1", Slot(), [cast(Any, Given())])


async def no_sleep(_seconds: float) -> None:
    return None


def claims(store: Any, sleep: Any = no_sleep) -> Claims:
    return Claims(cast(ArtifactStore, store), sleep)


@pytest.mark.parametrize("kind", [ExecuteUnit, CompensateUnit])
async def test_of_two_runs_of_one_epoch_one_holds_the_claim(tmp_path: Path, kind: Any) -> None:
    more = {"rollback_id": new_id()} if kind is CompensateUnit else {}
    command = kind(phase="act", unit=UNIT, **identity(), **more)
    first, second = run_of(command), run_of(command)
    for run in (first, second):
        await claims(Shaky(tmp_path)).take(run)
    assert (first.claimed, second.claimed) == (True, False)


async def test_older_epochs_are_claimed_too_so_that_none_of_them_can_begin_later(tmp_path: Path) -> None:
    newer = ExecuteUnit(phase="act", unit=UNIT, **identity(epoch=3))
    assert await claims(Shaky(tmp_path)).take(run_of(newer))
    for epoch in (1, 2):
        late = newer.model_copy(update={"epoch": epoch})
        assert not await claims(Shaky(tmp_path)).take(run_of(late))


async def test_a_phase_needs_no_claim(tmp_path: Path) -> None:
    run = run_of(ExecutePhase(phase="gather", **identity()))
    assert await claims(Shaky(tmp_path)).take(run)
    assert run.claimed is None
    assert ArtifactStore.open(tmp_path.as_uri()).size(f"{run.command.artifact_prefix}/1/claim") is None


async def test_a_claim_whose_confirmation_was_lost_is_found_to_be_ones_own(tmp_path: Path) -> None:
    run = run_of(ExecuteUnit(phase="act", unit=UNIT, **identity()))
    assert await claims(Shaky(tmp_path, away=3, unheard=2)).take(run)


async def test_a_run_stopped_while_the_store_is_away_says_nothing_and_goes_back_to_the_broker(
    tmp_path: Path,
) -> None:
    run = run_of(ExecuteUnit(phase="act", unit=UNIT, **identity()))
    (given,) = cast(list[Any], list(run.deliveries))
    said: list[OutgoingMessage] = []

    class Heard:
        async def send(self, message: OutgoingMessage) -> None:
            said.append(message)

    async def sleep(_seconds: float) -> None:
        life.end(run, Stop.STOPPING, "the worker was stopped")

    life = Life(
        cast(ChildPool, None),
        cast(Service, None),
        cast(Replies, Heard()),
        cast(LeaseClock, None),
        claims(Shaky(tmp_path, away=99), sleep),
        hold_seconds=2.0,
        sleep=sleep,
    )
    assert not await life.live(run, b"")
    assert (given.fate, said, run.claimed) == ("requeued", [], None)
