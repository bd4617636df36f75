"""Puts contested cases before a crew, in batches and within a budget. Where that fails, the rules stand.

It never raises for what a model, a crew or its provider does: the answer always has one judgement per case.
"""

import contextlib
import contextvars
import importlib
import os
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

from caravan_common.contracts import Budget, JudgedBatch, Usage, case_digest
from caravan_common.crews._cases import Case, Judgement, Judges
from caravan_common.crews.definition import CrewNotUsable, constrain_crew, crew_from_yaml, prompt_version
from caravan_common.crews.delimiting import SafeCase, render_block, render_case, safe_cases
from caravan_common.crews.environment import HomeNotWritable, preload, private_storage, without_warnings
from caravan_common.crews.metered import metered_llm
from caravan_common.crews.metering import BUDGET_SPENT, NO_BUDGET, Meter
from caravan_common.crews.models import LlmSettings, make_llm, price_of
from caravan_common.crews.verdicts import ANSWER_FORMAT, UNANSWERED, Guard
from caravan_common.secret_references import SecretIsMissing

if TYPE_CHECKING:
    from crewai import BaseLLM, Crew

_log = structlog.get_logger(__name__)

TOO_LARGE = "the case is too large for a prompt"
TOO_SLOW = "the crew took too long"
NOT_INSTALLED = "crews are not installed here"
# After that many batches in a row the model is taken to be away, and the others are not tried.
_FAILURES_IN_A_ROW = 2

# The one way a batch ends: why the rules stand, or None when the crew was heard.
_Outcome = str | None


def _report_nowhere(_usage: tuple[Usage, ...]) -> None:
    """Usage goes nowhere in tests that don't look at it."""


def _book_nowhere(_usage: tuple[Usage, ...]) -> bool:
    """Nobody has to be told before a call is made."""
    return True


class CrewRunner:
    """Is the `Judge` of a phase; made anew for each run of an attempt.

    `crews` maps names to packages with an agents.yaml and a tasks.yaml, or, where the wording depends on the cases, to
    `module:build`; `build(llm, cases) -> crewai.Crew` sees masked cases only.
    `on_usage` is called after every call of a model with the run's cumulative usage, `book` before it with that of
    the call included; where `book` says no, no call is made. Both from the crew's thread.
    """

    def __init__(
        self,
        crews: Mapping[str, str],
        settings: LlmSettings | None = None,
        budget: Budget | None = None,
        on_usage: Callable[[tuple[Usage, ...]], None] = _report_nowhere,
        *,
        book: Callable[[tuple[Usage, ...]], bool] = _book_nowhere,
        llm_factory: "Callable[[LlmSettings], BaseLLM]" = make_llm,
    ) -> None:
        self._crews = crews
        self._settings = settings or LlmSettings()
        self._budget = budget or Budget()
        self._on_usage = on_usage
        self._book = book
        self._llm_factory = llm_factory
        self._llm: BaseLLM | None = None
        self._meter: Meter | None = None
        self._stopped: str | None = None
        self._unusable: dict[str, str] = {}
        self._failures = 0
        self.exchanges: list[JudgedBatch] = []
        # A crew took too long: its thread can't be stopped, so this process should not be used again.
        self.tainted = False
        # Cases that no model saw because the budget didn't reach.
        self.out_of_budget = 0

    @property
    def usage(self) -> tuple[Usage, ...]:
        """Cumulative for this runner."""
        return self._meter.usage if self._meter else ()

    def __call__(self, crew: str, cases: Sequence[Case]) -> list[Judgement]:
        return self.judge(crew, cases)

    def judge(self, crew: str, cases: Sequence[Case]) -> list[Judgement]:
        """One judgement per case, in their order. ValueError if two cases have the same id."""
        if len({case.id for case in cases}) != len(cases):
            raise ValueError("cases put before a crew must have distinct ids")
        judged: dict[str, Judgement] = {}
        for batch in self._batches(cases, judged):
            judged.update(self._judge_batch(crew, batch))
        return [judged[case.id] for case in cases]

    def _batches(self, cases: Sequence[Case], judged: dict[str, Judgement]) -> Iterator[list[SafeCase]]:
        """Batches within the limits of the settings. A case too large by itself is judged by rule at once."""
        batch: list[SafeCase] = []
        characters = 0
        for safe in safe_cases(cases):
            size = len(render_case(safe.case))
            if size > self._settings.llm_batch_characters:
                judged[safe.original.id] = _by_rule(safe.original, TOO_LARGE)
                continue
            full = len(batch) == self._settings.llm_batch_cases
            if batch and (full or characters + size > self._settings.llm_batch_characters):
                yield batch
                batch, characters = [], 0
            batch.append(safe)
            characters += size
        if batch:
            yield batch

    def _judge_batch(self, crew: str, batch: Sequence[SafeCase]) -> dict[str, Judgement]:
        guard = Guard(batch)
        version = ""
        why = self._stopped or self._unusable.get(crew) or self._missing(crew)
        if why is None:
            try:
                version, why = self._hear(crew, batch, guard)
            except (CrewNotUsable, HomeNotWritable, ImportError, SecretIsMissing) as error:
                why = self._unusable[crew] = NOT_INSTALLED if _is_absent(error) else str(error)
            except Exception as error:  # noqa: BLE001  (the service's build, or its provider's set-up)
                _log.warning("crews.setup_failed", crew=crew, error=type(error).__name__, at=_place(error))
                why = self._unusable[crew] = f"the crew could not be set up ({type(error).__name__})"
        judged = {safe.original.id: self._judgement(safe, guard, version, why) for safe in batch}
        self.out_of_budget += sum(each.why_rule in (NO_BUDGET, BUDGET_SPENT) for each in judged.values())
        return judged

    def _missing(self, crew: str) -> str | None:
        if crew not in self._crews:
            return f"there is no crew named {crew}"
        return None if self._settings.is_offline or self._budget.tokens else NO_BUDGET

    def _hear(self, name: str, batch: Sequence[SafeCase], guard: Guard) -> tuple[str, _Outcome]:
        preload()
        if self._meter is None:
            price = price_of(self._settings)
            self._meter = Meter(self._budget, price, on_usage=self._on_usage, book=self._book)
        if self._llm is None:
            self._llm = self._llm_factory(self._settings)
        cases = [safe.case for safe in batch]
        before = self._meter.spent
        llm = metered_llm(self._llm, self._meter, self._settings)
        with private_storage(), without_warnings():
            crew = _build_crew(self._crews[name], llm, cases)
            constrain_crew(crew, llm)
            version = llm.prompt_version = prompt_version(crew, render_block([]), ANSWER_FORMAT)
            _pose(crew, render_block(cases), guard)
            why = self._kick_off(crew, self._meter)
        self.exchanges.append(
            JudgedBatch(
                crew=name,
                model=self._settings.llm,
                prompt_version=version,
                cases=tuple(case.model_dump(mode="json") for case in cases),
                ids={safe.case.id: case_digest(safe.original.id) for safe in batch},
                verdicts=tuple(verdict.model_dump(mode="json") for verdict in guard.accepted.values()),
                faults=dict(guard.faults),
                ended=why,
                **asdict(self._meter.spent.since(before)),
            )
        )
        return version, why

    def _kick_off(self, crew: "Crew", meter: Meter) -> _Outcome:
        meter.forget_failure()
        ended, error = _run_with_deadline(crew.kickoff, self._settings.llm_timeout_seconds)
        if not ended:
            self.tainted = True
            meter.close(TOO_SLOW)
            return self._stop(TOO_SLOW)
        if error is None:
            self._failures = 0
            return None
        # The text of an error may quote the prompt, and locals hold keys: only class and place are logged.
        _log.warning("crews.kickoff_failed", error=type(error).__name__, at=_place(error))
        if meter.refusal:
            return self._stop(meter.refusal)
        self._failures += 1
        failed = meter.failure
        why = f"the model failed ({failed})" if failed else f"the crew failed ({type(error).__name__})"
        return self._stop(why) if self._failures >= _FAILURES_IN_A_ROW else why

    def _stop(self, why: str) -> str:
        self._stopped = why
        return why

    def _judgement(self, safe: SafeCase, guard: Guard, version: str, why: _Outcome) -> Judgement:
        verdict = guard.accepted.get(safe.case.id)
        if verdict is None:
            return _by_rule(safe.original, why or guard.faults.get(safe.case.id, UNANSWERED))
        restored = safe.restore(verdict)
        return Judgement(
            **restored.model_dump(),
            decided_by=Judges.CREW,
            model=self._settings.llm,
            prompt_version=version,
        )


def _by_rule(case: Case, why: str) -> Judgement:
    """The recommendation with the score the rules gave it as confidence."""
    score = next((option.score for option in case.options if option.id == case.recommendation), 0.0)
    return Judgement(
        case_id=case.id,
        option=case.recommendation,
        confidence=min(max(score, 0.0), 1.0),
        decided_by=Judges.RULE,
        why_rule=why,
    )


def _is_absent(error: Exception) -> bool:
    return isinstance(error, ModuleNotFoundError) and (error.name or "").startswith("crewai")


def _place(error: BaseException) -> str:
    """File and line where an error was raised."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else ""


def _build_crew(target: str, llm: "BaseLLM", cases: Sequence[Case]) -> Any:
    place, _, build = target.partition(":")
    found = importlib.import_module(place)
    return getattr(found, build)(llm, cases) if build else crew_from_yaml(Path(found.__path__[0]), llm)


def _pose(crew: "Crew", block: str, guard: Guard) -> None:
    """Adds the cases and the form of the answer to the task, and the guardrail.

    Not by CrewAI's {placeholders}: those would also be replaced inside the data.
    """
    task: Any = crew.tasks[0]
    task.description = f"{task.description}\n\n{block}"
    task.expected_output = f"{task.expected_output}\n{ANSWER_FORMAT}"
    task.guardrails = None
    # A bound method, because CrewAI reads the guardrail's source for its events.
    task.guardrail = guard.check
    task.guardrail_max_retries = guard.retries
    task.ensure_guardrails_is_list_of_callables()
    task.ensure_guardrail_is_callable()


def _run_with_deadline(run: Callable[[], Any], seconds: float) -> tuple[bool, BaseException | None]:
    """(ended in time, its error). CrewAI can't be cancelled: what doesn't end stays behind in its thread."""
    errors: list[BaseException | None] = []
    context = contextvars.copy_context()

    def body() -> None:
        try:
            context.run(run)
        except BaseException as error:  # noqa: BLE001  (SystemExit too: it must not pass for success)
            errors.append(error)
        else:
            errors.append(None)

    thread = threading.Thread(target=body, name="caravan-crew", daemon=True)
    # CrewAI prints panels with prompts in them; stdout belongs to whoever called us.
    with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):
        thread.start()
        thread.join(seconds)
    return (True, errors[0]) if errors else (False, None)
