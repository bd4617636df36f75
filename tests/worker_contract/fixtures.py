"""What every part of the worker contract runs on: a pool of children per class, a bench per test."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from caravan_common.bus import Bus
from caravan_common.worker import ChildPool, ChildSetup, Service
from tests.worker_contract.bench import HOLD_SECONDS, Bench, with_probes

OpenBus = Callable[[], Awaitable[Bus]]
OpenBench = Callable[..., Awaitable[Bench]]


class OnABench:
    """`service` is the service under test; probe phases are added to it. `open_bus` is a fixture of the file."""

    service: Service

    @pytest.fixture(scope="class")
    @classmethod
    async def pool(cls, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ChildPool]:
        folder = tmp_path_factory.mktemp("worker")
        setup = ChildSetup(
            (with_probes(cls.service),), (folder / "store").as_uri(), folder / "scratch", "worker-1"
        )
        pool = ChildPool(2, setup)
        await pool.start()
        yield pool
        await pool.close()

    @pytest.fixture
    async def open_bench(
        self, pool: ChildPool, open_bus: OpenBus, tmp_path: Path
    ) -> AsyncIterator[OpenBench]:
        opened: list[Bench] = []

        async def open_one(slots: int = 2, hold_seconds: float = HOLD_SECONDS) -> Bench:
            bench = Bench(await open_bus(), pool, pool.setup.services[0], tmp_path, slots, hold_seconds)
            opened.append(bench)
            await bench.open()
            return bench

        yield open_one
        for bench in opened:
            await bench.close()

    @pytest.fixture
    async def bench(self, open_bench: OpenBench) -> Bench:
        return await open_bench()
