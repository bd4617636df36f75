"""The block of cases: nothing inside can close it, nothing secret is in it, and it reads back as it was."""

import json
from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from caravan_common.crews import Case, Option
from caravan_common.crews.delimiting import (
    CLOSING,
    FIELD_CHARACTERS,
    OPENING,
    parse_block,
    render_block,
    safe_cases,
    safe_value,
)


def a_case(**facts: Any) -> Case:
    options = (Option(id="a", label="first", score=0.5), Option(id="b"))
    return Case(id="1", facts=facts, options=options, recommendation="a")


def shown(case: Case) -> Case:
    [safe] = safe_cases([case])
    return safe.case


JSON_TEXT = st.text(alphabet=st.characters(exclude_categories=["C"]), max_size=60)


@given(st.dictionaries(JSON_TEXT.filter(lambda key: key != "signals"), JSON_TEXT, max_size=5))
def test_a_block_reads_back_as_the_cases_it_shows(facts: dict[str, str]) -> None:
    case = shown(a_case(**facts))

    assert parse_block(f"Judge these.\n{render_block([case])}\nBe short.") == [case]


@given(
    st.lists(
        st.sampled_from([OPENING, CLOSING, "\n", "{input}", "{tools}", "<", ">", '"', "\\", "]"]), max_size=9
    )
)
def test_nothing_inside_can_close_the_block_or_be_a_placeholder(pieces: list[str]) -> None:
    text = "".join(pieces)
    block = render_block([shown(a_case(note=text, **{text or "key": 1}))])

    assert block.count(OPENING) == block.count(CLOSING) == 1
    assert "{input}" not in block
    assert "{tools}" not in block


def test_a_field_is_cut_after_it_was_masked() -> None:
    secret = "Sommer!" * 5
    text = shown(a_case(note="x" * (FIELD_CHARACTERS - 15) + " password: " + secret)).facts["note"]

    assert len(text) <= FIELD_CHARACTERS
    assert "Som" not in text


def test_a_giant_cell_is_cut() -> None:
    assert len(shown(a_case(note="x " * 5_000_000)).facts["note"]) == FIELD_CHARACTERS


def test_invisible_characters_do_not_hide_a_secret() -> None:
    assert "Hunter2" not in shown(a_case(note="pass\u200bword\u2060: Hunter2!")).facts["note"]


def test_the_value_of_a_field_named_for_a_secret_is_masked_at_any_depth() -> None:
    facts = shown(a_case(pwd="a b c", pin=1234, config={"db": {"apiKey": ["x", "y"]}}, token=None)).facts

    assert facts == {"pwd": "***", "pin": "***", "config": {"db": {"apiKey": "***"}}, "token": None}


def test_signals_keep_their_numbers_whatever_an_option_is_called() -> None:
    case = Case(
        id="1",
        facts={"signals": {"access_key": 0.5, "password=x1": 0.25, "unknown": 1}},
        options=(Option(id="access_key"), Option(id="password=x1")),
        recommendation="access_key",
    )

    assert shown(case).facts["signals"] == {"access_key": 0.5, "option-2": 0.25}


def test_values_that_are_no_json_are_shown_as_text_or_null() -> None:
    value = {
        "when": date(2026, 3, 1),
        "nan": float("nan"),
        "big": 10**5000,
        "set": {"b", "a"},
        "bytes": b"\xff",
    }

    assert safe_value(value) == {
        "when": "2026-03-01",
        "nan": None,
        "big": None,
        "set": ["a", "b"],
        "bytes": "b'\\xff'",
    }
    json.dumps(safe_value(value), allow_nan=False)


def test_lists_and_depth_are_limited() -> None:
    nested: Any = "bottom"
    for _ in range(100):
        nested = [nested]

    assert len(safe_value(list(range(1000)))) == 50
    assert json.dumps(safe_value(nested)).count("[") == 4


def test_names_stay_distinct_when_several_need_a_stand_in() -> None:
    options = tuple(Option(id=f"token: {number}abc") for number in range(3))
    [safe] = safe_cases(
        [Case(id="1", facts={}, options=(*options, Option(id="option-2")), recommendation="x")]
    )

    assert len(safe.options) == 4
    assert set(safe.options.values()) == {option.id for option in (*options, Option(id="option-2"))}
