"""A service's announcement, whose queue the orchestrator declares, while the broker is away or late to answer."""

from typing import Any

from caravan_common.bus import DEAD, REPLIES, REPLY_ROUTE, BusUnavailable, InProcessBus, OutgoingMessage
from caravan_common.contracts import FlowTypeAnnounced, encode, new_id
from caravan_orchestrator.consumers.replies import ReplyConsumer
from caravan_orchestrator.usecases.trust import Everybody
from tests.support.echo_service import ECHO
from tests.support.waiting import eventually

MESSAGE = FlowTypeAnnounced(definition=ECHO, digest=ECHO.digest(), worker="w1", slots=1)
NOTHING: Any = None


async def take(*failures: Exception) -> tuple[int, int]:
    """How often the announcement was tried, and how many messages are parked, once nothing waits any more."""
    bus, left, tried = InProcessBus(), list(failures), 0

    async def announced(message: FlowTypeAnnounced, user: str | None) -> None:
        nonlocal tried
        tried += 1
        if left:
            raise left.pop(0)

    await bus.start()
    await bus.declare_topology()
    consumer = ReplyConsumer(NOTHING, NOTHING, announced, Everybody(), NOTHING, NOTHING)
    await bus.subscribe(REPLIES, consumer.handle, prefetch=1)
    sent = OutgoingMessage(
        *REPLY_ROUTE,
        encode(MESSAGE),
        type="FlowTypeAnnounced",
        message_id="m-1",
        correlation_id=str(new_id()),
    )
    await bus.publish(sent)

    async def settled() -> bool:
        return not left and (tried > len(failures) or await bus.message_count(DEAD) > 0)

    await eventually(settled, what="the announcement is taken or parked")
    parked = await bus.message_count(DEAD)
    await bus.stop()
    return tried, parked


async def test_it_is_tried_again_until_the_broker_answers() -> None:
    assert await take(BusUnavailable("away"), BusUnavailable("late")) == (3, 0)


async def test_one_that_is_at_fault_itself_is_parked_at_once() -> None:
    assert await take(ValueError("another definition")) == (1, 1)
