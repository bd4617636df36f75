"""A model behind the meter: every call of a crew goes through here, and so does every repetition of one."""

import time
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

from caravan_common.crews.calling import CallFailed, pause_before_retry, read_fault
from caravan_common.crews.metering import Meter, estimate_tokens
from caravan_common.crews.models import LlmSettings

if TYPE_CHECKING:
    from crewai import BaseLLM

# What CrewAI gets for an answer without words (a refusal, a call of a tool it was not given): the guardrail reads it,
# and finds no verdict; an empty text would end the crew in a ValueError.
_NOTHING_SAID = "{}"


def metered_llm(inner: "BaseLLM", meter: Meter, settings: LlmSettings) -> Any:
    """`inner` behind the meter, a BaseLLM with a `prompt_version` to be set before it is called.

    `deadline` on the monotonic clock: no call is repeated that could not end before it.
    """
    return _metered_class()(
        model=inner.model,
        inner=inner,
        meter=meter,
        settings=settings,
        deadline=time.monotonic() + settings.llm_timeout_seconds,
    )


@cache
def _metered_class() -> Any:
    from crewai import BaseLLM

    class MeteredLLM(BaseLLM):
        llm_type: str = "caravan-metered"
        inner: BaseLLM
        meter: Any
        settings: Any
        prompt_version: str = ""
        deadline: float

        def call(self, messages: Any, *args: Any, **kwargs: Any) -> Any:
            """Raises CallRefused before a call, CallFailed after the last."""
            answer = _call_repeatedly(self, lambda: self.inner.call(messages, *args, **kwargs), messages)
            return answer if isinstance(answer, str) and answer.strip() else _NOTHING_SAID

        def supports_function_calling(self) -> bool:
            return False

        def supports_stop_words(self) -> bool:
            return self.inner.supports_stop_words()

        def get_context_window_size(self) -> int:
            return self.inner.get_context_window_size()

    return MeteredLLM


def _call_repeatedly(llm: Any, call: Callable[[], Any], messages: Any) -> Any:
    tried = 0
    while True:
        answer, error = _call_once(llm, call, messages)
        if error is None:
            return answer
        tried += 1
        fault = read_fault(error)
        left = llm.deadline - time.monotonic()
        pause = pause_before_retry(fault, tried, llm.settings.llm_retries, left)
        if pause is None:
            llm.meter.failure = fault.phrase
            # Outside of any except clause, so that it has no context.
            raise CallFailed("the call to the model failed")
        time.sleep(pause)


def _call_once(llm: Any, call: Callable[[], Any], messages: Any) -> tuple[Any, Exception | None]:
    model, version = llm.settings.llm, llm.prompt_version
    if llm.settings.is_offline:
        llm.meter.record(model, version, 0, 0)
        return call(), None
    prompt_tokens, completion_tokens = estimate_tokens(messages), 0
    llm.meter.admit(model, version, prompt_tokens, llm.settings.llm_answer_tokens)
    before = llm.inner.get_token_usage_summary()
    try:
        answer = call()
        completion_tokens = estimate_tokens(_as_text(answer))
    except Exception as error:  # noqa: BLE001  (whatever a provider's client raises is read by the policy)
        return None, error
    else:
        return answer, None
    finally:
        # A failed call may have been billed all the same, so its prompt counts.
        after = llm.inner.get_token_usage_summary()
        if after.total_tokens > before.total_tokens:
            prompt_tokens = after.prompt_tokens - before.prompt_tokens
            completion_tokens = after.completion_tokens - before.completion_tokens
        llm.meter.record(model, version, prompt_tokens, completion_tokens)


def _as_text(answer: Any) -> str:
    return answer if isinstance(answer, str) else str(getattr(answer, "raw", answer))
