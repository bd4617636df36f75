"""EvaluateEdit: what edits of a dataset would cause, by the service's own function. Changes nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from caravan_common.contracts import EditEvaluated, EvaluateEdit, HumanDecision, PhaseError, Reply
from caravan_common.phases import Dataset
from caravan_common.phases.datasets import Table
from caravan_common.worker.child.inputs import fetch_dataset
from caravan_common.worker.child.outputs import store_datasets
from caravan_common.worker.child.run import ChildRun
from caravan_common.worker.service import resolve


@dataclass(frozen=True)
class EditContext:
    """The dataset that is edited, the edits in their order, and the phase's other inputs by name.

    `decisions` are those the phase would be given now: edits accepted before are among them.
    """

    phase: str
    base: Dataset
    edits: Sequence[Mapping[str, Any]]
    inputs: Mapping[str, Dataset]
    scratch: Path
    configuration: Mapping[str, Any] = field(default_factory=dict)
    decisions: Sequence[HumanDecision] = ()


@dataclass(frozen=True)
class EditResult:
    """`result` is answered as it is; `datasets` are the edited versions, kept in case the edit is accepted."""

    result: Mapping[str, Any]
    datasets: Mapping[str, Table] = field(default_factory=dict)


def evaluate_edit(command: EvaluateEdit, run: ChildRun) -> Reply:
    """EditEvaluated. Raises PhaseError `edit_unknown` when the phase takes no edits."""
    target = run.service.edits.get(command.phase)
    if target is None:
        raise PhaseError("edit_unknown", f"The phase {command.phase} takes no edits.")
    inputs = {ref.manifest.name: fetch_dataset(ref.manifest, command, run) for ref in command.inputs}
    base = fetch_dataset(command.base.manifest, command, run)
    context = EditContext(
        command.phase,
        base,
        command.edits,
        inputs,
        run.scratch,
        command.configuration,
        command.decisions,
    )
    answer: EditResult = resolve(target)(context)
    outputs = run.service.definition.phase(command.phase).outputs
    specs = [spec for spec in outputs if spec.name in answer.datasets]
    return run.reply(
        EditEvaluated,
        edit_id=command.edit_id,
        result=dict(answer.result),
        datasets=store_datasets(answer.datasets, specs, run),
    )
