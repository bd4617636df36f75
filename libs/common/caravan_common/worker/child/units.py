"""ExecuteUnit and CompensateUnit: effects in the outside world, done at most once and undone by their receipts.

The worker has claimed the unit's attempt (claims.py) before a child is given it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from caravan_common.artifacts import require_below
from caravan_common.contracts import (
    Command,
    CompensateUnit,
    ErrorInfo,
    ErrorKind,
    ExecuteUnit,
    PhaseError,
    Receipt,
    Reply,
    UndoOutcome,
    UnitCompensated,
    UnitCompleted,
    UnitOutcome,
    UnitSpec,
)
from caravan_common.worker._claim_objects import take_claim
from caravan_common.worker.child.run import Abandoned, ChildRun, Reporting, error_info, retrying
from caravan_common.worker.service import resolve

_FENCE = b"fenced by an undo"


@dataclass(frozen=True)
class UnitContext:
    """One unit and the configuration of its flow. `scratch` as in a phase."""

    unit: UnitSpec
    flow_type: str
    phase: str
    configuration: Mapping[str, Any]
    scratch: Path
    link: Reporting

    def progress(self, fraction: float | None, note: str = "") -> None:
        """May be called often."""
        self.link.progress(fraction, note)


class UnitAction(Protocol):
    """Each of the three may be interrupted anywhere and be asked again. Raise PhaseError to fail in words."""

    def check(self, context: UnitContext) -> Receipt | None:
        """The receipt of the effect if it is there already, by looking at the outside world."""

    def execute(self, context: UnitContext) -> Receipt:
        """Do it."""

    def undo(self, context: UnitContext, receipts: Sequence[Receipt]) -> UndoOutcome:
        """By the receipts of all runs ever heard of; without any, look whether there is something to undo."""


def execute_unit(command: ExecuteUnit, run: ChildRun) -> Reply:
    """UnitCompleted. A failure of the action is an outcome with its error, not a failure of the attempt."""
    action = _action(command.unit, run)
    context = _context(command, command.unit, command.configuration, run)
    try:
        if command.outcome_unknown and (receipt := action.check(context)) is not None:
            return run.reply(UnitCompleted, outcome=UnitOutcome.ALREADY_DONE, receipt=receipt)
        receipt = action.execute(context)
    except Exception as error:  # noqa: BLE001  (worded as the unit's outcome)
        return run.reply(UnitCompleted, outcome=UnitOutcome.FAILED, error=error_info(error))
    return run.reply(UnitCompleted, outcome=UnitOutcome.DONE, receipt=receipt)


def compensate_unit(command: CompensateUnit, run: ChildRun) -> Reply:
    """UnitCompensated. With an unknown outcome the action is first asked what is there."""
    action = _action(command.unit, run)
    if command.fence_prefix:
        _fence(command, run)
    context = _context(command, command.unit, {}, run)
    try:
        receipts = _receipts(action, command, context)
        outcome = action.undo(context, receipts)
    except Exception as error:  # noqa: BLE001  (worded as the unit's outcome)
        return run.reply(UnitCompensated, outcome=UndoOutcome.FAILED, error=error_info(error))
    return run.reply(
        UnitCompensated,
        outcome=outcome,
        error=_undo_failed(command) if outcome is UndoOutcome.FAILED else None,
    )


def _receipts(action: UnitAction, command: CompensateUnit, context: UnitContext) -> tuple[Receipt, ...]:
    """Those of the command, and what a check finds that no receipt tells of."""
    if not command.outcome_unknown:
        return command.receipts
    found = action.check(context)
    if found is None or any(receipt.effect_id == found.effect_id for receipt in command.receipts):
        return command.receipts
    return (*command.receipts, found)


def _undo_failed(command: CompensateUnit) -> ErrorInfo:
    message = f"Undoing {command.unit.key} failed; see its details, then resume the rollback."
    return ErrorInfo(kind=ErrorKind.RETRIABLE, code="undo_failed", message=message)


def _action(unit: UnitSpec, run: ChildRun) -> UnitAction:
    target = run.service.units.get(unit.action)
    if target is None:
        raise PhaseError("unit_unknown", f"This service has no action {unit.action!r} for unit {unit.key!r}.")
    action: UnitAction = resolve(target)
    return action() if isinstance(action, type) else action


def _fence(command: CompensateUnit, run: ChildRun) -> None:
    """Claims the unit's own epochs, so that its effect can't begin after it was undone."""
    for epoch in range(1, command.fence_epoch + 1):
        key = require_below(f"{command.fence_prefix}/{epoch}/claim", str(command.tenant.client_account_id))
        is_ours = retrying(partial(take_claim, run.store, key, _FENCE))
        if not is_ours and epoch > command.ended_epoch:
            raise Abandoned("the unit may still run", effect_claimed=True)


def _context(
    command: Command, unit: UnitSpec, configuration: Mapping[str, Any], run: ChildRun
) -> UnitContext:
    phase = command.phase if isinstance(command, (ExecuteUnit, CompensateUnit)) else ""
    return UnitContext(unit, command.flow_type, phase, configuration, run.scratch, run.link)
