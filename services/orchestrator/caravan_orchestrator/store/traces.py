"""Which trace an attempt belongs to: one for each phase, linked to the one before; every run of it goes on with it."""

from collections.abc import Collection
from uuid import UUID

from caravan_common.telemetry import attached, inject_traceparent, link_to, tracer
from caravan_orchestrator.domain.decision import Decision
from caravan_orchestrator.domain.states import AttemptKind


def new_traces(decision: Decision, new: Collection[UUID], traceparent: str | None) -> dict[UUID, str | None]:
    """The traceparent of each new attempt; the argument is the present span's."""
    cause = decision.traceparent or traceparent
    return {
        id_: begin_trace(f"{decision.flow.flow_type} {attempt.phase}", cause)
        if decision.traceparent is not None and attempt.kind is AttemptKind.EXECUTE
        else cause
        for id_, attempt in decision.flow.attempts.items()
        if id_ in new
    }


def begin_trace(name: str, cause: str | None) -> str | None:
    """A span that is nobody's child, linked to its cause."""
    with attached(None), tracer(__name__).start_as_current_span(f"begin {name}", links=link_to(cause)):
        return inject_traceparent().get("traceparent")
