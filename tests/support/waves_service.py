"""A small flow service with what people decide about in an assessment: treatments, and waves that they edit."""

import os
import signal
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from caravan_common.contracts import (
    LEARNED,
    DatasetSpec,
    DecisionKind,
    FlowDefinition,
    HumanDecision,
    Index,
    InputSpec,
    PhaseDefinition,
    PhaseError,
    RetryPolicy,
)
from caravan_common.phases import PhaseContext, PhaseResult
from caravan_common.worker import EditContext, EditResult, Service

GATHERED = DatasetSpec(name="applications", index=Index.ROWS, entity_type="asset", assets=True)
EDGES = DatasetSpec(name="application_edges")
TREATMENTS = DatasetSpec(name="treatments", index=Index.ROWS, entity_type="treatment")
ASSIGNMENTS = DatasetSpec(name="wave_assignments", index=Index.ROWS, entity_type="wave_assignment")
CALENDAR = DatasetSpec(name="wave_calendar", index=Index.ROWS, entity_type="wave")
WAVES = DatasetSpec(name="waves", index=Index.ROWS, entity_type="planned_wave")
CAPACITY = 20.0
STARTS = {1: date(2026, 1, 5), 2: date(2026, 2, 2), 3: date(2026, 3, 2)}

WAVED = FlowDefinition(
    flow_type="waved",
    version="1.0.0",
    phases=(
        PhaseDefinition(name="overview", outputs=(GATHERED, EDGES)),
        PhaseDefinition(
            name="treatment",
            inputs=(InputSpec(name="applications", phase="overview"), InputSpec(name=LEARNED, optional=True)),
            outputs=(TREATMENTS,),
            decision_kinds=(DecisionKind.OVERRIDE,),
        ),
        PhaseDefinition(
            name="wave_planning",
            inputs=(InputSpec(name="treatments", phase="treatment"),),
            outputs=(ASSIGNMENTS, CALENDAR),
            decision_kinds=(DecisionKind.EDIT,),
        ),
        PhaseDefinition(
            name="editor",
            inputs=(
                InputSpec(name="wave_assignments", phase="wave_planning"),
                InputSpec(name="wave_calendar", phase="wave_planning"),
                InputSpec(name="application_edges", phase="overview"),
            ),
            outputs=(WAVES,),
            decision_kinds=(DecisionKind.EDIT,),
            retry=RetryPolicy(max_retries=2, base_seconds=0.1),
        ),
    ),
    asset_columns=("name", "asset_type", "treatment"),
)
_HERE = "tests.support.waves_service"
WAVES_SERVICE = Service(
    definition=WAVED,
    phases={name: f"{_HERE}:{name}" for name in WAVED.phase_names},
    edits={"editor": f"{_HERE}:evaluate"},
)


def applications(count: int) -> pl.DataFrame:
    numbers = range(count)
    return pl.DataFrame(
        {
            "natural_key": [f"app:{n:03d}" for n in numbers],
            "name": [f"Service {n:03d}" for n in numbers],
            "asset_type": ["application"] * count,
        }
    )


def edges(count: int) -> pl.DataFrame:
    """A chain: each calls the next."""
    return pl.DataFrame(
        {
            "source": [f"app:{n:03d}" for n in range(count - 1)],
            "target": [f"app:{n:03d}" for n in range(1, count)],
            "kind": ["soft"] * (count - 1),
            "weight": [1.0] * (count - 1),
        }
    )


def treated(keys: Iterable[str], overrides: Mapping[str, str]) -> pl.DataFrame:
    keys = list(keys)
    return pl.DataFrame(
        {
            "natural_key": keys,
            "name": [key.replace("app:", "Service ") for key in keys],
            "treatment": [overrides.get(key, "rehost") for key in keys],
            "confidence": [0.5 + n / (2 * len(keys)) for n in range(len(keys))],
            "contested": [n == 0 for n in range(len(keys))],
            "decided_by": ["person" if key in overrides else "rule" for key in keys],
        }
    )


def planned(treatments: pl.DataFrame) -> pl.DataFrame:
    """Ten days' effort each in the order of keys, two to a wave; what is retained stays."""
    moved = pl.col("treatment") != "retain"
    return treatments.select(
        "natural_key",
        "name",
        wave=pl.when(moved).then(moved.cum_sum().sub(1) // 2 + 1).cast(pl.Int64),
        effort=pl.lit(CAPACITY / 2),
        locked=pl.lit(value=False),
    )


def calendar(count: int) -> pl.DataFrame:
    waves = range(1, count + 1)
    return pl.DataFrame(
        {
            "natural_key": [f"wave-{n:03d}" for n in waves],
            "wave": list(waves),
            "starts": [STARTS.get(n, STARTS[3]) for n in waves],
            "capacity": [CAPACITY] * count,
        }
    )


def edited(plan: pl.DataFrame, edits: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    """Moves and locks, in their order."""
    for each in edits:
        ((kind, asked),) = each.items()
        if kind != "date" and asked.get("application") not in plan["natural_key"].to_list():
            raise PhaseError("edit_unknown", f"There is no application {asked.get('application')!r}.")
        mine = pl.col("natural_key") == asked.get("application")
        changes = {
            "move": {"wave": pl.lit(asked.get("wave"), dtype=pl.Int64)},
            "date": {},
            "lock": {"locked": pl.lit(asked.get("locked", True))},
        }[kind]
        plan = plan.with_columns(
            **{name: pl.when(mine).then(value).otherwise(pl.col(name)) for name, value in changes.items()}
        )
    return plan


def accepted(decisions: Iterable[HumanDecision]) -> list[Mapping[str, Any]]:
    """The edits of every decision that is in force, in their order."""
    found = sorted((d for d in decisions if d.kind is DecisionKind.EDIT), key=lambda d: d.number)
    return [each for decision in found for each in decision.value["edits"]]


def violations(plan: pl.DataFrame) -> dict[str, list[str]]:
    load = plan.drop_nulls("wave").group_by("wave").agg(pl.col("effort").sum()).sort("wave")
    over = load.filter(pl.col("effort") > CAPACITY)["wave"].to_list()
    return {"capacity": [f"wave {wave} holds more than {CAPACITY:.0f} days" for wave in over]}


def overview(context: PhaseContext) -> PhaseResult:
    count = int(context.configuration.get("applications", 4))
    return PhaseResult(datasets={"applications": applications(count), "application_edges": edges(count)})


def treatment(context: PhaseContext) -> PhaseResult:
    """What people chose, else what was taught of the name, else to move it as it is."""
    keys = context.inputs["applications"].read()["natural_key"].to_list()
    taught = {}
    if LEARNED in context.inputs:
        rows = context.inputs[LEARNED].read().filter(pl.col("kind") == "treatment").to_dicts()
        taught = {row["pattern"].replace("Service ", "app:"): row["value"] for row in rows}
    chosen = context.decided(DecisionKind.OVERRIDE)
    said = taught | {key: decision.value["treatment"] for key, decision in chosen.items()}
    return PhaseResult(datasets={"treatments": treated(keys, said)})


def wave_planning(context: PhaseContext) -> PhaseResult:
    """Plans anew, but keeps in its wave what people have locked."""
    plan = planned(context.inputs["treatments"].read())
    locks = [each for each in accepted(context.decisions) if "lock" in each]
    plan = edited(plan, locks)
    return PhaseResult(
        datasets={"wave_assignments": plan, "wave_calendar": calendar(3)},
        summary={"locked": int(plan["locked"].sum())},
    )


def editor(context: PhaseContext) -> PhaseResult:
    plan = edited(context.inputs["wave_assignments"].read(), accepted(context.decisions))
    starts = pl.col("wave").replace_strict(STARTS, default=None, return_dtype=pl.Date)
    plan = plan.with_columns(starts=starts)
    found = {kind: len(each) for kind, each in violations(plan).items()}
    return PhaseResult(datasets={"waves": plan}, summary={"waves": {"count": 3, "violations": found}})


def evaluate(context: EditContext) -> EditResult:
    """Dies once where the configuration names a file that is to tell of it."""
    if mark := context.configuration.get("dies_once"):
        path = Path(mark)
        if not path.exists():
            path.touch()
            os.kill(os.getpid(), signal.SIGKILL)
    before = context.base.read()
    after = edited(before, context.edits)
    linked = context.inputs["application_edges"].read()
    return EditResult(
        {
            "violations": violations(after),
            "cut_before": _cut(before, linked),
            "cut_after": _cut(after, linked),
            "load": after.drop_nulls("wave")
            .group_by("wave")
            .agg(pl.col("effort").sum())
            .sort("wave")
            .to_dicts(),
            "dates": [{"wave": wave, "starts": day.isoformat()} for wave, day in STARTS.items()],
        }
    )


def _cut(plan: pl.DataFrame, linked: pl.DataFrame) -> float:
    waves = dict(plan.select("natural_key", "wave").iter_rows())
    return float(sum(waves[row[0]] != waves[row[1]] for row in linked.iter_rows()))
