"""What a plan says of units that have no wave: in their names, since nobody knows them by keys."""

from datetime import date, timedelta

from caravan_assessment.domain.planning.outcome import list_findings
from caravan_assessment.domain.waves import Edge, Instance, Unit, Wave, plan_waves

NAMES = {"mpa:a1": "Till", "mpa:a12": "Ledger", "mpa:a2": "Shop", "mpa:a3": "Archive"}
START = date(2027, 1, 4)


def said(units: tuple[Unit, ...], edges: tuple[Edge, ...]) -> list[str]:
    waves = tuple(
        Wave(n, START + timedelta(weeks=2 * n), START + timedelta(weeks=2 * n, days=11), effort=10.0)
        for n in (1, 2)
    )
    plan = plan_waves(Instance(units, edges, waves), steps=500)
    notes = [("note", words, ()) for words in plan.findings]
    return list_findings(plan.unplaceable, notes, NAMES)["message"].to_list()


def test_units_that_are_larger_together_than_any_wave_are_named_once() -> None:
    units = (Unit("mpa:a1", effort=6.0), Unit("mpa:a12", effort=6.0))
    (message,) = said(units, (Edge("mpa:a1", "mpa:a12", "must_together", 1.0),))

    assert "mpa:" not in message
    assert message.count("Till, Ledger") == 1 or message.count("Ledger, Till") == 1
    assert "larger than any wave" in message


def test_one_that_leaves_another_behind_is_noted_by_name() -> None:
    units = (Unit("mpa:a2", effort=50.0), Unit("mpa:a3", effort=1.0))
    messages = said(units, (Edge("mpa:a2", "mpa:a3", "hard_order", 1.0),))

    assert "Archive has a wave, but Shop, which must not move after it, has none" in messages
    assert not any("mpa:" in message for message in messages)
