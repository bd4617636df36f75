"""The waves on a calendar: milestones, freezes, risks, the critical path, and how sure each wave is."""

from typing import Any

import polars as pl

from caravan_assessment.domain.planning.units import name_span
from caravan_assessment.domain.portfolio.schema import TARGET
from caravan_assessment.domain.roadmap.drawing import draw_roadmap
from caravan_assessment.phases.editor import edit_plan
from caravan_assessment.phases.wave_planning import read_spans
from caravan_common.contracts import DecidedBy
from caravan_common.phases import PhaseContext, PhaseResult


def run(context: PhaseContext) -> PhaseResult:
    """wave_assignments, wave_calendar, wave_findings, treatments, application_edges, members → roadmap."""
    edited, _, _ = edit_plan(context.inputs, context.decisions)
    rows, path = draw_roadmap(
        edited.placed,
        edited.calendar,
        context.inputs["application_edges"].read(),
        context.inputs["treatments"].read(),
        context.inputs["wave_findings"].read(),
        {name_span(span): span[2] for span in read_spans(context.configuration)},
    )
    members = context.inputs["members"].scan().filter(pl.col("role") == TARGET)
    targets = int(members.select(pl.len()).collect().item())
    return PhaseResult(
        datasets={"roadmap": rows},
        summary={"roadmap": _summarise(rows, path, targets)},
        decided_by=DecidedBy(rule=rows.height),
    )


def _summarise(rows: pl.DataFrame, path: list[int], targets: int) -> dict[str, Any]:
    waves = rows.filter(pl.col("kind") == "wave")
    starts, ends = waves["starts"].min(), waves["ends"].max()
    return {
        "starts": str(starts) if starts else None,
        "ends": str(ends) if ends else None,
        "waves": waves.height,
        "milestones": rows.filter(pl.col("kind") == "milestone").height,
        "freezes": rows.filter(pl.col("kind") == "freeze").height,
        "risks": dict(
            rows.filter(pl.col("kind") == "risk")["severity"]
            .value_counts(sort=False)
            .sort("severity")
            .iter_rows()
        ),
        "critical_waves": path,
        "targets_in_waves": int(waves["targets"].sum() or 0),
        "targets": targets,
    }
