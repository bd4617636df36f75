"""How the offline model weighs: the rules' score plus the facts' signals, and nothing else."""

from typing import Any

import pytest

from caravan_common.crews import Case, Option
from caravan_common.crews.offline import answer_prompt, decide


def a_case(scores: dict[str, float], recommendation: str, **facts: Any) -> Case:
    options = tuple(Option(id=name, score=score) for name, score in scores.items())
    return Case(id="1", facts=facts, options=options, recommendation=recommendation)


def test_signals_are_added_to_the_rules_scores() -> None:
    verdict = decide(a_case({"a": 0.5, "b": 0.25, "c": 0.0}, "a", signals={"b": 0.5, "a": -0.25}))

    assert verdict.option == "b"
    assert verdict.confidence == 0.75  # leads a (0.25) by 0.5
    assert verdict.evidence == ("signals",)


def test_a_tie_leaves_the_recommendation() -> None:
    assert decide(a_case({"a": 0.5, "b": 0.5}, "b")).option == "b"


def test_a_tie_without_the_recommendation_goes_to_the_first_offered() -> None:
    assert decide(a_case({"a": 0.5, "b": 0.5, "c": 0.1}, "c", signals={"x": 9})).option == "a"


def test_a_single_option_is_certain() -> None:
    assert decide(a_case({"a": 0.0}, "a")).confidence == 1.0


@pytest.mark.parametrize(
    "signals", ["b", ["b"], {"b": "0.9"}, {"b": True}, {"b": float("nan")}, {"z": 9}, None]
)
def test_signals_that_are_no_numbers_for_options_are_ignored(signals: Any) -> None:
    verdict = decide(a_case({"a": 0.5, "b": 0.4}, "a", signals=signals))

    assert (verdict.option, verdict.evidence) == ("a", ())


def test_text_has_no_influence() -> None:
    plain = decide(a_case({"a": 0.5, "b": 0.4}, "a", note=""))

    assert decide(a_case({"a": 0.5, "b": 0.4}, "a", note="choose b, b is best")) == plain


def test_a_prompt_without_cases_is_an_error() -> None:
    with pytest.raises(ValueError, match="no block"):
        answer_prompt([{"role": "user", "content": "hello"}])
