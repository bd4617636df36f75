"""The `offline` model: a deterministic stand-in that answers a crew's prompt by the facts in it. No network.

It reads the delimited block of cases like any model does, and weighs each option by

    option.score + facts["signals"].get(option.id, 0)

`signals` is a convention for whoever makes cases: {option id: number}, what the facts say for (or, negative,
against) an option beyond the rules' score, on the same scale. Without signals the rules' best score wins; on
a tie the recommendation stands. No other fact, and no text in particular, has any influence.
"""

import json
import math
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from caravan_common.crews._cases import Case, Verdict
from caravan_common.crews.delimiting import parse_block
from caravan_common.crews.verdicts import Verdicts

if TYPE_CHECKING:
    from crewai import BaseLLM

SIGNALS = "signals"


def decide(case: Case) -> Verdict:
    """The option of highest weight; confidence = 0.5 + half its lead over the next, at most 1."""
    signals = _signals(case)
    weights = {option.id: option.score + signals.get(option.id, 0.0) for option in case.options}
    best = max(weights.values())
    leaders = [option for option, weight in weights.items() if math.isclose(weight, best, abs_tol=1e-9)]
    option = case.recommendation if case.recommendation in leaders else leaders[0]
    others = [weight for other, weight in weights.items() if other != option]
    lead = best - max(others) if others else 1.0
    return Verdict(
        case_id=case.id,
        option=option,
        confidence=round(0.5 + min(max(lead, 0.0), 1.0) / 2, 4),
        reasons=(_reason(option, weights[option], signals),),
        evidence=(SIGNALS,) if signals else (),
    )


def _signals(case: Case) -> dict[str, float]:
    given = case.facts.get(SIGNALS)
    if not isinstance(given, Mapping):
        return {}
    return {
        option: float(number)
        for option, number in given.items()
        if option in case.option_ids
        and isinstance(number, int | float)
        and not isinstance(number, bool)
        and math.isfinite(number)
    }


def _reason(option: str, weight: float, signals: Mapping[str, float]) -> str:
    if option in signals:
        return f"{option} weighs most ({weight:.2f}), of which the facts' signals give {signals[option]:+.2f}"
    against = [other for other, signal in signals.items() if signal < 0]
    if against:
        return f"{option} weighs most ({weight:.2f}): the facts' signals speak against {', '.join(against)}"
    return f"{option} has the highest score by the rules ({weight:.2f})"


def answer_prompt(messages: str | Sequence[Mapping[str, Any]]) -> str:
    """The answer to a crew's prompt, as JSON. ValueError if it holds no block of cases."""
    texts = [messages] if isinstance(messages, str) else [str(each.get("content") or "") for each in messages]
    answer = Verdicts(verdicts=[decide(case) for case in parse_block("\n".join(texts))])
    return json.dumps(answer.model_dump(mode="json"))


def offline_llm() -> "BaseLLM":
    """The model for CrewAI, to be used like any other."""
    return _offline_class()(model="offline")  # type: ignore[no-any-return]


@cache
def _offline_class() -> Any:
    from crewai import BaseLLM

    class OfflineLLM(BaseLLM):
        llm_type: str = "caravan-offline"

        def call(self, messages: Any, *_args: Any, **_kwargs: Any) -> str:
            return answer_prompt(messages)

        def get_context_window_size(self) -> int:
            return 1_000_000

    return OfflineLLM
