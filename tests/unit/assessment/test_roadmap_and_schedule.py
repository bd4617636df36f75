"""The roadmap's waves and the schedule's dates agree: one table of work, the same teams."""

from pathlib import Path

import polars as pl

from tests.unit.assessment.conftest import Assessment
from tests.unit.planning.test_after_assessment import plan


def test_a_schedule_keeps_to_the_waves_of_the_roadmap(harbour: Assessment, tmp_path: Path) -> None:
    harbour.configuration["waves"] = {"steps": 2000}
    harbour.run()
    folder = tmp_path / "planning"
    folder.mkdir()
    tasks = plan(harbour.inputs, folder)["tasks"]
    done = dict(tasks.group_by("application").agg(pl.col("effort_days").sum()).iter_rows())
    moved = harbour.table("waves").filter(pl.col("state") == "planned")

    assert [done[key] for key in moved["natural_key"]] == moved["effort"].to_list()
    cutovers = tasks.filter("cutover")
    assert (cutovers["starts"] >= cutovers["window_starts"]).all()
    # A team may be short for a day or two in a full wave; never so that the programme ends later.
    late = cutovers.filter(pl.col("late_days") > 0)
    assert late.height <= cutovers.height // 20
    assert cutovers["ends"].max() <= moved["ends"].max()
