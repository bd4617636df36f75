"""A model of the broker: queues with prefetch, redelivery, limit and dead letters; a connection a process."""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from caravan_common.bus import BusUnavailable, NotConfirmed, OutgoingMessage
from caravan_common.bus import Queue as AnyQueue
from caravan_common.bus.topology import CANCELS_EXCHANGE, COMMANDS_EXCHANGE, DEAD, EVENTS_EXCHANGE
from tests.simulation.faults import Faults
from tests.simulation.kernel import Kernel, Process

LIMIT = 20
LOW_LIMIT = 3
PUBLISH_TIMEOUT = 30.0
# Where lateness hurts most: an effect that begins, or is heard of, after everybody has gone on.
_OFTEN_LATE = ("ExecuteUnit", "UnitCompleted")


@dataclass(eq=False, slots=True)
class Item:
    message: OutgoingMessage
    count: int = 0
    death_queue: str | None = None
    death_reason: str | None = None


class Delivery:
    """An item in somebody's hands. What happens to it after its connection is lost is not theirs to say."""

    def __init__(self, item: Item, queue: "Queue", consumer: "Consumer") -> None:
        self._item, self._queue, self._consumer = item, queue, consumer
        self._connection = consumer.connection
        self._generation = consumer.connection.generation
        message = item.message
        self.body, self.type, self.message_id = message.body, message.type, message.message_id
        self.correlation_id, self.headers, self.user_id = message.correlation_id, message.headers, None
        self.queue, self.delivery_count, self.redelivered = queue.name, item.count, item.count > 0
        self.death_queue, self.death_reason = item.death_queue, item.death_reason
        self.settled = False

    async def ack(self) -> bool:
        return await self._settle(lambda: self._consumer.on_ack(self))

    async def reject(self) -> bool:
        return await self._settle(lambda: self._queue.bury(self._item, "rejected"))

    async def requeue(self) -> bool:
        return await self._settle(lambda: self._queue.put_back(self._item))

    async def _settle(self, act: Callable[[], None]) -> bool:
        await self._connection.process.step()
        if self.settled or self._connection.generation != self._generation:
            return False
        self.settled = True
        self._consumer.unacked.remove(self)
        act()
        self._queue.pump()
        return True

    def give_back(self) -> None:
        """Its connection was lost."""
        if not self.settled:
            self.settled = True
            self._queue.put_back(self._item)


@dataclass(eq=False)
class Consumer:
    """Takes at most `prefetch` unacked deliveries; `handle` is called with each."""

    connection: "Connection"
    handle: Callable[[Delivery], None]
    prefetch: int
    paused: bool = False
    unacked: list[Delivery] = field(default_factory=list)
    queue: "Queue | None" = None
    on_ack: Callable[[Delivery], None] = lambda _: None

    @property
    def has_room(self) -> bool:
        return self.connection.connected and not self.paused and len(self.unacked) < self.prefetch

    def pause(self) -> None:
        self.paused = True

    def resume(self) -> None:
        self.paused = False
        if self.queue is not None:
            self.queue.pump()


class Queue:
    def __init__(self, broker: "Broker", name: str) -> None:
        self.broker, self.name = broker, name
        self.ready: deque[Item] = deque()
        self.consumers: deque[Consumer] = deque()

    def put(self, item: Item) -> None:
        self.ready.append(item)
        if len(self.ready) > 1 and self.broker.faults.hits("message_reordered"):
            self.ready.rotate(self.broker.kernel.rng.randrange(len(self.ready)))
        self.pump()

    def put_back(self, item: Item) -> None:
        item.count += 1
        if item.count > self.broker.limit and self.name != DEAD.name:
            self.bury(item, "delivery_limit")
        else:
            self.ready.appendleft(item)
            self.broker.kernel.later(0.05, self.pump)

    def bury(self, item: Item, reason: str) -> None:
        self.broker.kernel.log("broker", "{} died in {}: {}", item.message.type, self.name, reason)
        if self.name == DEAD.name:
            self.broker.dropped.append(item.message)
        else:
            self.broker.died.add(item.message.message_id)
            self.broker.queue(DEAD.name).put(Item(item.message, 0, self.name, reason))

    def pump(self) -> None:
        """Ready messages to consumers with room, in turn."""
        while self.ready:
            for _ in range(len(self.consumers)):
                consumer = self.consumers[0]
                self.consumers.rotate(-1)
                if consumer.has_room:
                    break
            else:
                return
            delivery = Delivery(self.ready.popleft(), self, consumer)
            consumer.unacked.append(delivery)
            delay = 0.001 + 0.02 * self.broker.kernel.random()
            self.broker.kernel.later(delay, self._hand_over, consumer, delivery)

    def _hand_over(self, consumer: Consumer, delivery: Delivery) -> None:
        if not delivery.settled and consumer.connection.process.alive:
            consumer.handle(delivery)


class Broker:
    """`arrived` are the ids of messages the broker has taken on; `dropped` those nobody will ever see again."""

    def __init__(self, kernel: Kernel, faults: Faults) -> None:
        self.kernel, self.faults = kernel, faults
        self.limit = LOW_LIMIT if faults.low_limit else LIMIT
        self.blocked_until = self._blocked_total = 0.0
        self.queues: dict[str, Queue] = {}
        self.cancel_queues: list[Queue] = []
        self.arrived: set[str] = set()
        self.died: set[str] = set()
        self.dropped: list[OutgoingMessage] = []
        self.underway = 0

    def block(self, seconds: float) -> None:
        """The memory alarm: nobody can publish, and everybody has been told so."""
        self.kernel.log("broker", "blocked for {:.0f} s", seconds)
        until = max(self.blocked_until, self.kernel.now + seconds)
        self._blocked_total += until - max(self.blocked_until, self.kernel.now)
        self.blocked_until = until

    def blocked_total(self) -> float:
        """Seconds blocked so far."""
        return self._blocked_total - max(0.0, self.blocked_until - self.kernel.now)

    def queue(self, name: str) -> Queue:
        if name not in self.queues:
            self.queues[name] = Queue(self, name)
        return self.queues[name]

    def accept(self, message: OutgoingMessage) -> None:
        """Routes it, perhaps twice, perhaps much later."""
        self.arrived.add(message.message_id)
        if message.exchange == EVENTS_EXCHANGE.name:
            return
        if message.exchange == CANCELS_EXCHANGE.name:
            for queue in list(self.cancel_queues):
                queue.put(Item(message))
            return
        if message.exchange == COMMANDS_EXCHANGE.name and self.faults.hits("command_vanishes"):
            self.kernel.log("broker", "{} vanishes though it was confirmed", message.type)
            return
        self._enqueue(message)
        if self.faults.hits("message_doubled"):
            self._later(message, self.kernel.random() * 3)

    def _enqueue(self, message: OutgoingMessage) -> None:
        if self.faults.hits("message_late") or (
            message.type in _OFTEN_LATE and self.faults.hits("message_late")
        ):
            self._later(message, self.kernel.random() * 45)
        elif message.exchange == COMMANDS_EXCHANGE.name and self.faults.hits("message_very_late"):
            draw = self.kernel.random()
            self._later(message, 597.5 + 6 * draw if draw < 0.5 else 600 + 100 * draw)
        else:
            self.queue(message.routing_key).put(Item(message))

    def _later(self, message: OutgoingMessage, seconds: float) -> None:
        self.underway += 1
        self.kernel.log("broker", "{} is {:.1f} s late", message.type, seconds)
        self.kernel.later(seconds, self._at_last, message)

    def _at_last(self, message: OutgoingMessage) -> None:
        self.underway -= 1
        self.queue(message.routing_key).put(Item(message))


class Connection:
    """One process's connection: the Bus port as far as loops and workers use it."""

    def __init__(self, broker: Broker, process: Process) -> None:
        self.broker, self.process = broker, process
        self.connected, self.generation = True, 0
        self.consumers: list[Consumer] = []
        self.own_queues: list[Queue] = []
        process.at_death.append(self.close)

    @property
    def blocked(self) -> bool:
        return self.broker.kernel.now < self.broker.blocked_until

    def blocked_seconds(self) -> float:
        return self.broker.blocked_total()

    def consume(self, queue: Queue, handle: Callable[[Delivery], None], prefetch: int) -> Consumer:
        consumer = Consumer(self, handle, prefetch, queue=queue)
        self.consumers.append(consumer)
        queue.consumers.append(consumer)
        queue.pump()
        return consumer

    def own_queue(self, name: str) -> Queue:
        """Gone with the connection."""
        queue = Queue(self.broker, name)
        self.own_queues.append(queue)
        self.broker.cancel_queues.append(queue)
        return queue

    def cut(self, seconds: float) -> None:
        """Lost, and back after a while; every unsettled delivery goes back."""
        if not self.connected:
            return
        self.broker.kernel.log(self.process.name, "connection lost for {:.0f} s", seconds)
        self._lose()
        self.broker.kernel.later(seconds, self.reconnect)

    def _lose(self) -> None:
        self.connected = False
        self.generation += 1
        for consumer in self.consumers:
            unacked, consumer.unacked = consumer.unacked, []
            for delivery in reversed(unacked):
                delivery.give_back()
        for queue in self.own_queues:
            self.broker.cancel_queues.remove(queue)
            queue.ready.clear()

    def reconnect(self) -> None:
        if self.connected or not self.process.alive:
            return
        self.connected = True
        self.broker.cancel_queues.extend(self.own_queues)
        for consumer in self.consumers:
            if consumer.queue is not None:
                consumer.queue.pump()

    def close(self) -> None:
        if self.connected:
            self._lose()
        for consumer in self.consumers:
            if consumer.queue is not None:
                consumer.queue.consumers.remove(consumer)
        self.consumers = []

    async def message_count(self, queue: AnyQueue) -> int:
        """Raises BusUnavailable."""
        await self.process.step()
        if not self.connected:
            raise BusUnavailable("no connection")
        return len(self.broker.queue(queue.name).ready)

    async def publish(self, message: OutgoingMessage) -> None:
        """Raises NotConfirmed: then it has arrived, or not."""
        error = (await self.publish_many([message]))[0]
        if error is not None:
            raise error

    async def publish_many(self, messages: Sequence[OutgoingMessage]) -> list[Exception | None]:
        await self.process.step()
        if not self.connected:
            return [BusUnavailable("no connection") for _ in messages]
        if self.blocked:
            await self.process.sleep(min(PUBLISH_TIMEOUT, self.broker.blocked_until - self.broker.kernel.now))
            if self.blocked:
                return [NotConfirmed("blocked") for _ in messages]
        generation, faults = self.generation, self.broker.faults
        outcomes: list[Exception | None] = []
        for message in messages:
            lost = faults.hits("message_lost")
            if not lost:
                self.broker.accept(message)
            unheard = lost or faults.hits("confirm_lost")
            outcomes.append(NotConfirmed("no confirm") if unheard else None)
        await self.process.step()
        if any(outcomes):
            await self.process.sleep(1 + self.broker.kernel.random() * 4)
        if generation != self.generation:
            return [outcome or NotConfirmed("connection lost") for outcome in outcomes]
        return outcomes
