"""A relay's claims are short, so that a dead one holds nothing up, and made anew while it publishes."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from caravan_common.bus import OutgoingMessage
from caravan_common.contracts import new_id
from caravan_orchestrator.loops.relay import Relay, Spawned
from caravan_orchestrator.store.dispatch import CLAIM_SECONDS, OutboxRow


class Outbox:
    def __init__(self, rows: list[OutboxRow]) -> None:
        self.rows, self.kept, self.sent = rows, dict[UUID, float](), list[UUID]()

    async def claim_commands(self, windows: Mapping[str, int], default_window: int) -> list[OutboxRow]:
        claimed, self.rows = self.rows, []
        return claimed

    async def claim_others(self, limit: int) -> list[OutboxRow]:
        return []

    async def mark_sent(self, ids: Collection[UUID]) -> None:
        self.sent.extend(ids)

    async def release(self, ids: Collection[UUID], seconds: float) -> None:
        self.kept |= dict.fromkeys(ids, seconds)


class SlowBus:
    connected = True

    def __init__(self, *, blocked: bool = False) -> None:
        self.blocked = blocked
        self.confirmed = asyncio.Event()
        self.left = False

    async def publish_many(self, messages: Sequence[OutgoingMessage]) -> list[Exception | None]:
        try:
            await self.confirmed.wait()
        finally:
            self.left = True
        return [None] * len(messages)


async def test_claims_are_made_anew_until_the_publish_is_confirmed() -> None:
    row = OutboxRow(new_id(), new_id(), "command", "exchange", "key", "ExecutePhase", "{}", None)
    outbox, bus = Outbox([row]), SlowBus()
    publishing: list[asyncio.Task[None]] = []
    relay = Relay(outbox, bus, {}, 4, lambda work: publishing.append(asyncio.ensure_future(work)))  # type: ignore[arg-type]
    await relay.step()
    await asyncio.sleep(0)
    await relay.keep_claims()
    assert outbox.kept == {row.id: CLAIM_SECONDS}
    bus.confirmed.set()
    await asyncio.gather(*publishing)
    assert outbox.sent == [row.id]
    outbox.kept.clear()
    await relay.keep_claims()
    assert outbox.kept == {}


async def test_a_stop_lets_a_publish_be_marked_before_the_database_is_left() -> None:
    row = OutboxRow(new_id(), new_id(), "command", "exchange", "key", "ExecutePhase", "{}", None)
    outbox, bus, publishing = Outbox([row]), SlowBus(), Spawned()
    await Relay(outbox, bus, {}, 4, publishing).step()  # type: ignore[arg-type]
    asyncio.get_running_loop().call_later(0.05, bus.confirmed.set)
    await publishing.finish(5)
    assert outbox.sent == [row.id]


async def test_a_stop_does_not_wait_for_a_publish_without_end() -> None:
    row = OutboxRow(new_id(), new_id(), "command", "exchange", "key", "ExecutePhase", "{}", None)
    outbox, bus, publishing = Outbox([row]), SlowBus(), Spawned()
    await Relay(outbox, bus, {}, 4, publishing).step()  # type: ignore[arg-type]
    await publishing.finish(0.05)
    assert outbox.sent == []
    assert bus.left


async def test_what_this_replica_committed_as_claimed_is_published_and_its_claim_made_anew() -> None:
    row = OutboxRow(new_id(), new_id(), "event", "exchange", "key", "caravan.phase.completed", "{}", None)
    outbox, bus = Outbox([]), SlowBus()
    publishing: list[asyncio.Task[None]] = []
    relay = Relay(outbox, bus, {}, 4, lambda work: publishing.append(asyncio.ensure_future(work)))  # type: ignore[arg-type]
    relay.add_committed([row])
    await relay.step()
    await asyncio.sleep(0)
    await relay.keep_claims()
    assert outbox.kept == {row.id: CLAIM_SECONDS}
    bus.confirmed.set()
    await asyncio.gather(*publishing)
    assert outbox.sent == [row.id]


async def test_while_the_broker_is_blocked_what_was_committed_waits_for_its_claim_to_run_out() -> None:
    row = OutboxRow(new_id(), new_id(), "event", "exchange", "key", "caravan.phase.completed", "{}", None)
    outbox, bus = Outbox([]), SlowBus(blocked=True)
    publishing: list[object] = []
    relay = Relay(outbox, bus, {}, 4, publishing.append)  # type: ignore[arg-type]
    relay.add_committed([row])
    await relay.step()
    bus.blocked = False
    await relay.step()
    assert (publishing, outbox.sent, outbox.kept) == ([], [], {})


async def test_commands_that_were_committed_as_claimed_are_published_before_any_step() -> None:
    command = OutboxRow(new_id(), new_id(), "command", "exchange", "key", "ExecutePhase", "{}", None)
    event = OutboxRow(new_id(), new_id(), "event", "exchange", "key", "caravan.phase.completed", "{}", None)
    outbox, bus = Outbox([]), SlowBus()
    publishing = Spawned()
    relay = Relay(outbox, bus, {}, 4, publishing)  # type: ignore[arg-type]
    assert not relay.add_committed([command, event])
    bus.confirmed.set()
    await publishing.finish(5)
    assert outbox.sent == [command.id, event.id]


def test_nothing_may_be_claimed_at_commit_while_it_could_not_be_published() -> None:
    bus = SlowBus()
    relay = Relay(Outbox([]), bus, {"wide": 7}, 4, Spawned())  # type: ignore[arg-type]
    assert (relay.window("wide"), relay.window("other")) == (7, 4)
    bus.blocked = True
    assert relay.window("wide") == 0
