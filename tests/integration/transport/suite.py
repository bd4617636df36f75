"""What every transport must do: its test file inherits TransportSuite and provides `open_bus`."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from uuid import uuid4

import pytest

from caravan_common.bus import (
    DEAD,
    REPLIES,
    REPLY_ROUTE,
    Bus,
    Delivery,
    NotConfirmed,
    OutgoingMessage,
    Queue,
    Route,
    Unroutable,
    cancel_queue,
    command_queue,
    event_route,
)
from caravan_common.bus.topology import CANCEL_ROUTE

OpenBus = Callable[[], Awaitable[Bus]]


async def eventually(condition: Callable[[], bool | Awaitable[bool]], within: float = 10.0) -> None:
    """Waits until the condition holds; fails after `within` seconds."""
    deadline = time.monotonic() + within
    while True:
        answer = condition()
        if answer if isinstance(answer, bool) else await answer:
            return
        assert time.monotonic() < deadline, f"not so within {within} s"
        await asyncio.sleep(0.02)


def outgoing(
    route: Route, body: bytes = b"{}", *, mandatory: bool = True, kind: str = "Test"
) -> OutgoingMessage:
    return OutgoingMessage(
        *route, body, type=kind, message_id=str(uuid4()), correlation_id=str(uuid4()), mandatory=mandatory
    )


@dataclass
class Recorder:
    """A handler that keeps what it gets, and acks it unless told to hold."""

    hold: asyncio.Event | None = None
    ack: bool = True
    deliveries: list[Delivery] = field(default_factory=list)
    running: int = 0
    peak: int = 0

    async def __call__(self, delivery: Delivery) -> None:
        self.deliveries.append(delivery)
        self.running += 1
        self.peak = max(self.peak, self.running)
        try:
            if self.hold:
                await self.hold.wait()
            if self.ack:
                await delivery.ack()
        finally:
            self.running -= 1

    @property
    def bodies(self) -> list[bytes]:
        return [delivery.body for delivery in self.deliveries]

    async def received(self, count: int) -> list[Delivery]:
        await eventually(lambda: len(self.deliveries) >= count)
        return self.deliveries


class TransportSuite:
    """`bus` has the topology declared and nothing else."""

    @pytest.fixture
    async def bus(self, open_bus: OpenBus) -> AsyncIterator[Bus]:
        bus = await open_bus()
        await bus.declare_topology()
        yield bus
        await bus.stop()

    async def test_a_message_arrives_with_all_its_properties(self, bus: Bus) -> None:
        seen = Recorder()
        await bus.subscribe(REPLIES, seen, prefetch=1)
        sent = OutgoingMessage(
            *REPLY_ROUTE,
            body=b'{"a": "\xc3\xa4"}',
            type="PhaseCompleted",
            message_id="m-1",
            correlation_id="flow-1",
            headers={"traceparent": "00-1", "schema-version": "1"},
        )
        await bus.publish(sent)
        (got,) = await seen.received(1)
        assert (got.body, got.type, got.message_id) == (sent.body, sent.type, sent.message_id)
        assert (got.correlation_id, dict(got.headers)) == (sent.correlation_id, dict(sent.headers))
        assert (got.queue, got.redelivered, got.delivery_count) == (REPLIES.name, False, 0)
        assert got.user_id == self.user
        assert (got.death_reason, got.death_queue) == (None, None)

    user = "guest"

    async def test_a_confirmed_message_waits_in_its_queue_until_somebody_consumes(self, bus: Bus) -> None:
        await bus.publish(outgoing(REPLY_ROUTE, b"1"))
        seen = Recorder()
        await bus.subscribe(REPLIES, seen, prefetch=1)
        await seen.received(1)
        assert seen.bodies == [b"1"]

    async def test_a_mandatory_message_without_a_queue_is_unroutable(self, bus: Bus) -> None:
        with pytest.raises(Unroutable):
            await bus.publish(outgoing(command_queue("nobody", 1).bindings[0]))

    async def test_an_event_nobody_listens_to_is_published_without_complaint(self, bus: Bus) -> None:
        await bus.publish(outgoing(event_route("caravan.flow.completed"), mandatory=False))

    async def test_an_exchange_that_does_not_exist_confirms_nothing(self, bus: Bus) -> None:
        with pytest.raises(NotConfirmed):
            await bus.publish(outgoing(Route("caravan.unheard-of", "key")))
        await bus.publish(outgoing(REPLY_ROUTE))

    async def test_of_many_messages_only_those_that_failed_report_an_error(self, bus: Bus) -> None:
        nowhere = command_queue("nobody", 1).bindings[0]
        outcomes = await bus.publish_many(
            [outgoing(REPLY_ROUTE, b"1"), outgoing(nowhere), outgoing(REPLY_ROUTE, b"2")]
        )
        assert [type(outcome) for outcome in outcomes] == [type(None), Unroutable, type(None)]
        seen = Recorder()
        await bus.subscribe(REPLIES, seen, prefetch=10)
        await seen.received(2)
        assert sorted(seen.bodies) == [b"1", b"2"]

    async def test_no_more_than_prefetch_deliveries_are_handled_at_once(self, bus: Bus) -> None:
        release = asyncio.Event()
        seen = Recorder(hold=release)
        await bus.publish_many([outgoing(REPLY_ROUTE) for _ in range(5)])
        await bus.subscribe(REPLIES, seen, prefetch=2)
        await seen.received(2)
        await eventually(lambda: self._ready(bus, REPLIES, 3))
        release.set()
        await seen.received(5)
        assert seen.peak == 2

    async def test_the_bound_holds_across_pause_and_resume(self, bus: Bus) -> None:
        release = asyncio.Event()
        seen = Recorder(hold=release)
        subscription = await bus.subscribe(REPLIES, seen, prefetch=2)
        await bus.publish_many([outgoing(REPLY_ROUTE) for _ in range(6)])
        await seen.received(2)
        await subscription.pause()
        await subscription.resume()
        await eventually(lambda: subscription.consuming)
        release.set()
        await seen.received(6)
        assert seen.peak == 2

    async def test_a_paused_subscription_leaves_messages_ready(self, bus: Bus) -> None:
        seen = Recorder()
        subscription = await bus.subscribe(REPLIES, seen, prefetch=5)
        await subscription.pause()
        assert not subscription.consuming
        await bus.publish_many([outgoing(REPLY_ROUTE) for _ in range(3)])
        await eventually(lambda: self._ready(bus, REPLIES, 3))
        assert await bus.consumer_count(REPLIES) == 0
        assert seen.deliveries == []
        await subscription.resume()
        await seen.received(3)

    async def test_what_was_delivered_before_a_pause_can_still_be_acked(self, bus: Bus) -> None:
        release = asyncio.Event()
        seen = Recorder(hold=release, ack=False)
        subscription = await bus.subscribe(REPLIES, seen, prefetch=1)
        await bus.publish(outgoing(REPLY_ROUTE))
        (delivery,) = await seen.received(1)
        await subscription.pause()
        assert await delivery.ack()
        assert not await delivery.ack()
        await subscription.close()
        assert await bus.message_count(REPLIES) == 0

    async def test_a_rejected_message_lies_with_the_dead_letters_and_names_its_queue(self, bus: Bus) -> None:
        async def reject(delivery: Delivery) -> None:
            await delivery.reject()

        dead = Recorder()
        await bus.subscribe(DEAD, dead, prefetch=1)
        await bus.subscribe(REPLIES, reject, prefetch=1)
        await bus.publish(outgoing(REPLY_ROUTE, b"bad", kind="PhaseCompleted"))
        (letter,) = await dead.received(1)
        assert (letter.body, letter.type, letter.queue) == (b"bad", "PhaseCompleted", DEAD.name)
        assert (letter.death_reason, letter.death_queue) == ("rejected", REPLIES.name)
        assert letter.user_id == self.user

    async def test_a_message_whose_handler_fails_is_parked_and_the_queue_goes_on(self, bus: Bus) -> None:
        done = Recorder()

        async def handle(delivery: Delivery) -> None:
            if delivery.body == b"bad":
                raise ValueError("not understood")
            await done(delivery)

        dead = Recorder()
        await bus.subscribe(DEAD, dead, prefetch=1)
        await bus.subscribe(REPLIES, handle, prefetch=1)
        await bus.publish(outgoing(REPLY_ROUTE, b"bad"))
        await bus.publish(outgoing(REPLY_ROUTE, b"good"))
        await done.received(1)
        await dead.received(1)
        assert (done.bodies, dead.bodies) == ([b"good"], [b"bad"])

    async def test_what_a_lost_consumer_had_not_acked_is_given_out_again(self, bus: Bus) -> None:
        holding = Recorder(hold=asyncio.Event())
        subscription = await bus.subscribe(REPLIES, holding, prefetch=1)
        await bus.publish(outgoing(REPLY_ROUTE, b"1"))
        await holding.received(1)
        await subscription.close()
        assert holding.running == 0
        seen = Recorder()
        await bus.subscribe(REPLIES, seen, prefetch=1)
        (again,) = await seen.received(1)
        assert (again.body, again.redelivered, again.delivery_count) == (b"1", True, 1)
        assert not await holding.deliveries[0].ack()

    async def test_a_requeued_message_comes_again_marked_as_redelivered(self, bus: Bus) -> None:
        seen: list[bool] = []

        async def handle(delivery: Delivery) -> None:
            seen.append(delivery.redelivered)
            await (delivery.ack() if delivery.redelivered else delivery.requeue())

        await bus.subscribe(REPLIES, handle, prefetch=1)
        await bus.publish(outgoing(REPLY_ROUTE))
        await eventually(lambda: len(seen) == 2)
        assert seen == [False, True]

    async def test_a_message_that_outlives_its_consumers_too_often_is_dead(self, bus: Bus) -> None:
        limited = Queue("caravan.test.limited.v1", (Route("caravan.events", "limited"),), delivery_limit=2)
        await bus.declare_queue(limited)
        dead = Recorder()
        await bus.subscribe(DEAD, dead, prefetch=1)
        await bus.publish(outgoing(Route("caravan.events", "limited"), b"killer"))
        for _ in range(3):
            victim = Recorder(hold=asyncio.Event())
            subscription = await bus.subscribe(limited, victim, prefetch=1)
            await victim.received(1)
            await subscription.close()
        (letter,) = await dead.received(1)
        assert (letter.death_reason, letter.death_queue) == ("delivery_limit", limited.name)
        assert await bus.message_count(limited) == 0

    async def test_every_replica_gets_every_cancel(self, bus: Bus) -> None:
        replicas = [Recorder(), Recorder()]
        for number, replica in enumerate(replicas):
            queue = cancel_queue("discovery", f"w{number}")
            await bus.declare_queue(queue)
            await bus.subscribe(queue, replica, prefetch=10)
        await bus.publish(outgoing(CANCEL_ROUTE, b"stop", mandatory=False))
        for replica in replicas:
            await replica.received(1)
            assert replica.bodies == [b"stop"]

    async def test_events_reach_those_whose_pattern_fits(self, bus: Bus) -> None:
        patterns = {
            "caravan.flow.*": Recorder(),
            "caravan.#": Recorder(),
            "caravan.asset.changed": Recorder(),
        }
        for number, (pattern, recorder) in enumerate(patterns.items()):
            queue = Queue(f"caravan.test.listener{number}", (event_route(pattern),), exclusive=True)
            await bus.declare_queue(queue)
            await bus.subscribe(queue, recorder, prefetch=1)
        await bus.publish(outgoing(event_route("caravan.flow.completed"), b"1"))
        await bus.publish(outgoing(event_route("caravan.flow.phase.completed"), b"2"))
        await bus.publish(outgoing(event_route("caravan.asset.changed"), b"3"))
        await patterns["caravan.#"].received(3)
        await patterns["caravan.asset.changed"].received(1)
        assert patterns["caravan.flow.*"].bodies == [b"1"]
        assert patterns["caravan.asset.changed"].bodies == [b"3"]

    async def test_consumers_are_counted_and_an_unknown_queue_has_none(self, bus: Bus) -> None:
        assert await bus.consumer_count(command_queue("nobody", 1)) == 0
        assert await bus.message_count(command_queue("nobody", 1)) == 0
        await bus.subscribe(REPLIES, Recorder(), prefetch=1)
        await bus.subscribe(REPLIES, Recorder(), prefetch=1)
        await eventually(lambda: self._consumers(bus, REPLIES, 2))

    async def test_a_subscription_to_a_queue_not_yet_declared_begins_when_it_is(self, bus: Bus) -> None:
        commands = command_queue("late", 1)
        seen = Recorder()
        subscription = await bus.subscribe(commands, seen, prefetch=1)
        assert not subscription.consuming
        await bus.declare_queue(commands)
        await eventually(lambda: subscription.consuming)
        await bus.publish(outgoing(commands.bindings[0]))
        await seen.received(1)

    async def test_consumers_of_one_queue_share_its_messages(self, bus: Bus) -> None:
        first, second = Recorder(hold=asyncio.Event()), Recorder(hold=asyncio.Event())
        await bus.subscribe(REPLIES, first, prefetch=1)
        await bus.subscribe(REPLIES, second, prefetch=1)
        await bus.publish_many([outgoing(REPLY_ROUTE, b"1"), outgoing(REPLY_ROUTE, b"2")])
        await first.received(1)
        await second.received(1)
        assert sorted(first.bodies + second.bodies) == [b"1", b"2"]

    async def test_a_stopped_bus_confirms_nothing(self, bus: Bus) -> None:
        await bus.stop()
        assert not bus.connected
        with pytest.raises(NotConfirmed):
            await bus.publish(outgoing(REPLY_ROUTE))

    async def _ready(self, bus: Bus, queue: Queue, count: int) -> bool:
        return await bus.message_count(queue) == count

    async def _consumers(self, bus: Bus, queue: Queue, count: int) -> bool:
        return await bus.consumer_count(queue) == count
