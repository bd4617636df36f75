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
    # A team may be short for some days in a full wave; never so that the programme ends later.
    last = moved.filter(pl.col("variant").is_in(["landing_zone", "with_platform"]))["natural_key"].implode()
    others = cutovers.filter(~pl.col("application").is_in(last))
    assert others.filter(pl.col("late_days") > 0).height <= others.height // 20
    assert others["ends"].max() <= moved["ends"].max()
    # What ends when all others have left is switched off together: within a week of the last wave at most.
    ending = cutovers.filter(pl.col("application").is_in(last))
    assert ending.height >= 4
    assert (ending["late_days"] <= 5).all()
