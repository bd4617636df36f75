"""What committed decisions come to, as figures for the collector: how long phases take, how attempts end.

Each replica counts what it has decided itself; the sum over replicas is the platform's.
"""

from collections.abc import Mapping, Sequence

from caravan_common.telemetry import meter
from caravan_orchestrator.domain.decision import Decision, EventOut
from caravan_orchestrator.domain.model import Flow

# Seconds: a phase of a small file takes a second, one of a million rows minutes, and one that waits for people hours.
_BOUNDS = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0, 14400.0)
_meter = meter(__name__)
_phases = _meter.create_histogram(
    "caravan.phase.duration",
    unit="s",
    description="From a phase's start to its result, waits for people and retries among it",
    explicit_bucket_boundaries_advisory=_BOUNDS,
)
_attempts = _meter.create_histogram(
    "caravan.attempt.duration",
    unit="s",
    description="From an attempt's last dispatch to its end, by how it ended",
    explicit_bucket_boundaries_advisory=_BOUNDS,
)
_by_client = _meter.create_counter(
    "caravan.client.phases", description="Phases that ended, by client's id and state"
)
_retried = _meter.create_counter(
    "caravan.attempts.retried", description="Attempts given out again after a failure"
)
_lost = _meter.create_counter("caravan.leases.lost", description="Leases that ran out: a worker fell silent")


def measure(decisions: Sequence[Decision]) -> None:
    """After their commit. Labels are of definitions, states and clients' ids: bounded, and nobody's data."""
    for decision in decisions:
        flow = decision.flow
        for event in decision.events:
            _measure_event(decision, event)
        for id_ in decision.ended:
            attempt = flow.attempts.get(id_)
            if attempt is not None and attempt.dispatched_at is not None:
                labels = {
                    "flow_type": flow.flow_type,
                    "kind": str(attempt.kind),
                    "status": str(attempt.status),
                }
                _attempts.record(max(0.0, (decision.now - attempt.dispatched_at).total_seconds()), labels)


def _measure_event(decision: Decision, event: EventOut) -> None:
    flow = decision.flow
    match event.type:
        case "caravan.phase.completed" | "caravan.phase.failed":
            phase = flow.phase(event.data["phase"])
            _by_client.add(1, {"client": str(flow.tenant.client_account_id), "status": str(phase.status)})
            if phase.started_at is not None:
                labels = _of(flow, event.data) | {"status": str(phase.status)}
                _phases.record(max(0.0, (decision.now - phase.started_at).total_seconds()), labels)
        case "caravan.attempt.retried":
            _retried.add(1, _of(flow, event.data))
        case "caravan.attempt.lost":
            _lost.add(1, _of(flow, event.data))


def _of(flow: Flow, data: Mapping[str, str]) -> dict[str, str]:
    return {"flow_type": flow.flow_type, "phase": data["phase"]}
