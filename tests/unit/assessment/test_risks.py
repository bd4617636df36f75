"""Risks of a plan: what a programme manager would be asked about it, with the figures behind each."""

from datetime import date, timedelta
from typing import Any

import polars as pl

from caravan_assessment.domain.roadmap.risks import list_risks

START = date(2027, 1, 4)


def risks(*units: dict[str, Any], waves: int = 8) -> dict[str, dict[str, Any]]:
    """By name; of the same name the last."""
    used = pl.DataFrame(
        {
            "wave": list(range(1, waves + 1)),
            "starts": [START + timedelta(weeks=2 * n) for n in range(waves)],
            "ends": [START + timedelta(weeks=2 * n, days=11) for n in range(waves)],
            "effort": [10.0] * waves,
            "capacity_effort": [100.0] * waves,
        }
    )
    ordinary: dict[str, Any] = {
        "wave": 4, "criticality": 2, "confidence": 0.9, "assumed": [], "migration_urgency": 4.0, "targets": 2,
        "databases": 0, "effort": 20.0, "variant": None,
    }  # fmt: skip
    rows = [{**ordinary, "natural_key": f"u{n}", "name": f"Unit {n}", **unit} for n, unit in enumerate(units)]
    frame = pl.DataFrame(rows, schema_overrides={"assumed": pl.List(pl.String), "variant": pl.String})
    findings = pl.DataFrame(schema={"kind": pl.String, "natural_key": pl.String, "message": pl.String})
    links = pl.DataFrame(
        schema={"first": pl.Int64, "then": pl.Int64, "count": pl.Int64, "example": pl.String}
    )
    found = list_risks(used, frame, findings, links)
    return {row["name"]: row for row in found.iter_rows(named=True)}


def test_an_ordinary_plan_has_none() -> None:
    assert risks({}) == {}


def test_what_is_mission_critical_is_a_risk_in_the_first_quarter_of_the_waves() -> None:
    first = risks({"criticality": 5, "wave": 1})["Mission-critical early"]
    second = risks({"criticality": 5, "wave": 2})["Mission-critical early"]

    assert (first["severity"], second["severity"], second["wave"]) == ("high", "medium", 2)
    assert second["detail"] == "1 unit in the first quarter of the waves: Unit 0"
    assert risks({"criticality": 5, "wave": 3}) == {}
    assert risks({"criticality": 4, "wave": 1}) == {}


def test_what_is_out_of_support_is_a_risk_where_it_moves_in_the_last_quarter() -> None:
    found = risks({"migration_urgency": 9.0, "wave": 7})["Urgent, but late"]

    assert (found["severity"], found["wave"]) == ("medium", 7)
    assert found["detail"] == "1 unit out of support, or bound to leave, until then: Unit 0"
    assert risks({"migration_urgency": 9.0, "wave": 6}) == {}
    assert risks({"migration_urgency": 9.0, "wave": 7, "variant": "landing_zone"}) == {}, "it is to go last"
    assert risks({"migration_urgency": 9.0, "wave": 8, "assumed": ["migration_urgency"]}) == {}, (
        "nobody knows"
    )
    assert risks({"migration_urgency": 9.0, "wave": 2}, waves=3) == {}, "of three waves none is late"


def test_work_that_is_planned_for_what_nobody_has_found_is_a_risk() -> None:
    bare = {"targets": 0, "databases": 0}
    found = risks({**bare, "effort": 32.0}, bare, {**bare, "wave": None})["No machine known"]

    assert found["detail"] == (
        "of 2 units that have a wave, no machine is known; 52 person-days are planned for what nobody has found: "
        "Unit 0, Unit 1"
    )
    assert risks({"targets": 0, "databases": 1}) == {}
