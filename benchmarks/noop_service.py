"""The flow service that the orchestration benchmark runs: six phases that do nothing but return one row."""

import sys

import polars as pl

from caravan_common.contracts import DatasetSpec, FlowDefinition, PhaseDefinition
from caravan_common.phases import PhaseContext, PhaseResult

ROW = DatasetSpec(name="row")
PHASES = tuple(f"step_{number}" for number in range(6))
NOOP = FlowDefinition(
    flow_type="noop",
    version="1.0.0",
    phases=tuple(PhaseDefinition(name=name, outputs=(ROW,)) for name in PHASES),
)
_ROW = pl.DataFrame({"natural_key": ["one"]})


def run(_context: PhaseContext) -> PhaseResult:
    return PhaseResult(datasets={"row": _ROW})


if __name__ == "__main__":
    from caravan_common.worker import Service, run_service

    sys.exit(run_service(Service(NOOP, dict.fromkeys(PHASES, "benchmarks.noop_service:run"))))
