"""The messages between orchestrator and workers as an AsyncAPI 3.0 document, for teams that write a worker.

Made from the contracts and the topology, so it can't say anything else than they do.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel

from caravan_common.bus import topology
from caravan_common.bus.topology import Queue, Route
from caravan_common.contracts import COMMANDS, REPLIES, CloudEvent, FlowDefinition

_SCHEMAS = "#/components/schemas/"
_MESSAGES = "#/components/messages/"
_HEARTBEAT, _CANCEL, _EVENT = "AttemptHeartbeat", "CancelAttempt", "CloudEvent"
_HEADERS = {
    "type": "object",
    "properties": {"traceparent": {"type": "string", "description": "W3C trace context of the sender."}},
}


def document(definitions: Iterable[FlowDefinition]) -> dict[str, Any]:
    """AsyncAPI 3.0 of the orchestrator's queues and of one command queue for each definition's major version.

    Operations are named from a worker's side: it receives commands and cancels, and sends replies and heartbeats.
    """
    queues = {
        f"{each.flow_type}V{each.major}Commands": topology.command_queue(each.flow_type, each.major)
        for each in definitions
    }
    replies = [name for name in REPLIES if name != _HEARTBEAT]
    commands = [name for name in COMMANDS if name != _CANCEL]
    channels: dict[str, Any] = {
        **{name: _queue(queue, commands) for name, queue in queues.items()},
        "replies": _queue(topology.REPLIES, replies),
        "heartbeats": _queue(topology.HEARTBEATS, [_HEARTBEAT]),
        "cancels": _exchange(topology.CANCEL_ROUTE, "fanout", [_CANCEL]),
        "events": _exchange(topology.event_route("#"), "topic", [_EVENT]),
    }
    operations = {
        **{f"take{name[0].upper()}{name[1:]}": _operation("receive", name) for name in queues},
        "heedCancels": _operation("receive", "cancels"),
        "reply": _operation("send", "replies"),
        "beat": _operation("send", "heartbeats"),
        "hearEvents": _operation("receive", "events"),
    }
    models: dict[str, type[BaseModel]] = {**COMMANDS, **REPLIES, _EVENT: CloudEvent}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Caravan: orchestrator and workers",
            "version": "1",
            "description": "JSON over AMQP 0.9.1; the property `type` names the message, `message_id` is repeated"
            " when a message is. What each exchange of messages means: architecture.md.",
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": operations,
        "components": {
            "messages": {name: _message(name, model) for name, model in models.items()},
            "schemas": _schemas(models),
        },
    }


def _queue(queue: Queue, messages: Iterable[str]) -> dict[str, Any]:
    binding = {"is": "queue", "queue": {"name": queue.name, "durable": True, "exclusive": False}}
    return _channel(queue.name, binding, messages)


def _exchange(route: Route, kind: str, messages: Iterable[str]) -> dict[str, Any]:
    exchange = {"name": route.exchange, "type": kind, "durable": True, "autoDelete": False}
    return _channel(route.exchange, {"is": "routingKey", "exchange": exchange}, messages)


def _channel(address: str, binding: Mapping[str, Any], messages: Iterable[str]) -> dict[str, Any]:
    return {
        "address": address,
        "messages": {name: {"$ref": _MESSAGES + name} for name in messages},
        "bindings": {"amqp": {**binding, "bindingVersion": "0.3.0"}},
    }


def _operation(action: str, channel: str) -> dict[str, Any]:
    return {"action": action, "channel": {"$ref": f"#/channels/{channel}"}}


def _message(name: str, model: type[BaseModel]) -> dict[str, Any]:
    said = (model.__doc__ or "").strip().splitlines()
    return {
        "name": name,
        "title": name,
        "summary": said[0] if said else name,
        "headers": _HEADERS,
        "payload": {"$ref": _SCHEMAS + name},
    }


def _schemas(models: Mapping[str, type[BaseModel]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, model in models.items():
        schema = model.model_json_schema(mode="serialization", ref_template=_SCHEMAS + "{model}")
        found |= schema.pop("$defs", {})
        found[name] = schema
    return dict(sorted(found.items()))
