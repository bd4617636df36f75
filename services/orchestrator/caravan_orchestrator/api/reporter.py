"""Has reports rendered, one at a time, by a process of their own: the event loop never computes."""

import asyncio
import json
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from caravan_common.artifacts import ArtifactStore
from caravan_orchestrator.api.problems import Problem, unavailable
from caravan_orchestrator.api.rendering import NO_REPORT, ORDER, PERSONS, REPORT

log = structlog.get_logger()

_PROGRAM = "caravan_orchestrator.api.rendering"
_WAIT_SECONDS, _RENDER_SECONDS = 30.0, 180.0
# Nothing of what the gateway knows is needed: no address, no key.
_ENVIRONMENT = ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH", "PYTHONPATH", "TMPDIR")


@dataclass(frozen=True)
class ReportOrder:
    """`frames`: artifact by export name. With `masked`, what tells of persons is left out."""

    title: str
    as_of: str
    flow_types: Sequence[str]
    summaries: Mapping[str, Any]
    frames: Mapping[str, str]
    masked: bool


@dataclass(frozen=True)
class Report:
    """`persons`: what in it tells of persons. The page is small: it shows the first rows of each table."""

    page: bytes
    persons: Sequence[str]


class Reporter:
    """Of one gateway."""

    def __init__(self, store: ArtifactStore) -> None:
        self._store = store
        self._turn = asyncio.Semaphore(1)

    async def render(self, order: ReportOrder) -> Report:
        """Raises Problem."""
        with tempfile.TemporaryDirectory(prefix="caravan-report-") as scratch:
            folder = Path(scratch)
            await asyncio.to_thread(self._prepare, order, folder)
            try:
                await asyncio.wait_for(self._turn.acquire(), _WAIT_SECONDS)
            except TimeoutError:
                raise unavailable("busy", "Other reports are being made; try again.", 30) from None
            try:
                await _render(folder)
            finally:
                self._turn.release()
            return Report((folder / REPORT).read_bytes(), json.loads((folder / PERSONS).read_bytes()))

    def _prepare(self, order: ReportOrder, folder: Path) -> None:
        """Artifacts of a folder are read where they lie; those of a bucket are copied."""
        frames = {}
        for number, (name, key) in enumerate(order.frames.items()):
            place = folder / str(number)
            place.mkdir()
            frames[name] = str(self._store.get_path(key, place))
        told = {
            "title": order.title,
            "as_of": order.as_of,
            "flow_types": list(order.flow_types),
            "summaries": order.summaries,
            "frames": frames,
            "masked": order.masked,
        }
        (folder / ORDER).write_text(json.dumps(told, default=str), encoding="utf-8")


async def _render(folder: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        _PROGRAM,
        str(folder),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
    )
    try:
        _, said = await asyncio.wait_for(process.communicate(), _RENDER_SECONDS)
    except TimeoutError:
        raise unavailable("busy", f"The report took more than {_RENDER_SECONDS:.0f} s.", 60) from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode == NO_REPORT:
        detail = (
            "No package beside this gateway reports on these flows; `caravan report` renders them elsewhere."
        )
        raise Problem("no_report", detail, status=409)
    if process.returncode != 0:
        log.error(
            "gateway.report_failed", exit_code=process.returncode, said=said.decode(errors="replace")[-2000:]
        )
        raise Problem("internal_error", "Something failed on our side; the trace id leads to it.", status=500)
