"""A flow service whose phases and effects last long enough to be killed in the middle.

Its effects are lines appended to a journal, one per deed, so that what was done twice shows for ever.
`python -m tests.chaos.service` runs it as it would be deployed.
"""

import os
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from caravan_common.contracts import Receipt, RetryPolicy, UndoOutcome, UnitSpec
from caravan_common.phases import PhaseContext, PhaseResult
from caravan_common.worker import Service, UnitContext, run_service
from tests.support import survey_service
from tests.support.survey_service import SURVEY
from tests.support.waiting import wait_until

# A child that is killed costs a retry. What is shown here is that nothing is lost, not that it gives up in time.
_PATIENT = RetryPolicy(max_retries=20, base_seconds=0.2, cap_seconds=2)
CHAOS = SURVEY.model_copy(
    update={
        "flow_type": "chaos",
        "phases": tuple(phase.model_copy(update={"retry": _PATIENT}) for phase in SURVEY.phases),
    }
)
_HERE = "tests.chaos.service"
CHAOS_SERVICE = Service(
    definition=CHAOS,
    phases={name: f"{_HERE}:{name}" for name in CHAOS.phase_names},
    units={"write": f"{_HERE}:Line"},
)
QUEUE = "caravan.chaos.v1.commands.v1"


def gather(context: PhaseContext) -> PhaseResult:
    """Where `gather_until` names a file, not before it is there."""
    _last(context)
    if until := context.configuration.get("gather_until"):
        wait_until(Path(until).exists, timeout=60, what=until)
    return survey_service.gather(context)


def judge(context: PhaseContext) -> PhaseResult:
    _last(context)
    return survey_service.judge(context)


def act(context: PhaseContext) -> PhaseResult:
    """The first effects of the survey built on each other, the others beside them."""
    _last(context)
    planned = survey_service.act(context)
    more = {"seconds": context.configuration.get("seconds", 0.0)}
    units = [
        replace_unit(unit, parameters={**unit.parameters, **more}, chained=number < 3)
        for number, unit in enumerate(planned.units)
    ]
    return replace(planned, units=units)


def replace_unit(unit: UnitSpec, *, parameters: dict[str, object], chained: bool) -> UnitSpec:
    depends_on = unit.depends_on if chained else ()
    return unit.model_copy(update={"parameters": parameters, "depends_on": depends_on})


def _last(context: PhaseContext) -> None:
    """As long as the flow's configuration says, with progress on the way."""
    seconds = float(context.configuration.get("phase_seconds", 0.0))
    began = time.monotonic()
    while (passed := time.monotonic() - began) < seconds:
        context.progress(passed / seconds)
        time.sleep(min(0.05, seconds))


class Line:
    """`did <key>` in the journal, and `undid <key>`; there is time between the deed and its report."""

    def check(self, context: UnitContext) -> Receipt | None:
        return Receipt(effect_id=context.unit.key) if _is_in_force(context) else None

    def execute(self, context: UnitContext) -> Receipt:
        _append(context, "did")
        return Receipt(effect_id=context.unit.key)

    def undo(self, context: UnitContext, receipts: Sequence[Receipt]) -> UndoOutcome:
        if not _is_in_force(context):
            return UndoOutcome.NOTHING_TO_DO
        _append(context, "undid")
        return UndoOutcome.UNDONE


def _append(context: UnitContext, deed: str) -> None:
    half = float(context.unit.parameters.get("seconds", 0.0)) / 2
    time.sleep(half)
    journal = os.open(context.unit.parameters["path"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    try:
        os.write(journal, f"{deed} {context.unit.key}\n".encode())
    finally:
        os.close(journal)
    time.sleep(half)


def _is_in_force(context: UnitContext) -> bool:
    path = Path(context.unit.parameters["path"])
    lines = path.read_text().splitlines() if path.exists() else []
    return lines.count(f"did {context.unit.key}") > lines.count(f"undid {context.unit.key}")


if __name__ == "__main__":
    sys.exit(run_service(CHAOS_SERVICE))
