"""A long attempt under everything that made the platform before this one start it again: it runs once."""

import asyncio
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

import aio_pika
import pytest

from caravan_common.bus import HEARTBEATS, REPLIES, command_queue
from caravan_orchestrator.domain import control
from tests.support.amqp import connect
from tests.support.private_broker import PrivateBroker
from tests.support.process_platform import ProcessPlatform, process_platform
from tests.support.program import Program
from tests.support.waiting import eventually

BACK_WITHIN = 5.0
RECONNECTED = '"bus.reconnected"'
QUEUES = (REPLIES.name, HEARTBEATS.name, command_queue("echo", 1).name)
Say = Callable[[str], None]


@dataclass(frozen=True)
class Ordeal:
    """All in seconds. The alarm outlasts the lease, and the attempt the time a delivery may be held."""

    attempt: float
    consumer_timeout: float
    alarm: float
    lease: float


def impatient_broker(seconds: float) -> PrivateBroker:
    """Closes a channel that holds a delivery for so long; it looks at each once a second, not once a minute."""
    return PrivateBroker({"consumer_timeout": f"{seconds * 1000:.0f}"}, {"channel_tick_interval": "1000"})


async def a_held_delivery_is_taken_away(platform: ProcessPlatform) -> float:
    """Seconds until the broker closed a channel that holds a delivery: shows that its timeout is in force."""
    connection = await connect(platform.broker.url)
    async with connection:
        channel = await connection.channel()
        queue = await channel.declare_queue("held", durable=True, arguments={"x-queue-type": "quorum"})
        await channel.default_exchange.publish(aio_pika.Message(b"held"), queue.name)
        closed = asyncio.Event()
        channel.close_callbacks.add(lambda *_: closed.set())
        await queue.consume(_hold)
        began = time.monotonic()
        await asyncio.wait_for(closed.wait(), 90)
        return time.monotonic() - began


async def _hold(_message: aio_pika.abc.AbstractIncomingMessage) -> None:
    """Neither acked nor rejected."""


async def endure(folder: Path, ordeal: Ordeal, say: Say) -> None:
    broker = impatient_broker(ordeal.consumer_timeout)
    async with process_platform(folder, {"echo": "tests.support.echo_program"}, broker=broker) as platform:
        pids, until = folder / "pids", folder / "until"
        flow = await start_slow(platform, pids, until, ordeal.lease)
        began = time.monotonic()
        held = asyncio.create_task(a_held_delivery_is_taken_away(platform))
        alarm = await raise_alarm(platform, ordeal.alarm)
        held_seconds = await held
        back = await close_all_connections(platform)
        await asyncio.sleep(max(0.0, ordeal.attempt - (time.monotonic() - began)))
        until.touch()
        took = time.monotonic() - began
        await eventually(lambda: _is_completed(platform, flow, "slow"), what="the end of the phase")
        columns = "epoch, lease_losses, retries, status"
        (attempt,) = await platform.query(
            f"select {columns} from phase_attempts where flow_id = $1 and phase = 'slow'", flow
        )
        runs = pids.read_text().split()
        taken = broker.output().count("has timed out waiting for delivery acknowledgement")
        say(
            f"one attempt of {took:.0f} s, consumer timeout {ordeal.consumer_timeout:g} s (a held delivery was taken"
            f" away after {held_seconds:.0f} s), alarm of {alarm:.0f} s, lease {ordeal.lease:g} s, all connections"
            f" closed: {len(runs)} run, epoch {attempt.epoch}, {attempt.lease_losses} leases lost, all consumers"
            f" back within {back:.2f} s"
        )
        assert len(runs) == 1
        assert tuple(attempt) == (1, 0, 0, "succeeded")
        assert taken == 1, "beside the one that was held, the broker took deliveries of ours away"
        assert back < BACK_WITHIN


async def start_slow(platform: ProcessPlatform, pids: Path, until: Path, lease: float) -> UUID:
    """Returns when a child has begun with it."""
    configuration = {"pid": str(pids), "until": str(until), "lease_seconds": lease}
    flow = await platform.create("echo", configuration=configuration, auto_advance=False)
    await platform.order(flow, lambda draft: control.execute_phase(draft, "ann", "noop"))
    await eventually(lambda: _is_completed(platform, flow, "noop"), what="the phase before")
    await platform.order(flow, lambda draft: control.execute_phase(draft, "ann", "slow"))
    await eventually(lambda: asyncio.to_thread(pids.exists), what="the run")
    await eventually(lambda: _is_heard_of(platform, flow), what="AttemptStarted")
    return flow


async def raise_alarm(platform: ProcessPlatform, seconds: float) -> float:
    """How long it lasted."""
    await asyncio.to_thread(platform.broker.raise_memory_alarm)
    began = time.monotonic()
    await asyncio.sleep(seconds)
    await asyncio.to_thread(platform.broker.clear_memory_alarm)
    return time.monotonic() - began


async def close_all_connections(platform: ProcessPlatform) -> float:
    """Seconds from the first connection that the broker closed until the last program had all its consumers back."""
    before = await platform.consumers(*QUEUES)
    programs = list(platform.programs.values())
    already = {program: program.said(RECONNECTED) for program in programs}
    await asyncio.to_thread(platform.broker.rabbitmqctl, "close_all_connections", "chaos")

    async def are_back() -> bool:
        returned = all(program.said(RECONNECTED) > already[program] for program in programs)
        return returned and await platform.consumers(*QUEUES) == before

    await eventually(are_back, timeout=60, what=f"{before} consumers")

    async def closing() -> re.Match[str] | None:
        """The broker writes its log with a delay."""
        return re.search(r"^(\S+ \S+) .*connection_forced", platform.broker.output(), re.MULTILINE)

    closed = await eventually(closing, what="the broker's account of what it closed")
    assert closed is not None
    back = max(_last_said(program, RECONNECTED) for program in programs)
    return (back - datetime.fromisoformat(closed.group(1))).total_seconds()


def _last_said(program: Program, event: str) -> datetime:
    lines = [line for line in program.log.read_text().splitlines() if event in line]
    return datetime.fromisoformat(json.loads(lines[-1])["timestamp"])


async def _is_heard_of(platform: ProcessPlatform, flow: UUID) -> bool:
    sql = "select status from phase_attempts where flow_id = $1 and phase = 'slow'"
    return bool((await platform.query(sql, flow))[0][0] == "running")


async def _is_completed(platform: ProcessPlatform, flow: UUID, phase: str) -> bool:
    rows = await platform.query(
        "select status from flow_phases where flow_id = $1 and name = $2", flow, phase
    )
    return bool(rows[0][0] == "completed")


@pytest.mark.timeout(240)
async def test_an_attempt_of_25_seconds_runs_once_through_timeout_alarm_and_cut(
    tmp_path: Path, say: Say
) -> None:
    await endure(tmp_path, Ordeal(attempt=25, consumer_timeout=8, alarm=10, lease=6), say)


@pytest.mark.proof
@pytest.mark.timeout(400)
async def test_an_attempt_of_100_seconds_runs_once_through_timeout_alarm_and_cut(
    tmp_path: Path, say: Say
) -> None:
    await endure(tmp_path, Ordeal(attempt=100, consumer_timeout=20, alarm=60, lease=20), say)
