"""Who was seen to connect to whom: counted where flows were observed, unknown everywhere else."""

import polars as pl
import pytest

from caravan_assessment.domain.portfolio.edges import count_inbound
from caravan_common.contracts import PhaseError
from tests.unit.assessment.conftest import Assessment

MEMBERS = pl.DataFrame(
    {
        "application": ["shop", "shop", "crm", "mon", "dark"],
        "asset_key": ["web", "db", "crm-1", "mon-1", "dark-1"],
        "role": ["target"] * 5,
    }
)
FLOW = {"source_key": pl.String, "target_key": pl.String, "origin": pl.String, "shared_service": pl.Boolean}


def count(*flows: tuple[str, str, str, bool]) -> dict[str, tuple[int, int]]:
    found = count_inbound(
        pl.DataFrame(flows, schema=FLOW, orient="row"), MEMBERS, pl.DataFrame({"asset_key": ["mon-1"]})
    )
    return {key: (seen, inbound) for key, seen, inbound in found.sort("natural_key").iter_rows()}


def test_only_other_units_count_and_shared_services_do_not() -> None:
    found = count(
        ("web", "db", "observed flow", False),
        ("mon-1", "crm-1", "observed flow", True),
        ("mon-1", "web", "observed flow", False),
        ("crm-1", "web", "observed flow", False),
    )
    assert found == {"crm": (1, 0), "mon": (1, 0), "shop": (2, 1)}


def test_a_machine_outside_of_all_units_is_a_caller() -> None:
    assert count(("laptop", "crm-1", "observed flow", False)) == {"crm": (1, 1)}


def test_what_somebody_states_is_no_observation() -> None:
    assert count(("crm-1", "web", "depends on", False)) == {}


def test_where_nothing_was_observed_it_is_unknown_and_said(harbour: Assessment) -> None:
    harbour.run("overview")
    rows = harbour.table("portfolio")
    dark, seen = rows.filter(pl.col("observed_targets") == 0), rows.filter(pl.col("observed_targets") > 0)
    assert dark.height > 10
    assert seen.height > 10
    assert dark["inbound"].null_count() == dark.height
    assert seen["inbound"].null_count() == 0
    said = pl.col("unknowns").list.contains("whether others connect to it")
    assert dark.select(said.all()).item()
    # Without a period only a connection tells anything.
    assert seen.select((said == (pl.col("inbound") == 0)).all()).item()


def test_a_period_of_ninety_days_makes_silence_known_and_a_candidate(harbour: Assessment) -> None:
    harbour.configuration["flows"] = {"observed_days": 92}
    harbour.run("overview", "treatment")
    rows = harbour.table("portfolio")
    silent = rows.filter(pl.col("inbound") == 0, pl.col("callers") == 0, pl.col("infrastructure").is_null())
    said = pl.col("unknowns").list.contains("whether others connect to it")
    assert not rows.filter(pl.col("observed_targets") > 0).select(said.any()).item()
    told = harbour.table("treatments").join(silent.select("natural_key"), on="natural_key")
    because = told.filter(pl.col("rule").is_null())["contested_because"].list.join(" ")
    assert because.str.contains("no other unit was seen to connect to it in 92 days").sum() > 0


@pytest.mark.parametrize("days", ["ninety", 0, True])
def test_a_period_that_is_none_is_refused_in_words(harbour: Assessment, days: object) -> None:
    harbour.configuration["flows"] = {"observed_days": days}
    with pytest.raises(PhaseError, match="number of days"):
        harbour.run("overview")
