"""Inventories of others, through planning: treatments and waves sum to all targets, and no rule is broken."""

import json
import os
from pathlib import Path

import polars as pl
import pytest

from tests.support.command import caravan

FOLDER = os.environ.get("CARAVAN_REFERENCE_DATA")
RVTOOLS, MPA = "aws_samples/RVTools_Export.xlsx", "aws_samples/it-infrastructure-inventory.xlsx"


@pytest.mark.skipif(not FOLDER, reason="needs the reference inventories: CARAVAN_REFERENCE_DATA")
@pytest.mark.parametrize(("names", "targets"), [((RVTOOLS,), 188), ((MPA,), 200), ((RVTOOLS, MPA), 388)])
def test_treatments_and_waves_sum_to_all_targets_of_real_files(
    names: tuple[str, ...], targets: int, tmp_path: Path
) -> None:
    files = [Path(FOLDER or "") / "inventories" / name for name in names]
    out = tmp_path / "out"
    done = caravan(
        "run", *files, "--json", "--as-of", "2026-11-21", "--export", out, env={"TMPDIR": str(tmp_path)}
    )
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    treatments, waves = (pl.read_parquet(out / f"{name}.parquet") for name in ("treatments", "waves"))

    assert answer["assets"]["migration_targets"] == targets
    assert treatments["targets"].sum() == targets
    assert sum(answer["treatments"]["targets"].values()) == targets
    assert waves.join(treatments, on="natural_key", validate="1:1")["targets"].sum() == targets
    assert answer["waves"]["violations"] == dict.fromkeys(answer["waves"]["violations"], 0)
    assert all(each["effort"] > 0 for each in answer["waves"]["load"])
    assert pl.read_parquet(out / "targets.parquet").height == targets
    # Neither file says what anything costs today.
    assert answer["cost"]["today"] is None
    assert answer["cost"]["unknown"]["today"] == targets
