"""A program that the gateway starts for one report and that ends with it: frames in, an HTML page out.

`python -m caravan_orchestrator.api.rendering FOLDER`: the folder holds order.json; report.html and persons.json come
beside it. What a report needs and the gateway does not (jinja2, the services' own packages) is imported here alone.
"""

import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from caravan_orchestrator.api.privacy import veiled
from caravan_orchestrator.api.veiled_frames import persons_in_frame, veiled_frame

ORDER, REPORT, PERSONS = "order.json", "report.html", "persons.json"
# The exit code where no package that is installed here reports on these flows.
NO_REPORT = 3


def main(folder: Path) -> int:
    """The order: title, as_of, flow_types, summaries, frames (path by export name), masked."""
    order: dict[str, Any] = json.loads((folder / ORDER).read_text(encoding="utf-8"))
    frames = {name: pl.read_parquet(path) for name, path in order["frames"].items()}
    title, summaries = order["title"], order["summaries"]
    if order["masked"]:
        frames = {name: veiled_frame(frame) for name, frame in frames.items()}
        title, summaries = veiled(title), veiled(summaries)
    try:
        from caravan_common.reporting import render_flows
    except ModuleNotFoundError:
        return NO_REPORT
    page = render_flows(title, date.fromisoformat(order["as_of"]), order["flow_types"], summaries, frames)
    if page is None:
        return NO_REPORT
    persons = set() if order["masked"] else set().union(*(persons_in_frame(each) for each in frames.values()))
    (folder / PERSONS).write_text(json.dumps(sorted(persons)), encoding="utf-8")
    (folder / REPORT).write_text(page, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
