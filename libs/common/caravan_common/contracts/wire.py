"""Messages to bytes and back: the AMQP `type` property is the model's class name."""

from caravan_common.contracts import commands, replies
from caravan_common.contracts._base import Message

COMMANDS: dict[str, type[Message]] = {
    model.__name__: model
    for model in (
        commands.ExecutePhase,
        commands.ExecuteUnit,
        commands.CompensateUnit,
        commands.BuildHandoff,
        commands.EvaluateEdit,
        commands.BuildSelectiveVersion,
        commands.CancelAttempt,
    )
}
REPLIES: dict[str, type[Message]] = {
    model.__name__: model
    for model in (
        replies.FlowTypeAnnounced,
        replies.AttemptStarted,
        replies.AttemptHeartbeat,
        replies.AttemptAbandoned,
        replies.PhaseCompleted,
        replies.PhaseFailed,
        replies.UnitCompleted,
        replies.UnitCompensated,
        replies.HandoffBuilt,
        replies.EditEvaluated,
        replies.SelectiveVersionBuilt,
    )
}
_ALL = COMMANDS | REPLIES


class UnknownMessageType(ValueError):
    """The type property names no message of this version: a fault of content, parked at once."""


def encode(message: Message) -> bytes:
    """JSON, UTF-8."""
    return message.model_dump_json().encode()


def decode(type_name: str, body: bytes) -> Message:
    """Raises UnknownMessageType, or pydantic's ValidationError when the body does not fit."""
    model = _ALL.get(type_name)
    if model is None:
        raise UnknownMessageType(f"unknown message type {type_name!r}")
    return model.model_validate_json(body)
