"""Decisions as figures: what the collector is told of phases, attempts, retries and lost leases."""

import pytest

from caravan_common.contracts import ErrorKind
from caravan_orchestrator import measuring
from caravan_orchestrator.domain.replies import lease_ran_out
from tests.unit.orchestrator.conversation import Conversation, a_manifest


class Instrument:
    """Remembers what it is told, as (value, labels)."""

    def __init__(self) -> None:
        self.told: list[tuple[float, dict[str, str]]] = []

    def record(self, value: float, labels: dict[str, str]) -> None:
        self.told.append((value, labels))

    add = record


@pytest.fixture
def instruments(monkeypatch: pytest.MonkeyPatch) -> dict[str, Instrument]:
    made = {name: Instrument() for name in ("_phases", "_attempts", "_by_client", "_retried", "_lost")}
    for name, each in made.items():
        monkeypatch.setattr(measuring, name, each)
    return made


def test_a_phase_that_completes_is_timed_from_its_start_to_its_result(
    instruments: dict[str, Instrument],
) -> None:
    talk = Conversation()
    talk.start()
    talk.later(seconds=42)
    measuring.measure([talk.completed(datasets=(a_manifest(),))])
    assert instruments["_phases"].told == [
        (42.0, {"flow_type": "survey", "phase": "gather", "status": "completed"})
    ]
    assert instruments["_attempts"].told == [
        (42.0, {"flow_type": "survey", "kind": "execute", "status": "succeeded"})
    ]
    client = str(talk.flow.tenant.client_account_id)
    assert instruments["_by_client"].told == [(1, {"client": client, "status": "completed"})]


def test_retries_and_failures_are_counted(instruments: dict[str, Instrument]) -> None:
    talk = Conversation()
    talk.start()
    measuring.measure([talk.failed(ErrorKind.RETRIABLE)])
    labels = {"flow_type": "survey", "phase": "gather"}
    assert instruments["_retried"].told == [(1, labels)]
    assert instruments["_phases"].told == []
    talk = Conversation()
    talk.start()
    talk.later(seconds=60)
    measuring.measure([talk.failed(ErrorKind.PERMANENT)])
    assert instruments["_phases"].told == [(60.0, {**labels, "status": "failed"})]


def test_lost_leases_are_counted(instruments: dict[str, Instrument]) -> None:
    talk = Conversation()
    talk.start()
    talk.started(talk.open())
    measuring.measure([talk.order(lambda draft: lease_ran_out(draft, talk.open()))])
    assert instruments["_lost"].told == [(1, {"flow_type": "survey", "phase": "gather"})]
