"""ExecutePhase: inputs to local files, the phase's function, its datasets into the store, PhaseCompleted."""

import time
from collections.abc import Sequence
from typing import Any

import orjson

from caravan_common.contracts import ArtifactRef, ExecutePhase, PhaseCompleted, Reply
from caravan_common.crews import Case, Judgement
from caravan_common.crews.runner import CrewRunner
from caravan_common.phases import Dataset, PhaseContext, PhaseFunction, Upload
from caravan_common.worker.child.inputs import fetch, fetch_dataset
from caravan_common.worker.child.outputs import store_bytes, store_datasets
from caravan_common.worker.child.run import ChildRun
from caravan_common.worker.service import resolve


def execute_phase(command: ExecutePhase, run: ChildRun) -> Reply:
    """Raises whatever the phase raises; PhaseError `dataset_invalid`; the store's errors."""
    began = time.monotonic()
    function: PhaseFunction = resolve(run.service.phases[command.phase])
    judge = _Judge(command, run)
    result = function(
        PhaseContext(
            flow_type=command.flow_type,
            phase=command.phase,
            inputs=_inputs(command, run),
            uploads=[
                Upload(
                    each.name, fetch(each.artifact, command, run), each.artifact.sha256, each.artifact.size
                )
                for each in command.uploads
            ],
            configuration=command.configuration,
            decisions=command.decisions,
            scratch=run.scratch,
            judge=judge,
            progress=run.link.progress,
        )
    )
    outputs = run.service.definition.phase(command.phase).outputs
    return run.reply(
        PhaseCompleted,
        datasets=store_datasets(result.datasets, outputs, run),
        summary={**result.summary, **judge.limits()},
        questions=tuple(result.questions),
        units=tuple(result.units),
        decided_by=result.decided_by,
        transcript=judge.transcript(),
        seconds=time.monotonic() - began,
    )


def _inputs(command: ExecutePhase, run: ChildRun) -> dict[str, Dataset]:
    return {ref.manifest.name: fetch_dataset(ref.manifest, command, run) for ref in command.inputs}


class _Judge:
    """Makes the crew runner with the first case, so that a phase without one pays nothing."""

    def __init__(self, command: ExecutePhase, run: ChildRun) -> None:
        self._command = command
        self._run = run
        self._runner: CrewRunner | None = None

    def __call__(self, crew: str, cases: Sequence[Case]) -> list[Judgement]:
        if self._runner is None:
            self._runner = CrewRunner(
                self._run.service.crews,
                budget=self._command.budget,
                on_usage=self._run.report_usage,
                book=self._run.book_usage,
            )
        try:
            return self._runner.judge(crew, cases)
        finally:
            self._run.taints_child |= self._runner.tainted

    def limits(self) -> dict[str, Any]:
        """For the phase's summary: `budget_ended`, when the budget kept cases from a model."""
        unheard = 0 if self._runner is None else self._runner.out_of_budget
        if not unheard:
            return {}
        tokens = self._command.budget.tokens
        words = (
            f"The budget for models ended the judging ({tokens:,} tokens were left for this phase):"
            f" {unheard} contested cases stand as the rules recommend."
        )
        return {"budget_ended": {"cases": unheard, "tokens": tokens, "words": words}}

    def transcript(self) -> ArtifactRef | None:
        """What was put to crews and what they said, as JSON lines; None when none was asked."""
        if self._runner is None or not self._runner.exchanges:
            return None
        lines = b"".join(
            orjson.dumps(each.model_dump(mode="json")) + b"\n" for each in self._runner.exchanges
        )
        return store_bytes("transcript.jsonl", lines, "application/jsonl", self._run)
