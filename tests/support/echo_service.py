"""A flow service of no use but to the worker's tests: each phase does one thing that can go well or wrong."""

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl
from opentelemetry import trace

from caravan_common.contracts import (
    ColumnSpec,
    DatasetSpec,
    DecidedBy,
    ErrorKind,
    FlowDefinition,
    Index,
    Location,
    PhaseDefinition,
    PhaseError,
    Receipt,
    UndoOutcome,
)
from caravan_common.crews import Case, Option
from caravan_common.phases import Dataset, PhaseContext, PhaseResult
from caravan_common.worker import (
    EditContext,
    EditResult,
    HandoffContext,
    HandoffResult,
    Service,
    UnitContext,
    VersionSummary,
)

ROWS = DatasetSpec(
    name="rows",
    index=Index.ROWS,
    entity_type="echo",
    columns=(ColumnSpec(name="natural_key", dtype="String"), ColumnSpec(name="said", dtype="String")),
)
_NAMES = (
    "noop",
    "slow",
    "failing",
    "crash",
    "memory",
    "grandchild",
    "exits",
    "panics",
    "big",
    "no_json",
    "passing",
    "judged",
    "edited",
)
ECHO = FlowDefinition(
    flow_type="echo",
    version="1.0.0",
    phases=tuple(
        PhaseDefinition(name=name, outputs=(ROWS,) if name in ("noop", "passing", "edited") else ())
        for name in _NAMES
    ),
)
_HERE = "tests.support.echo_service"
ECHO_SERVICE = Service(
    definition=ECHO,
    phases={name: f"{_HERE}:{name}" for name in _NAMES},
    units={"write": f"{_HERE}:WriteFile"},
    edits={"edited": f"{_HERE}:edit"},
    handoff=f"{_HERE}:handoff",
    summaries={"edited": f"{_HERE}:summarise"},
)


def noop(context: PhaseContext) -> PhaseResult:
    """One row, and the trace it ran in."""
    frame = pl.DataFrame({"natural_key": ["one"], "said": [str(context.configuration.get("say", ""))]})
    span = trace.get_current_span().get_span_context()
    return PhaseResult(datasets={"rows": frame}, summary={"trace_id": f"{span.trace_id:032x}"})


def passing(context: PhaseContext) -> PhaseResult:
    """Gives an input back as it came."""
    return PhaseResult(datasets={"rows": context.inputs["rows"].path})


def judged(context: PhaseContext) -> PhaseResult:
    """Puts one case before the crew `reference`."""
    case = Case(
        id="case-1",
        facts={"operating_system": "Windows Server 2008", "callers": 3},
        options=(Option(id="rehost", score=0.6), Option(id="retire", score=0.5)),
        recommendation="rehost",
    )
    (judgement,) = context.judge("reference", [case])
    return PhaseResult(summary={"option": judgement.option, "decided_by": judgement.decided_by})


edited = noop


def slow(context: PhaseContext) -> PhaseResult:
    """Until the file `until` exists, noting its pid in the file `pid`."""
    if note := context.configuration.get("pid"):
        with Path(note).open("a") as file:
            file.write(f"{os.getpid()}\n")
    context.progress(0.5, "waiting")
    while not Path(context.configuration["until"]).exists():
        time.sleep(0.01)
    return PhaseResult()


def failing(context: PhaseContext) -> PhaseResult:
    kind = context.configuration.get("kind")
    if kind == "permanent":
        raise PhaseError("bad_row", "Row 7 has no name; give it one.", at=Location(file="a.csv", row=7))
    if kind == "budget":
        raise PhaseError("out_of_budget", "The budget is spent.", kind=ErrorKind.BUDGET)
    raise RuntimeError("something\nunforeseen")


def crash(context: PhaseContext) -> PhaseResult:
    os.kill(os.getpid(), signal.SIGKILL)
    return PhaseResult()


def memory(context: PhaseContext) -> PhaseResult:
    raise MemoryError


def grandchild(context: PhaseContext) -> PhaseResult:
    """Starts a process in a session of its own, notes its pid, and goes on for ever."""
    started = subprocess.Popen(["sleep", "600"], start_new_session=True)
    Path(context.configuration["pid"]).write_text(f"{started.pid}\n")
    while True:
        time.sleep(0.01)


def exits(context: PhaseContext) -> PhaseResult:
    raise SystemExit(3)


def panics(context: PhaseContext) -> PhaseResult:
    pl.DataFrame({"x": [b"bytes"]}).select(pl.struct("x").struct.json_encode())
    return PhaseResult()


def big(context: PhaseContext) -> PhaseResult:
    return PhaseResult(summary={"text": "x" * int(context.configuration["size"])})


def no_json(context: PhaseContext) -> PhaseResult:
    print("a library prints")  # noqa: T201
    return PhaseResult(summary={"value": object()})


def handoff(context: HandoffContext) -> HandoffResult:
    return HandoffResult(summary={"names": sorted(context.inputs)})


def edit(context: EditContext) -> EditResult:
    rows = context.base.read()
    for change in context.edits:
        rows = rows.with_columns(said=pl.lit(change["say"]))
    return EditResult(result={"rows": rows.height}, datasets={"rows": rows})


class WriteFile:
    """The effect is a line in the file `path`; the line is the unit's key."""

    def check(self, context: UnitContext) -> Receipt | None:
        path = Path(context.unit.parameters["path"])
        there = path.exists() and context.unit.key in path.read_text().splitlines()
        return Receipt(effect_id=context.unit.key) if there else None

    def execute(self, context: UnitContext) -> Receipt:
        if context.unit.parameters.get("fail"):
            raise PhaseError("target_refused", "The target refused.", kind=ErrorKind.RETRIABLE)
        path = Path(context.unit.parameters["path"])
        with path.open("a") as file:
            file.write(f"{context.unit.key}\n")
        if context.unit.parameters.get("crash"):
            os.kill(os.getpid(), signal.SIGKILL)
        return Receipt(effect_id=context.unit.key, details={"path": str(path)})

    def undo(self, context: UnitContext, receipts: Sequence[Receipt]) -> UndoOutcome:
        if not receipts:
            return UndoOutcome.NOTHING_TO_DO
        path = Path(context.unit.parameters["path"])
        left = [line for line in path.read_text().splitlines() if line != context.unit.key]
        path.write_text("".join(f"{line}\n" for line in left))
        return UndoOutcome.UNDONE


def summarise(datasets: Mapping[str, Dataset]) -> VersionSummary:
    """What its rows say."""
    rows = datasets["rows"].read()
    return VersionSummary({"said": sorted(rows["said"].drop_nulls().unique())}, DecidedBy(rule=rows.height))
