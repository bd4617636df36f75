"""What only a broker can suffer: cut connections, restarts, alarms, consumers taken away, narrow users."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from caravan_common.bus import (
    CANCEL_ROUTE,
    REPLIES,
    REPLY_ROUTE,
    BusError,
    BusUnavailable,
    Delivery,
    NotConfirmed,
    RabbitBus,
    cancel_queue,
    command_queue,
    command_route,
)
from tests.integration.transport.suite import Recorder, eventually, outgoing
from tests.support import PrivateBroker

BACK_WITHIN = 5.0
Say = Callable[[str], None]


@pytest.fixture(scope="module")
def node() -> Iterator[PrivateBroker]:
    with PrivateBroker() as node:
        yield node


@pytest.fixture
async def bus(node: PrivateBroker) -> AsyncIterator[RabbitBus]:
    bus = RabbitBus(node.url, publish_timeout=2.0)
    await bus.start()
    await bus.declare_topology()
    yield bus
    await bus.stop()
    await asyncio.to_thread(node.rabbitmqctl, "delete_queue", REPLIES.name)


async def close_all_connections(node: PrivateBroker) -> None:
    await asyncio.to_thread(node.rabbitmqctl, "close_all_connections", "test")


def reconnection(bus: RabbitBus) -> asyncio.Event:
    """Set when the bus says that it is back."""
    back = asyncio.Event()

    async def note() -> None:
        back.set()

    bus.on_reconnect(note)
    return back


@asynccontextmanager
async def timed(say: Say, what: str) -> AsyncIterator[None]:
    """Says how long it took, whether that was in time or not."""
    began = time.monotonic()
    try:
        yield
    finally:
        say(f"{what} within {time.monotonic() - began:.2f} s of {BACK_WITHIN:g} s")


async def test_consumers_are_back_within_five_seconds_after_all_connections_were_closed(
    node: PrivateBroker, bus: RabbitBus, say: Say
) -> None:
    replies, cancels = Recorder(), Recorder()
    mine = cancel_queue("discovery", "w1")
    await bus.declare_queue(mine)
    subscriptions = [
        await bus.subscribe(REPLIES, replies, prefetch=10),
        await bus.subscribe(mine, cancels, prefetch=10),
    ]
    back = reconnection(bus)
    await close_all_connections(node)
    async with timed(say, "consumers back"), asyncio.timeout(BACK_WITHIN):
        await back.wait()
    assert bus.connected
    assert all(each.consuming for each in subscriptions)
    await bus.publish(outgoing(REPLY_ROUTE, b"1"))
    await bus.publish(outgoing(CANCEL_ROUTE, b"2", mandatory=False))
    await replies.received(1)
    await cancels.received(1)


async def test_nothing_confirmed_is_lost_while_connections_are_closed_again_and_again(
    node: PrivateBroker, bus: RabbitBus
) -> None:
    seen = Recorder()
    await bus.subscribe(REPLIES, seen, prefetch=10)
    confirmed: list[bytes] = []
    ending = asyncio.Event()

    async def publish_until_told() -> None:
        number = 0
        while not ending.is_set():
            bodies = [str(number + each).encode() for each in range(20)]
            outcomes = await bus.publish_many([outgoing(REPLY_ROUTE, body) for body in bodies])
            confirmed.extend(body for body, outcome in zip(bodies, outcomes, strict=True) if outcome is None)
            number += 20
            await asyncio.sleep(0.01)

    publishing = asyncio.create_task(publish_until_told())
    for _ in range(3):
        so_far = len(confirmed)
        await eventually(lambda so_far=so_far: len(confirmed) > so_far + 100)  # type: ignore[misc]
        await close_all_connections(node)
    ending.set()
    await publishing
    await eventually(lambda: set(confirmed) <= set(seen.bodies))


async def test_while_there_is_no_connection_a_publish_fails_at_once(
    node: PrivateBroker, bus: RabbitBus, say: Say
) -> None:
    await asyncio.to_thread(node.stop)
    await eventually(lambda: not bus.connected)
    began = time.monotonic()
    with pytest.raises(NotConfirmed):
        await bus.publish(outgoing(REPLY_ROUTE))
    with pytest.raises(BusUnavailable):
        await bus.consumer_count(REPLIES)
    assert time.monotonic() - began < 1
    await asyncio.to_thread(node.start)
    async with timed(say, "connected again"):
        await eventually(lambda: bus.connected, within=BACK_WITHIN)


async def test_a_lost_connection_does_not_cancel_the_handler_but_its_ack_is_void(
    node: PrivateBroker, bus: RabbitBus
) -> None:
    release = asyncio.Event()
    acks: list[bool] = []

    async def handle(delivery: Delivery) -> None:
        if not delivery.redelivered:
            await release.wait()
        acks.append(await delivery.ack())

    await bus.subscribe(REPLIES, handle, prefetch=2)
    await bus.publish(outgoing(REPLY_ROUTE))
    await close_all_connections(node)
    await eventually(lambda: acks == [True])
    release.set()
    await eventually(lambda: acks == [True, False])


async def test_consumers_are_back_within_five_seconds_after_the_broker_restarted(
    node: PrivateBroker, bus: RabbitBus, say: Say
) -> None:
    seen = Recorder()
    subscription = await bus.subscribe(REPLIES, seen, prefetch=1)
    await subscription.pause()
    await bus.publish(outgoing(REPLY_ROUTE, b"kept"))
    await subscription.resume()
    back = reconnection(bus)
    await asyncio.to_thread(node.restart)
    async with timed(say, "consumers back"), asyncio.timeout(BACK_WITHIN):
        await back.wait()
    assert subscription.consuming
    await eventually(lambda: b"kept" in seen.bodies, within=BACK_WITHIN)


@pytest.fixture
async def impatient(node: PrivateBroker) -> AsyncIterator[None]:
    """Channels opened meanwhile are closed when a delivery is held for a second."""

    async def set_timeouts(consumer: int, tick: int) -> None:
        for setting, milliseconds in (("consumer_timeout", consumer), ("channel_tick_interval", tick)):
            order = f"application:set_env(rabbit, {setting}, {milliseconds})."
            await asyncio.to_thread(node.rabbitmqctl, "eval", order)

    await set_timeouts(1000, 500)
    yield
    await set_timeouts(1_800_000, 60_000)


async def test_a_consumer_whose_channel_the_broker_closed_is_back_within_five_seconds(
    impatient: None, bus: RabbitBus, say: Say
) -> None:
    held = asyncio.Event()
    again: list[Delivery] = []

    async def handle(delivery: Delivery) -> None:
        if delivery.redelivered:
            await delivery.ack()
            again.append(delivery)
        else:
            await held.wait()

    subscription = await bus.subscribe(REPLIES, handle, prefetch=2)
    await bus.publish(outgoing(REPLY_ROUTE))
    await eventually(lambda: not subscription.consuming)
    async with timed(say, "consumer and delivery back"):
        await eventually(lambda: subscription.consuming and bool(again), within=BACK_WITHIN)
    assert bus.connected
    held.set()


async def test_a_deleted_queue_is_declared_and_consumed_again(
    node: PrivateBroker, bus: RabbitBus, say: Say
) -> None:
    seen = Recorder()
    subscription = await bus.subscribe(REPLIES, seen, prefetch=1)
    await asyncio.to_thread(node.rabbitmqctl, "delete_queue", REPLIES.name)
    await eventually(lambda: not subscription.consuming)
    async with timed(say, "queue and consumer back"):
        await eventually(lambda: subscription.consuming, within=BACK_WITHIN)
    await bus.publish(outgoing(REPLY_ROUTE, b"1"))
    await seen.received(1)


async def test_under_an_alarm_publishing_times_out_while_acks_still_count(
    node: PrivateBroker, bus: RabbitBus
) -> None:
    seen = Recorder(ack=False)
    await bus.subscribe(REPLIES, seen, prefetch=1)
    await bus.publish(outgoing(REPLY_ROUTE, b"before"))
    (delivery,) = await seen.received(1)
    await asyncio.to_thread(node.raise_memory_alarm)
    try:
        with pytest.raises(NotConfirmed):
            await bus.publish(outgoing(REPLY_ROUTE, b"during"))
        await eventually(lambda: bus.blocked)
        assert await delivery.ack()
        before = bus.blocked_seconds()
        with pytest.raises(NotConfirmed):
            await bus.publish(outgoing(REPLY_ROUTE, b"held back"))
        assert bus.blocked_seconds() - before > 1
    finally:
        await asyncio.to_thread(node.clear_memory_alarm)
    # The watch that counts hears of it a moment later than whoever asks.
    await eventually(lambda: not bus.blocked and bus._blocked._since is None)
    stood = bus.blocked_seconds()
    await bus.publish(outgoing(REPLY_ROUTE, b"after"))
    # The first was on its way before the broker said it was blocked; what followed was not sent.
    for count in (2, 3):
        await (await seen.received(count))[-1].ack()
    assert seen.bodies == [b"before", b"during", b"after"]
    assert bus.blocked_seconds() == stood


async def test_a_service_user_consumes_replies_and_declares_nothing_but_its_cancel_queue(
    node: PrivateBroker, bus: RabbitBus
) -> None:
    commands = command_queue("discovery", 1)
    await bus.declare_queue(commands)
    await asyncio.to_thread(node.rabbitmqctl, "add_user", "discovery", "secret")
    own = r"caravan\.discovery\.cancels\..*"
    rights = (
        f"^{own}$",
        rf"^(caravan\.replies|caravan\.heartbeats|{own})$",
        rf"^(caravan\.discovery\.v\d+\.commands\.v1|caravan\.cancels|{own})$",
    )
    await asyncio.to_thread(node.rabbitmqctl, "set_permissions", "discovery", *rights)
    worker = RabbitBus(node.url.replace("guest:guest", "discovery:secret"), publish_timeout=2.0)
    await worker.start()
    replies, taken, cancels = Recorder(), Recorder(), Recorder()
    await bus.subscribe(REPLIES, replies, prefetch=1)
    mine = cancel_queue("discovery", "w1")
    await worker.declare_queue(mine)
    await worker.subscribe(mine, cancels, prefetch=1)
    await worker.subscribe(commands, taken, prefetch=1)

    await bus.publish(outgoing(command_route("discovery", 1), b"do"))
    await taken.received(1)
    await bus.publish(outgoing(CANCEL_ROUTE, b"stop", mandatory=False))
    await cancels.received(1)
    await worker.publish(outgoing(REPLY_ROUTE, b"done"))
    (reply,) = await replies.received(1)
    assert reply.user_id == "discovery"
    assert await worker.consumer_count(commands) == 1
    with pytest.raises(NotConfirmed):
        await worker.publish(outgoing(command_route("discovery", 1), b"forged"))
    await worker.stop()


async def test_a_queue_that_exists_with_other_arguments_is_refused_and_the_bus_goes_on(
    bus: RabbitBus,
) -> None:
    with pytest.raises(BusError, match="inequivalent arg"):
        await bus.declare_queue(replace(REPLIES, delivery_limit=3))
    await bus.publish(outgoing(REPLY_ROUTE))


async def test_a_bus_can_be_stopped_while_its_broker_is_away(node: PrivateBroker) -> None:
    bus = RabbitBus(node.url)
    await bus.start()
    await bus.declare_topology()
    await bus.subscribe(REPLIES, Recorder(), prefetch=1)
    await asyncio.to_thread(node.stop)
    try:
        async with asyncio.timeout(BACK_WITHIN):
            await bus.stop()
    finally:
        await asyncio.to_thread(node.start)


async def test_a_broker_that_is_not_there_is_said_to_be_unavailable_at_start() -> None:
    bus = RabbitBus("amqp://guest:guest@127.0.0.1:1/")
    with pytest.raises(BusUnavailable):
        await bus.start()
    assert not bus.connected
