"""A flow service of which chosen groups can be rolled back, with an effect a group, and time to be killed in.

`python -m tests.chaos.choosing` runs it as it would be deployed.
"""

import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from caravan_common.contracts import (
    ColumnSpec,
    DatasetSpec,
    DecisionKind,
    FlowDefinition,
    Index,
    InputSpec,
    PhaseDefinition,
    RetryPolicy,
    UnitSpec,
)
from caravan_common.phases import Dataset, PhaseContext, PhaseResult
from caravan_common.worker import Service, VersionSummary, run_service

# A child that is killed costs a retry. What is shown here is that nothing is lost, not that it gives up in time.
_PATIENT = RetryPolicy(max_retries=20, base_seconds=0.2, cap_seconds=2)
GROUPS = ("g0", "g1", "g2", "g3")
# Names a file: as long as there is one, a version that is built waits, and makes the file's neighbour.
HOLD = "CARAVAN_TEST_HOLD_VERSION"
BUILDING = "building"
CHOSEN = DatasetSpec(
    name="chosen",
    index=Index.ROWS,
    entity_type="asset",
    assets=True,
    columns=(ColumnSpec(name="group", dtype="String"),),
)
CHOOSING = FlowDefinition(
    flow_type="choosing",
    version="1.0.0",
    phases=(
        PhaseDefinition(
            name="choose",
            outputs=(CHOSEN,),
            has_units=True,
            selective_by="group",
            decision_kinds=(DecisionKind.OVERRIDE,),
            retry=_PATIENT,
        ),
        PhaseDefinition(name="use", inputs=(InputSpec(name="chosen", phase="choose"),), retry=_PATIENT),
    ),
    asset_columns=("name", "environment"),
)
_HERE = "tests.chaos.choosing"
CHOOSING_SERVICE = Service(
    CHOOSING,
    {name: f"{_HERE}:{name}" for name in CHOOSING.phase_names},
    units={"write": "tests.chaos.service:Line"},
    summaries={"choose": f"{_HERE}:count"},
)


def choose(context: PhaseContext) -> PhaseResult:
    """Ten machines a group, in the environment that people chose for it, else test; and a line a group that is not in
    the configuration's `without`."""
    overrides = context.decided(DecisionKind.OVERRIDE)
    version = max((decision.number for decision in overrides.values()), default=0)
    rows = [
        {
            "natural_key": f"vm:{group}:{number:02d}",
            "name": f"{group}-{number}",
            "asset_type": "virtual_machine",
            "group": group,
            "environment": overrides[group].value["chosen"] if group in overrides else "test",
        }
        for group in GROUPS
        for number in range(10)
    ]
    parameters = {"path": context.configuration["path"], "seconds": 0.8}
    units = [
        UnitSpec(key=f"{group}.{version}", action="write", parameters={**parameters, "group": group})
        for group in GROUPS
    ]
    return PhaseResult(datasets={"chosen": pl.DataFrame(rows)}, units=units)


def use(context: PhaseContext) -> PhaseResult:
    return PhaseResult(summary={"rows": context.inputs["chosen"].manifest.rows})


def count(datasets: Mapping[str, Dataset]) -> VersionSummary:
    """A version is built meanwhile, and not yet answered."""
    hold = Path(os.environ[HOLD])
    while hold.exists():
        hold.with_suffix(f".{BUILDING}").touch()
        time.sleep(0.01)
    environments = datasets["chosen"].read()["environment"].unique().sort().to_list()
    return VersionSummary({"environments": environments})


if __name__ == "__main__":
    sys.exit(run_service(CHOOSING_SERVICE))
