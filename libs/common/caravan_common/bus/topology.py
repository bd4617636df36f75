"""The one file of exchange, queue and routing names and of queue arguments. Nothing here talks to a broker.

Arguments never change under a name: a changed queue gets a new version suffix. All of them can be declared on
RabbitMQ 3.10 to 4.3.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class ExchangeKind(StrEnum):
    DIRECT = "direct"
    TOPIC = "topic"
    FANOUT = "fanout"


@dataclass(frozen=True)
class Exchange:
    """Durable. Topic keys are words between dots; a binding may use `*` (one word) and `#` (any number)."""

    name: str
    kind: ExchangeKind


class Route(NamedTuple):
    """Where a message goes, or what a queue is bound to: exchange name and routing key."""

    exchange: str
    routing_key: str


COMMANDS_EXCHANGE = Exchange("caravan.commands", ExchangeKind.DIRECT)
REPLIES_EXCHANGE = Exchange("caravan.replies", ExchangeKind.DIRECT)
HEARTBEATS_EXCHANGE = Exchange("caravan.heartbeats", ExchangeKind.DIRECT)
EVENTS_EXCHANGE = Exchange("caravan.events", ExchangeKind.TOPIC)
CANCELS_EXCHANGE = Exchange("caravan.cancels", ExchangeKind.FANOUT)
DEAD_EXCHANGE = Exchange("caravan.dead", ExchangeKind.DIRECT)
EXCHANGES = (
    COMMANDS_EXCHANGE,
    REPLIES_EXCHANGE,
    HEARTBEATS_EXCHANGE,
    EVENTS_EXCHANGE,
    CANCELS_EXCHANGE,
    DEAD_EXCHANGE,
)

DELIVERY_LIMIT = 20
# From 4.0 on a quorum queue without a limit gets 20, and 3.10 refuses -1; dead letters must never be dropped.
_NO_DELIVERY_LIMIT = 2**31 - 1


@dataclass(frozen=True)
class Queue:
    """A queue and what it is bound to.

    Shared queues are quorum, durable, and dead-letter to `caravan.dead` under their own name. `exclusive`
    ones are classic, belong to one connection and go with it. `confirm_on_ack` counts in the in-process bus
    only: as its memory dies with the process, it confirms a message no sooner than its delivery is acked.
    """

    name: str
    bindings: tuple[Route, ...] = ()
    exclusive: bool = False
    delivery_limit: int = DELIVERY_LIMIT
    dead_letters: bool = True
    confirm_on_ack: bool = False

    @property
    def dead_letter_route(self) -> Route | None:
        """None where a rejected message is gone: exclusive queues, and the dead-letter queue itself."""
        if self.exclusive or not self.dead_letters:
            return None
        return Route(DEAD_EXCHANGE.name, self.name)

    def arguments(self, namespace: str = "") -> dict[str, str | int]:
        """The broker's arguments; `namespace` goes before every name in them."""
        if self.exclusive:
            return {"x-queue-type": "classic"}
        arguments: dict[str, str | int] = {"x-queue-type": "quorum", "x-delivery-limit": self.delivery_limit}
        if route := self.dead_letter_route:
            arguments |= {
                "x-dead-letter-exchange": namespace + route.exchange,
                "x-dead-letter-routing-key": namespace + route.routing_key,
                # At-least-once is refused without reject-publish.
                "x-dead-letter-strategy": "at-least-once",
                "x-overflow": "reject-publish",
            }
        return arguments


def command_queue(flow_type: str, major: int) -> Queue:
    """The queue of one major version of a flow type, shared by all replicas of its service."""
    route = command_route(flow_type, major)
    return Queue(route.routing_key, (route,), confirm_on_ack=True)


def command_route(flow_type: str, major: int) -> Route:
    """Publish mandatory."""
    return Route(COMMANDS_EXCHANGE.name, f"caravan.{flow_type}.v{major}.commands.v1")


def cancel_queue(flow_type: str, worker_id: str) -> Queue:
    """One replica's own copy of every CancelAttempt."""
    return Queue(f"caravan.{flow_type}.cancels.{worker_id}", (CANCEL_ROUTE,), exclusive=True)


class Permissions(NamedTuple):
    """Regular expressions over names of queues and exchanges, as RabbitMQ's permissions are."""

    configure: str
    write: str
    read: str


def service_permissions(flow_type: str) -> Permissions:
    """What the broker user of one flow type needs, and no more.

    It takes commands of every major version it carries, answers, and declares only its replicas' own copies of
    CancelAttempt; declaring binds, so those are also written and read.
    """
    name = re.escape(flow_type)
    cancels = rf"^caravan\.{name}\.cancels\..+$"
    return Permissions(
        configure=cancels,
        write=rf"^caravan\.(replies|heartbeats)$|{cancels}",
        read=rf"^caravan\.{name}\.v[0-9]+\.commands\.v[0-9]+$|{cancels}|^caravan\.cancels$",
    )


def event_route(event_type: str) -> Route:
    """`event_type` as in CloudEvents (`caravan.flow.completed`). Publish not mandatory."""
    return Route(EVENTS_EXCHANGE.name, event_type)


REPLY_ROUTE = Route(REPLIES_EXCHANGE.name, "caravan.orchestrator.replies.v1")
HEARTBEAT_ROUTE = Route(HEARTBEATS_EXCHANGE.name, "caravan.orchestrator.heartbeats.v1")
CANCEL_ROUTE = Route(CANCELS_EXCHANGE.name, "")

REPLIES = Queue(REPLY_ROUTE.routing_key, (REPLY_ROUTE,))
HEARTBEATS = Queue(HEARTBEAT_ROUTE.routing_key, (HEARTBEAT_ROUTE,))
DEAD = Queue("caravan.orchestrator.dead.v1", delivery_limit=_NO_DELIVERY_LIMIT, dead_letters=False)
ORCHESTRATOR_QUEUES = (DEAD, REPLIES, HEARTBEATS)
