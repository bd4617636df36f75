"""What the rest of Caravan knows of a message bus. Two transports keep it: RabbitMQ and in-process."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from caravan_common.bus.topology import ORCHESTRATOR_QUEUES, Queue

PUBLISH_TIMEOUT_SECONDS = 30.0


class BusError(Exception):
    """Anything the bus could not do."""


class BusUnavailable(BusError):
    """No connection to the broker now."""


class Unroutable(BusError):
    """A mandatory message found no queue. It was not kept."""


class NotConfirmed(BusError):
    """No confirm in time, refused, or the connection was lost. The message may have arrived all the same."""


@dataclass(frozen=True)
class OutgoingMessage:
    """A message as published, always persistent. After `expiration` (seconds) it is dead: `expired`."""

    exchange: str
    routing_key: str
    body: bytes
    type: str
    message_id: str
    correlation_id: str
    headers: Mapping[str, str] = field(default_factory=dict)
    mandatory: bool = True
    expiration: float | None = None


@dataclass(eq=False, kw_only=True)
class Delivery(ABC):
    """A message as received. Settle it once; a second time does nothing.

    `user_id` is the publisher's, verified by the broker. `delivery_count` is how often it came back before.
    `death_reason` (rejected, delivery_limit, expired) and `death_queue` are set on what the dead-letter queue
    gives out. ack, reject and requeue return False when the delivery was no longer ours: settled before, or
    its connection lost, and then the broker gives the message out again.
    """

    body: bytes
    type: str
    message_id: str
    correlation_id: str
    headers: Mapping[str, str]
    user_id: str | None
    redelivered: bool
    delivery_count: int
    queue: str
    death_reason: str | None = None
    death_queue: str | None = None

    @abstractmethod
    async def ack(self) -> bool:
        """Done with."""

    @abstractmethod
    async def reject(self) -> bool:
        """Dead-letter: its content is at fault."""

    @abstractmethod
    async def requeue(self) -> bool:
        """Give it back to the queue. May count towards the delivery limit, so not a way to retry."""


Handler = Callable[[Delivery], Awaitable[None]]
"""Settles its delivery itself. An exception that escapes is a fault of content: rejected and logged.
A cancelled handler settles nothing: the message is given out again."""


class Subscription(Protocol):
    """A consumer of one queue, brought back by itself after every loss of connection, channel or queue."""

    @property
    def consuming(self) -> bool:
        """Whether the broker has this consumer now: not while paused, cut off, or before its queue exists."""

    async def pause(self) -> None:
        """Stop taking messages; they stay ready with the broker. What was delivered is ours to settle."""

    async def resume(self) -> None:
        """Take messages again."""

    async def close(self) -> None:
        """For good: cancels running handlers, and what they had not settled goes back to the queue."""


class Bus(Protocol):
    """Publishing is confirmed, consuming is acked by hand.

    A lost connection cancels no handler, but what it had not settled is given out again: two may run at once.
    """

    @property
    def user(self) -> str:
        """The broker user that our own messages carry."""

    @property
    def connected(self) -> bool:
        """Whether publishing and consuming both have a connection now."""

    @property
    def blocked(self) -> bool:
        """Whether the broker has told us connection.blocked (memory or disk alarm)."""

    def blocked_seconds(self) -> float:
        """Total time spent blocked since start, monotonic, to 0.1 s."""

    async def start(self) -> None:
        """Raises BusUnavailable when the first connection can't be made."""

    async def stop(self) -> None:
        """Closes all subscriptions, then the connections."""

    def on_reconnect(self, callback: Callable[[], Awaitable[None]]) -> None:
        """Call this after each re-connection, when queues and consumers are back."""

    async def publish(self, message: OutgoingMessage) -> None:
        """Returns when the message is confirmed. Raises Unroutable or NotConfirmed."""

    async def publish_many(self, messages: Sequence[OutgoingMessage]) -> list[Exception | None]:
        """Pipelined. For each message, in their order, None when confirmed, else what publish would raise."""

    async def declare_topology(self, queues: Sequence[Queue] = ORCHESTRATOR_QUEUES) -> None:
        """All exchanges, then these queues; again by itself after each re-connection. Raises BusError."""

    async def declare_queue(self, queue: Queue) -> None:
        """The queue, its bindings, its place with the dead-letter queue; again by itself, as the topology.

        Raises BusError, for one when the queue exists with other arguments.
        """

    async def subscribe(self, queue: Queue, handler: Handler, *, prefetch: int) -> Subscription:
        """Each delivery is handled as a task of its own, at most `prefetch` at once.

        Declares nothing: consuming begins once the queue exists.
        """

    async def consumer_count(self, queue: Queue) -> int:
        """As the broker counts; 0 when there is no such queue. Raises BusUnavailable."""

    async def message_count(self, queue: Queue) -> int:
        """Messages ready (not those delivered); 0 when there is no such queue. Raises BusUnavailable."""
