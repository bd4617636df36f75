"""The message bus: one port, RabbitMQ and in-process behind it, and every name on the broker (topology)."""

from typing import TYPE_CHECKING, Any

from caravan_common.bus._port import (
    PUBLISH_TIMEOUT_SECONDS,
    Bus,
    BusError,
    BusUnavailable,
    Delivery,
    Handler,
    NotConfirmed,
    OutgoingMessage,
    Subscription,
    Unroutable,
)
from caravan_common.bus.inprocess import InProcessBus
from caravan_common.bus.topology import (
    CANCEL_ROUTE,
    DEAD,
    EXCHANGES,
    HEARTBEAT_ROUTE,
    HEARTBEATS,
    ORCHESTRATOR_QUEUES,
    REPLIES,
    REPLY_ROUTE,
    Exchange,
    ExchangeKind,
    Permissions,
    Queue,
    Route,
    cancel_queue,
    command_queue,
    command_route,
    event_route,
    service_permissions,
)

if TYPE_CHECKING:
    from caravan_common.bus.rabbit import RabbitBus

__all__ = [
    "CANCEL_ROUTE",
    "DEAD",
    "EXCHANGES",
    "HEARTBEATS",
    "HEARTBEAT_ROUTE",
    "ORCHESTRATOR_QUEUES",
    "PUBLISH_TIMEOUT_SECONDS",
    "REPLIES",
    "REPLY_ROUTE",
    "Bus",
    "BusError",
    "BusUnavailable",
    "Delivery",
    "Exchange",
    "ExchangeKind",
    "Handler",
    "InProcessBus",
    "NotConfirmed",
    "OutgoingMessage",
    "Permissions",
    "Queue",
    "RabbitBus",
    "Route",
    "Subscription",
    "Unroutable",
    "cancel_queue",
    "command_queue",
    "command_route",
    "event_route",
    "service_permissions",
]


def __getattr__(name: str) -> Any:
    # FastStream takes half a second to import; the embedded platform does without.
    if name == "RabbitBus":
        from caravan_common.bus.rabbit import RabbitBus

        return RabbitBus
    raise AttributeError(name)
