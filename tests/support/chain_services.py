"""Three small flow services that hand over to one another: harvest, sorting, shipping."""

import os
import signal
from pathlib import Path

import polars as pl

from caravan_common.contracts import (
    DatasetSpec,
    FlowDefinition,
    HandoffInput,
    Index,
    InputSpec,
    PhaseDefinition,
    RuleResult,
)
from caravan_common.phases import PhaseContext, PhaseResult
from caravan_common.worker import HandoffContext, HandoffResult, Service

_HERE = "tests.support.chain_services"
FRUIT = DatasetSpec(name="fruit", index=Index.ROWS, entity_type="asset", assets=True)
CRATES = DatasetSpec(name="crates", index=Index.ROWS, entity_type="crate")
MARKS = DatasetSpec(name="marks", index=Index.ROWS, entity_type="mark", assets=True)
LOADS = DatasetSpec(name="loads", index=Index.ROWS, entity_type="load")

HARVEST = FlowDefinition(
    flow_type="harvest",
    version="1.0.0",
    phases=(PhaseDefinition(name="pick", outputs=(FRUIT,)),),
    next_flow_type="sorting",
    asset_columns=("name", "asset_type"),
)
SORTING = FlowDefinition(
    flow_type="sorting",
    version="1.0.0",
    phases=(
        PhaseDefinition(name="crate", inputs=(InputSpec(name="fruit"),), outputs=(CRATES,)),
        PhaseDefinition(name="mark", inputs=(InputSpec(name="crates", phase="crate"),), outputs=(MARKS,)),
    ),
    next_flow_type="shipping",
    handoff_inputs=(HandoffInput(name="fruit"),),
    asset_columns=("treatment",),
)
SHIPPING = FlowDefinition(
    flow_type="shipping",
    version="1.0.0",
    phases=(
        PhaseDefinition(
            name="load", inputs=(InputSpec(name="crates"), InputSpec(name="fruit")), outputs=(LOADS,)
        ),
    ),
    handoff_inputs=(HandoffInput(name="crates"), HandoffInput(name="fruit")),
)


def pick(context: PhaseContext) -> PhaseResult:
    """As many as the configuration says; one that is `die` kills the child that hands it over, once."""
    names = [f"apple {n}" for n in range(int(context.configuration.get("apples", 2)))]
    names += [f"die {path}" for path in context.configuration.get("die", [])]
    frame = pl.DataFrame(
        {
            "natural_key": [f"fruit:{n}" for n in range(len(names))],
            "name": names,
            "asset_type": ["server"] * len(names),
            "source_entities": [[f"orchard.csv##{n + 2}"] for n in range(len(names))],
        },
        schema_overrides={"source_entities": pl.List(pl.String), "natural_key": pl.String, "name": pl.String},
    )
    return PhaseResult(datasets={"fruit": frame}, summary={"assets": {"total": len(names)}})


def hand_over_fruit(context: HandoffContext) -> HandoffResult:
    names = pl.read_parquet(context.inputs["fruit"].path)["name"].to_list()
    for name in names:
        if name.startswith("die ") and not Path(name[4:]).exists():
            Path(name[4:]).touch()
            os.kill(os.getpid(), signal.SIGKILL)
    rule = RuleResult(rule="there is fruit", passed=bool(names), detail=f"{len(names)} apples")
    return HandoffResult(summary={"apples": len(names)}, rules=[rule])


def crate(context: PhaseContext) -> PhaseResult:
    fruit = pl.read_parquet(context.inputs["fruit"].path)
    frame = fruit.select(
        pl.format("crate:{}", "natural_key").alias("natural_key"),
        pl.concat_list("natural_key").alias("source_entities"),
    )
    return PhaseResult(
        datasets={"crates": frame}, summary={"treatments": {"counts": {"rehost": frame.height}}}
    )


def mark(context: PhaseContext) -> PhaseResult:
    """Its own column, one that is not its own, and an asset that nobody has."""
    crates = pl.read_parquet(context.inputs["crates"].path)
    frame = crates.select(
        pl.col("natural_key").str.strip_prefix("crate:").alias("natural_key"),
        pl.lit("rehost").alias("treatment"),
        pl.lit("not its own").alias("name"),
    )
    strange = pl.DataFrame({"natural_key": ["nobody:1"], "treatment": ["retire"], "name": ["nobody"]})
    return PhaseResult(datasets={"marks": pl.concat([frame, strange])})


def load(context: PhaseContext) -> PhaseResult:
    crates = pl.read_parquet(context.inputs["crates"].path)
    fruit = pl.read_parquet(context.inputs["fruit"].path)
    frame = crates.select(
        pl.format("load:{}", "natural_key").alias("natural_key"),
        pl.concat_list("natural_key").alias("source_entities"),
    )
    return PhaseResult(
        datasets={"loads": frame},
        summary={"schedule": {"makespan_days": fruit.height}, "as_of": context.configuration["as_of"]},
    )


HARVEST_SERVICE = Service(HARVEST, {"pick": f"{_HERE}:pick"}, handoff=f"{_HERE}:hand_over_fruit")
SORTING_SERVICE = Service(SORTING, {"crate": f"{_HERE}:crate", "mark": f"{_HERE}:mark"})
SHIPPING_SERVICE = Service(SHIPPING, {"load": f"{_HERE}:load"})
CHAIN = (HARVEST_SERVICE, SORTING_SERVICE, SHIPPING_SERVICE)
