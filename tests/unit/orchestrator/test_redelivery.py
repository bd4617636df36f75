"""Which commands are sent again: out for long, started by nobody, and twice in a row in no queue."""

from collections.abc import Collection
from typing import Any, cast
from uuid import UUID

from caravan_common.bus import REPLIES, Bus, Queue
from caravan_common.contracts import new_id
from caravan_orchestrator.loops.redelivery import Redelivery
from caravan_orchestrator.store.dispatch import UnstartedRow

QUEUE = "caravan.echo.v1.commands.v1"


class Outbox:
    def __init__(self) -> None:
        self.rows = [UnstartedRow(new_id(), QUEUE)]
        self.again: list[UUID] = []

    async def unstarted(self, seconds: float) -> list[UnstartedRow]:
        assert seconds > 2
        return self.rows

    async def send_again(self, ids: Collection[UUID], seconds: float) -> None:
        self.again.extend(ids)


class Broker:
    connected, blocked = True, False

    def __init__(self) -> None:
        self.ready = {QUEUE: 0, REPLIES.name: 0}

    async def message_count(self, queue: Queue) -> int:
        return self.ready[queue.name]


def given() -> tuple[Redelivery, Outbox, Any]:
    outbox, broker = Outbox(), Broker()
    return Redelivery(outbox, cast(Bus, broker)), outbox, broker


async def test_a_command_that_two_looks_find_nowhere_is_sent_again_once() -> None:
    redelivery, outbox, _ = given()
    await redelivery.step()
    assert outbox.again == []
    await redelivery.step()
    assert outbox.again == [outbox.rows[0].id]
    await redelivery.step()
    assert len(outbox.again) == 1


async def test_a_command_that_has_come_out_between_two_looks_is_left_alone() -> None:
    redelivery, outbox, _ = given()
    await redelivery.step()
    outbox.rows = [UnstartedRow(new_id(), QUEUE)]
    await redelivery.step()
    assert outbox.again == []


async def test_what_waits_in_its_queue_is_not_missing() -> None:
    redelivery, outbox, broker = given()
    broker.ready[QUEUE] = 1
    for _ in range(3):
        await redelivery.step()
    assert outbox.again == []


async def test_nothing_is_sent_again_while_replies_wait_that_may_speak_of_it() -> None:
    redelivery, outbox, broker = given()
    broker.ready[REPLIES.name] = 1
    for _ in range(3):
        await redelivery.step()
    assert outbox.again == []


async def test_an_alarm_or_a_lost_connection_begins_the_looking_anew() -> None:
    """Meanwhile nobody can say that he has begun."""
    redelivery, outbox, broker = given()
    await redelivery.step()
    broker.blocked = True
    await redelivery.step()
    broker.blocked = False
    await redelivery.step()
    assert outbox.again == []
    broker.connected = False
    await redelivery.step()
    broker.connected = True
    await redelivery.step()
    assert outbox.again == []
