"""A model for CrewAI that says what a test tells it to: any answer, an error, or nothing for a long time."""

import json
import threading
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from caravan_common.crews import Case, preload
from caravan_common.crews.delimiting import parse_block

Answer = str | Exception | threading.Event | Callable[[list[Case]], str]


class ScriptedModel:
    """A factory for CrewRunner. Each call takes the next answer, the last one for ever.

    An Exception is raised, an Event waited for, a callable is given the cases that the prompt shows. `entered` is
    set when it is called for the first time.
    """

    def __init__(self, *answers: Answer, usage: dict[str, int] | None = None) -> None:
        self._answers = list(answers)
        self._usage = usage
        self.prompts: list[str] = []
        self.entered = threading.Event()

    def __call__(self, settings: object) -> Any:
        del settings
        preload()
        return _model_class()(model="scripted", script=self)

    def reply(self, messages: Any) -> str:
        prompt = "\n".join(str(message["content"]) for message in messages)
        self.prompts.append(prompt)
        self.entered.set()
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, threading.Event):
            answer.wait(30)
            return ""
        return answer if isinstance(answer, str) else answer(parse_block(prompt))

    @property
    def usage(self) -> dict[str, int] | None:
        return self._usage


def verdict(case: Case, **changes: Any) -> dict[str, Any]:
    """A good verdict for the case's second option, changed as told."""
    return {
        "case_id": case.id,
        "option": case.options[-1].id,
        "confidence": 0.9,
        "reasons": ["the facts speak for it"],
        "evidence": [next(iter(case.facts))],
    } | changes


def answer_with(verdicts: Sequence[dict[str, Any]]) -> str:
    return json.dumps({"verdicts": list(verdicts)})


@cache
def _model_class() -> Any:
    from crewai import BaseLLM

    class Model(BaseLLM):
        script: Any

        def call(self, messages: Any, *_args: Any, **_kwargs: Any) -> str:
            if self.script.usage:
                self._track_token_usage_internal(self.script.usage)
            return str(self.script.reply(messages))

    return Model
