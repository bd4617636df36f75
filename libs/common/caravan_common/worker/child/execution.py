"""Carries out a command inside a child and words whatever comes of it as a reply."""

import contextlib
import os
import shutil
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog

from caravan_common.artifacts import ArtifactStore
from caravan_common.contracts import AttemptAbandoned, Command, PhaseError, PhaseFailed, Reply, decode, encode
from caravan_common.telemetry import attached, tracer
from caravan_common.worker._frames import Job, Result
from caravan_common.worker.child import edits, handoffs, phases, selective, units
from caravan_common.worker.child.run import Abandoned, ChildRun, Reporting, error_info
from caravan_common.worker.service import ChildSetup

log = structlog.get_logger(__name__)

_EXECUTORS: dict[str, Callable[[Any, ChildRun], Reply]] = {
    "ExecutePhase": phases.execute_phase,
    "ExecuteUnit": units.execute_unit,
    "CompensateUnit": units.compensate_unit,
    "BuildHandoff": handoffs.build_handoff,
    "EvaluateEdit": edits.evaluate_edit,
    "BuildSelectiveVersion": selective.build_selective_version,
}


def execute(job: Job, setup: ChildSetup, store: ArtifactStore, scratch: Path, link: Reporting) -> Result:
    """Raises nothing for what the command's function does: that is worded as a reply."""
    command = decode(job.type, job.body)
    assert isinstance(command, Command)
    service = setup.service(command.flow_type)
    run = ChildRun(service, store, command, scratch, UUID(job.run_id), setup.worker, link)
    began = time.monotonic()
    name = f"{command.flow_type} {getattr(command, 'phase', job.type)}"
    with attached(job.traceparent), tracer(__name__).start_as_current_span(name):
        return _guarded(_EXECUTORS[job.type], command, run, began)


def _guarded(
    executor: Callable[[Any, ChildRun], Reply], command: Command, run: ChildRun, began: float
) -> Result:
    try:
        # Worded in here: a summary that is no JSON is a fault of the phase too.
        return _worded(executor(command, run), run)
    except Abandoned as ending:
        return _worded(run.reply(AttemptAbandoned, reason=str(ending), **ending.flags), run)
    # A panic inside polars and a SystemExit of a library are no Exceptions, and no reason to lose the child.
    except BaseException as error:  # noqa: BLE001
        info = error_info(error)
        log.warning(
            "worker.run_failed",
            flow_id=str(command.flow_id),
            attempt_id=str(command.attempt_id),
            code=info.code,
            message=info.message,
            trace=None if isinstance(error, PhaseError) else traceback.format_exc(),
        )
        return _worded(run.reply(PhaseFailed, error=info, seconds=time.monotonic() - began), run)
    finally:
        _empty(run.scratch)


def _worded(reply: Reply, run: ChildRun) -> Result:
    error = getattr(reply, "error", None)
    return Result(
        type=type(reply).__name__,
        body=encode(reply),
        message_id=str(reply.message_id),
        code=error.code if error else None,
        spent=run.taints_child,
    )


def _empty(folder: Path) -> None:
    """The folder stays: making and removing one costs more than all else in a small phase."""
    for entry in os.scandir(folder):
        with contextlib.suppress(OSError):
            if entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry, ignore_errors=True)
            else:
                os.unlink(entry)  # noqa: PTH108  (an entry of scandir)
