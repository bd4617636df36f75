"""The door to the assessment's part of the HTML report, for the command: the entry point `caravan.reports`."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl

from caravan_assessment.domain.report import ReportModel, make_part
from caravan_common.reporting import Part

# Frames that the report looks at, by export name.
NEEDS = ("treatments", "waves", "plan_calendar", "roadmap", "application_edges")


def make_report(
    title: str, as_of: date, summaries: Mapping[str, Any], frames: Mapping[str, pl.DataFrame]
) -> Part:
    """`summaries` by the keys of `caravan run --json`, `frames` by export name, each optional."""
    del title
    return make_part(ReportModel(as_of, summaries, {name: frames[name] for name in NEEDS if name in frames}))
