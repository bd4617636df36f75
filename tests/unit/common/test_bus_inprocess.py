"""What the in-process bus decides by itself: who matches, in which order, and what has expired."""

import asyncio

import pytest

from caravan_common.bus import (
    DEAD,
    REPLIES,
    REPLY_ROUTE,
    Delivery,
    ExchangeKind,
    InProcessBus,
    OutgoingMessage,
)
from caravan_common.bus.inprocess import matches


def message(body: bytes, *, expiration: float | None = None) -> OutgoingMessage:
    return OutgoingMessage(
        *REPLY_ROUTE, body, type="Test", message_id=body.decode(), correlation_id="", expiration=expiration
    )


@pytest.mark.parametrize(
    ("pattern", "key", "fits"),
    [
        ("a.b", "a.b", True),
        ("a.b", "a.b.c", False),
        ("a.*", "a.b", True),
        ("a.*", "a", False),
        ("a.*", "a.b.c", False),
        ("a.#", "a", True),
        ("a.#", "a.b.c", True),
        ("#", "", True),
        ("#.c", "a.b.c", True),
        ("a.#.d", "a.d", True),
        ("a.#.d", "a.b.c", False),
    ],
)
def test_a_topic_pattern_fits_word_by_word(pattern: str, key: str, fits: bool) -> None:
    assert matches(ExchangeKind.TOPIC, pattern, key) is fits


def test_a_direct_binding_takes_wildcards_literally() -> None:
    assert not matches(ExchangeKind.DIRECT, "a.*", "a.b")


def test_a_fanout_binding_fits_any_key() -> None:
    assert matches(ExchangeKind.FANOUT, "", "anything")


async def test_messages_are_given_out_in_order_and_a_returned_one_first() -> None:
    bus = InProcessBus()
    await bus.start()
    await bus.declare_topology()
    seen: list[bytes] = []
    finished = asyncio.Event()

    async def handle(delivery: Delivery) -> None:
        seen.append(delivery.body)
        returned = delivery.body == b"1" and not delivery.redelivered
        await (delivery.requeue() if returned else delivery.ack())
        if len(seen) == 4:
            finished.set()

    await bus.publish_many([message(b"1"), message(b"2"), message(b"3")])
    await bus.subscribe(REPLIES, handle, prefetch=1)
    async with asyncio.timeout(5):
        await finished.wait()
    assert seen == [b"1", b"1", b"2", b"3"]
    await bus.stop()


async def test_a_message_not_taken_in_time_is_dead() -> None:
    bus = InProcessBus()
    await bus.start()
    await bus.declare_topology()
    dead: asyncio.Queue[Delivery] = asyncio.Queue()
    await bus.subscribe(DEAD, dead.put, prefetch=1)
    await bus.publish(message(b"1", expiration=0))

    async def fail(delivery: Delivery) -> None:
        raise AssertionError("expired, yet given out")

    await bus.subscribe(REPLIES, fail, prefetch=1)
    async with asyncio.timeout(5):
        letter = await dead.get()
    assert (letter.death_reason, letter.death_queue) == ("expired", REPLIES.name)
    await bus.stop()
