"""A flow type that grows from another: it gives the assets of its estate a column of its own, and acts outside."""

import polars as pl

from caravan_common.contracts import DatasetSpec, DecisionKind, FlowDefinition, Index, PhaseDefinition
from caravan_common.phases import PhaseContext, PhaseResult
from caravan_common.worker import Service
from tests.support.survey_service import act

CHOSEN = DatasetSpec(name="chosen", index=Index.ROWS, entity_type="asset", assets=True)
GROWN = FlowDefinition(
    flow_type="grown",
    version="1.0.0",
    phases=(
        PhaseDefinition(name="choose", outputs=(CHOSEN,), decision_kinds=(DecisionKind.OVERRIDE,)),
        PhaseDefinition(name="act", has_units=True),
    ),
    asset_columns=("treatment", "target_region"),
)
_HERE = "tests.support.grown_service"
GROWN_SERVICE = Service(
    definition=GROWN,
    phases={name: f"{_HERE}:{name}" for name in GROWN.phase_names},
    units={"write": "tests.support.echo_service:WriteFile"},
)

__all__ = ["GROWN", "GROWN_SERVICE", "act", "choose"]


def choose(context: PhaseContext) -> PhaseResult:
    """The column and the value that the configuration says, for as many machines."""
    count = int(context.configuration.get("machines", 3))
    column, value = context.configuration["column"], context.configuration["value"]
    keys = pl.DataFrame({"natural_key": [f"vm:{n:06d}" for n in range(count)]})
    return PhaseResult(datasets={"chosen": keys.with_columns(pl.lit(value).alias(column))})
