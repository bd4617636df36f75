"""Services that report, where their packages are installed (entry point `caravan.reports`); a page of their parts."""

from collections.abc import Mapping, Sequence
from datetime import date
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import polars as pl

from caravan_common.reporting._rendering import render_page

_GROUP = "caravan.reports"


def installed_reports() -> Mapping[str, EntryPoint]:
    """By flow type: a function of title, day, summaries and frames that makes the flow's part."""
    return {entry.name: entry for entry in entry_points(group=_GROUP)}


def render_flows(
    title: str,
    as_of: date,
    flow_types: Sequence[str],
    summaries: Mapping[str, Any],
    frames: Mapping[str, pl.DataFrame],
) -> str | None:
    """One page with a part of each flow that has one, in their order; None where none has.

    `summaries`: what the phases of all flows say in short, together; `frames`: their datasets by export name.
    """
    entries = installed_reports()
    parts = [entries[each].load()(title, as_of, summaries, frames) for each in flow_types if each in entries]
    return render_page(title, as_of, parts) if parts else None
