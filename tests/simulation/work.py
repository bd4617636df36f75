"""What a child does: a phase is computed; a unit is claimed, checked, done; an undo fences, looks, undoes."""

import hashlib
from typing import TYPE_CHECKING, Any

from caravan_common.contracts import (
    AttemptAbandoned,
    BuildHandoff,
    CompensateUnit,
    EditEvaluated,
    ErrorInfo,
    ErrorKind,
    EvaluateEdit,
    ExecutePhase,
    ExecuteUnit,
    HandoffBuilt,
    PhaseCompleted,
    PhaseFailed,
    Reply,
    RuleResult,
    UndoOutcome,
    UnitCompensated,
    UnitCompleted,
    UnitOutcome,
)
from tests.simulation.sample import phase_result

if TYPE_CHECKING:
    from tests.simulation.worker import SimRun
    from tests.simulation.world import World

# A mutation turns this off: then only the run's own epoch is claimed.
FENCING = True
_FENCE = "fence"


async def carry_out(world: "World", run: "SimRun") -> Reply | None:
    """The reply of the child; None when it died."""
    if not isinstance(run.command, ExecutePhase):
        await run.worker.process.sleep(_duration(world) * 0.5)
    if world.faults.hits("child_dies"):
        return None
    match run.command:
        case ExecutePhase():
            return await _compute(world, run)
        case EvaluateEdit():
            return _evaluate(world, run)
        case ExecuteUnit():
            return await _execute(world, run)
        case CompensateUnit():
            return await _compensate(world, run)
        case BuildHandoff():
            return _build_handoff(world, run)
        case other:
            raise TypeError(f"no worker here can do {type(other).__name__}")


def _build_handoff(world: "World", run: "SimRun") -> Reply:
    """worker.child.handoffs.build_handoff; now and then a rule does not hold."""
    command: Any = run.command
    if world.faults.hits("phase_fails"):
        kind = ErrorKind.RETRIABLE if world.kernel.random() < 0.7 else ErrorKind.PERMANENT
        return run.reply(PhaseFailed, error=ErrorInfo(kind=kind, code="bad", message="It failed."))
    given = {ref.manifest.name: ref.manifest for ref in command.inputs}
    datasets = tuple(given[want.name] for want in command.wanted if want.name in given)
    holds = not world.faults.hits("phase_fails")
    rule = RuleResult(rule="it is good enough", passed=holds, detail="")
    digest = hashlib.sha256("/".join(each.artifact.sha256 for each in datasets).encode()).hexdigest()
    return run.reply(HandoffBuilt, datasets=datasets, rules=(rule,), digest=digest)


def _evaluate(world: "World", run: "SimRun") -> Reply:
    """worker.child.edits.evaluate_edit; now and then it fails."""
    command: Any = run.command
    if world.faults.hits("phase_fails"):
        kind = ErrorKind.RETRIABLE if world.kernel.random() < 0.7 else ErrorKind.PERMANENT
        return run.reply(PhaseFailed, error=ErrorInfo(kind=kind, code="bad", message="It failed."))
    return run.reply(EditEvaluated, edit_id=command.edit_id, result={"violations": {}})


def _duration(world: "World") -> float:
    """Seconds; about half of all work ends while its delivery is still held."""
    if world.faults.hits("long_work"):
        return 10 + 90 * world.kernel.random()
    draw = world.kernel.random()
    return 0.05 + 2 * draw if draw < 0.6 else 1 + 12 * (draw - 0.6)


async def _compute(world: "World", run: "SimRun") -> Reply:
    if world.kernel.random() < 0.2:
        run.spent = 1
    # Histories about effects hurry through what comes before them.
    await run.worker.process.sleep(0.2 if world.faults.focus else _duration(world) * 0.4)
    if world.faults.hits("phase_fails"):
        kind = ErrorKind.RETRIABLE if world.kernel.random() < 0.7 else ErrorKind.PERMANENT
        return run.reply(PhaseFailed, error=ErrorInfo(kind=kind, code="bad", message="It failed."))
    return run.reply(PhaseCompleted, **phase_result(run.command, run.run_id))


async def claim(world: "World", run: "SimRun") -> bool:
    """Every epoch up to its own, so that an older command still on its way can never begin.

    Before the run says anything: whoever was heard of under an epoch has held its claim, and no redelivered
    copy of that epoch can begin after the run has ended.
    """
    command: Any = run.command
    if not isinstance(command, ExecuteUnit | CompensateUnit):
        return True
    mine = str(run.run_id)
    for epoch in range(1 if FENCING else command.epoch, command.epoch + 1):
        await run.worker.process.step()
        ours = world.outside.put_if_absent(f"{command.artifact_prefix}/{epoch}/claim", mine)
        if epoch == command.epoch:
            return ours
    return False


def claimed_elsewhere(run: "SimRun") -> Reply:
    return run.reply(AttemptAbandoned, reason="claimed by another run", claimed_elsewhere=True)


async def _fence(world: "World", run: "SimRun") -> bool:
    """Claims the epochs of the unit's attempt; False when somebody may still be at it."""
    command: Any = run.command
    if not FENCING or not command.fence_prefix:
        return True
    for epoch in range(1, command.fence_epoch + 1):
        await run.worker.process.step()
        key = f"{command.fence_prefix}/{epoch}/claim"
        ours = world.outside.put_if_absent(key, _FENCE) or world.outside.claims[key] == _FENCE
        if not ours and epoch > command.ended_epoch:
            return False
    return True


async def _execute(world: "World", run: "SimRun") -> Reply:
    command: Any = run.command
    effect = (command.flow_id, command.unit.key)
    await run.worker.process.step()
    if command.outcome_unknown and (found := world.outside.find(effect)) is not None:
        return run.reply(UnitCompleted, outcome=UnitOutcome.ALREADY_DONE, receipt=found)
    await run.worker.process.sleep(_duration(world) * 0.5)
    if world.faults.hits("unit_fails"):
        return _unit_failed(world, run)
    receipt = world.outside.apply(effect, f"{command.unit.key}-{run.run_id.hex[-6:]}")
    world.kernel.log(run.worker.process.name, "effect {} is there: {}", command.unit.key, receipt.effect_id)
    await run.worker.process.sleep(_duration(world) * 0.5)
    if world.faults.hits("unit_fails"):
        return _unit_failed(world, run)
    return run.reply(UnitCompleted, outcome=UnitOutcome.DONE, receipt=receipt)


def _unit_failed(world: "World", run: "SimRun") -> Reply:
    kind = ErrorKind.RETRIABLE if world.kernel.random() < 0.6 else ErrorKind.PERMANENT
    error = ErrorInfo(kind=kind, code="refused", message="The target refused.")
    return run.reply(UnitCompleted, outcome=UnitOutcome.FAILED, error=error)


async def _compensate(world: "World", run: "SimRun") -> Reply:
    command: Any = run.command
    effect = (command.flow_id, command.unit.key)
    if not await _fence(world, run):
        return run.reply(AttemptAbandoned, reason="the unit may still run", effect_claimed=True)
    ids = {receipt.effect_id for receipt in command.receipts}
    if command.outcome_unknown and (found := world.outside.find(effect)) is not None:
        ids.add(found.effect_id)
    await run.worker.process.sleep(_duration(world) * 0.5)
    if world.faults.hits("undo_fails"):
        kind = ErrorKind.RETRIABLE if world.kernel.random() < 0.6 else ErrorKind.PERMANENT
        error = ErrorInfo(kind=kind, code="undo_failed", message="The target refused.")
        return run.reply(UnitCompensated, outcome=UndoOutcome.FAILED, error=error)
    if command.unit.irreversible_name:
        there = world.outside.find(effect) is not None
        return run.reply(
            UnitCompensated, outcome=UndoOutcome.IRREVERSIBLE if there else UndoOutcome.NOTHING_TO_DO
        )
    undone = world.outside.undo(effect, ids)
    world.kernel.log(run.worker.process.name, "effect {} undone: {}", command.unit.key, undone)
    await run.worker.process.step()
    return run.reply(UnitCompensated, outcome=UndoOutcome.UNDONE if undone else UndoOutcome.NOTHING_TO_DO)
