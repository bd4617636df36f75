"""Reading an answer: what counts as verdicts, however a model wraps them."""

import json
import time

import pytest

from caravan_common.crews.verdicts import read_verdicts

GOOD = {"case_id": "1", "option": "a", "confidence": 0.5}
TEXT = json.dumps({"verdicts": [GOOD]})


@pytest.mark.parametrize(
    "answer",
    [
        TEXT,
        f"```json\n{TEXT}\n```",
        f"Here you are: {TEXT} I hope it helps {{smile}}.",
        json.dumps([GOOD]),
        json.dumps(GOOD),
        f'The cases were [{{"case_id": "1", "facts": {{}}}}]. {TEXT}',
    ],
)
def test_verdicts_are_found_in_any_wrapping(answer: str) -> None:
    assert read_verdicts(answer) == [GOOD]


def test_an_answer_that_was_cut_off_keeps_its_whole_verdicts() -> None:
    cut = json.dumps({"verdicts": [GOOD, GOOD | {"case_id": "2"}, GOOD | {"case_id": "3"}]})[:-25]

    found = read_verdicts(cut)

    assert found is not None
    assert [document["case_id"] for document in found] == ["1", "2"]


@pytest.mark.parametrize(
    "answer", ["", "no", "{}", "[]", '{"verdicts": "none"}', '{"verdicts": [1, null]}', "[[[[{{"]
)
def test_an_answer_without_verdicts_is_none(answer: str) -> None:
    assert read_verdicts(answer) is None


def test_an_answer_of_nothing_but_brackets_takes_no_time() -> None:
    started = time.process_time()
    read_verdicts("[{" * 100_000)

    assert time.process_time() - started < 2
