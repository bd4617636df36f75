"""From inventory to plan: what `caravan run` makes of the sample estate beyond discovery, held against itself."""

import json
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.e2e.conftest import Harbour
from tests.support.command import caravan

OPTIONS = {"rehost", "replatform", "refactor", "rearchitect", "rewrite", "replace", "retire", "retain"}
EXPORTS = ("treatments", "waves", "roadmap", "tasks", "resources", "targets")


def table(harbour: Harbour, name: str) -> pl.DataFrame:
    return pl.read_parquet(harbour.exports / f"{name}.parquet")


def test_the_journey_goes_through_planning_by_itself(harbour: Harbour) -> None:
    flows = harbour.answer["flows"]

    assert [flow["flow_type"] for flow in flows] == ["discovery", "assessment", "planning"]
    assert {flow["status"] for flow in flows} == {"completed"}
    assert {phase["status"] for flow in flows for phase in flow["phases"]} == {"completed"}


@pytest.mark.parametrize("name", EXPORTS)
def test_every_result_is_exported_with_ids(harbour: Harbour, name: str) -> None:
    frame = table(harbour, name)
    assert frame.height > 0
    assert frame["entity_id"].null_count() == 0
    assert (harbour.exports / f"{name}.csv").stat().st_size > 0


def test_treatments_and_waves_sum_to_all_targets(harbour: Harbour) -> None:
    targets = harbour.answer["assets"]["migration_targets"]
    treatments, waves = table(harbour, "treatments"), table(harbour, "waves")

    assert treatments["natural_key"].is_unique().all()
    assert set(treatments["treatment"]) <= OPTIONS
    assert treatments["targets"].sum() == targets
    assert waves["natural_key"].to_list() == sorted(treatments["natural_key"].to_list())
    assert waves.join(treatments, on="natural_key")["targets"].sum() == targets
    counted = Counter(treatments["treatment"].to_list())
    assert {k: n for k, n in harbour.answer["treatments"]["counts"].items() if n} == dict(counted)


def test_each_treatment_has_three_ranked_options_and_reasons(harbour: Harbour) -> None:
    for row in table(harbour, "treatments").to_dicts():
        assert len(row["options"]) >= 3
        assert len(row["options"]) == len(row["scores"])
        assert row["reasons"], row["name"]


def test_the_wave_plan_breaks_no_rule_and_says_why_something_has_no_wave(harbour: Harbour) -> None:
    waves = harbour.answer["waves"]
    assert set(waves["violations"]) >= {"precedence", "capacity", "window", "must_together", "unassigned"}
    assert not any(waves["violations"].values())
    assert waves["count"] > 1
    rows = table(harbour, "waves")
    assert all(row["reasons"] for row in rows.filter(pl.col("wave").is_null()).to_dicts())


def test_the_crew_decides_otherwise_than_the_rules_at_least_once(harbour: Harbour) -> None:
    assert "crew" in table(harbour, "treatments")["decided_by"].to_list()


def test_the_schedule_is_no_shorter_than_its_bound_and_lies_in_the_future(harbour: Harbour) -> None:
    schedule = harbour.answer["schedule"]
    assert 0 < schedule["lower_bound_days"] <= schedule["makespan_days"]
    assert schedule["status"] in ("optimal", "feasible", "heuristic")
    tasks = table(harbour, "tasks")
    first = tasks["starts"].min()
    assert isinstance(first, date)
    assert first >= date.fromisoformat(harbour.expected["as_of"])
    ends = dict(tasks.select("natural_key", "ends").iter_rows())
    for row in tasks.to_dicts():
        assert all(ends[before] <= row["starts"] for before in row["predecessors"]), row["natural_key"]


def test_every_machine_that_moves_has_a_target_and_what_has_no_price_is_in_no_sum(harbour: Harbour) -> None:
    cost, targets = harbour.answer["cost"], table(harbour, "targets")
    assert set(cost) >= {"currency", "today", "like_for_like", "right_sized", "managed", "unknown_assets"}
    # No machine costs more right-sized, but those that were seen to need more than they have: they say so.
    dearer = targets.filter(pl.col("right_sized_per_month") > pl.col("like_for_like_per_month"))
    flagged = targets.filter(pl.col("flags").list.contains("needs_more_than_allocated"))
    assert set(dearer["natural_key"]) <= set(flagged["natural_key"])
    assert cost["needs_more"] == flagged.height
    assert cost["right_sized"] <= cost["like_for_like"] + sum(
        dearer["right_sized_per_month"] - dearer["like_for_like_per_month"]
    )
    moving = targets.filter(pl.col("way").is_in(["like_for_like", "right_sized", "managed"]))
    assert moving.height > 0
    assert not (targets["price_per_month"] == 0).any() or set(
        targets.filter(pl.col("price_per_month") == 0)["way"]
    ) == {"retired"}


def test_assets_carry_treatment_wave_and_target(harbour: Harbour) -> None:
    assets = table(harbour, "assets").filter("is_target")
    assert assets["treatment"].null_count() == 0
    moved = assets.filter(pl.col("wave").is_not_null())
    assert moved.height > 0
    assert moved["target_type"].null_count() == 0


def test_the_report_shows_all_three_flows_with_the_figures_of_the_answer(harbour: Harbour) -> None:
    page = harbour.report.read_text(encoding="utf-8")
    for heading in (
        "What came in",
        "What becomes of each application",
        "Waves",
        "The schedule",
        "Cost, before and after",
    ):
        assert f">{heading}</h2>" in page
    for option, count in harbour.answer["treatments"]["counts"].items():
        if count:
            assert f'<data data-figure="treatments/{option}" value="{count}">' in page
    assert (
        f'data-figure="schedule/makespan_days" value="{harbour.answer["schedule"]["makespan_days"]}"' in page
    )


def test_a_scope_limits_the_whole_journey(
    sample_files: list[Path], expected: dict[str, Any], tmp_path: Path
) -> None:
    scope = tmp_path / "scope.txt"
    scope.write_text("Billing\ngit-01\n", encoding="utf-8")
    done = caravan(
        "run", *sample_files, "--json", "--as-of", expected["as_of"], "--scope", scope,
        "--export", tmp_path / "out", env={"TMPDIR": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    treatments = pl.read_parquet(tmp_path / "out/treatments.parquet")
    assert treatments["targets"].sum() == answer["assets"]["migration_targets"]
    assert "Billing" in treatments["name"].to_list()
    assert treatments.height <= 3
