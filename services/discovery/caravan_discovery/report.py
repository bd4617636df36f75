"""The door to discovery's part of the HTML report, for command and gateway: the entry point `caravan.reports`."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl

from caravan_common.reporting import Part, ReportModel
from caravan_discovery.domain.report import make_part


def make_report(
    title: str, as_of: date, summaries: Mapping[str, Any], frames: Mapping[str, pl.DataFrame]
) -> Part:
    """Frames looked at: assets, applications, rejected_rows, conflicts, gaps, dependencies, tech_debt."""
    del title
    return make_part(ReportModel(as_of, summaries, frames))
