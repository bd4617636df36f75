"""What makes two spellings one pattern, and what the key of a column says of its header."""

import pytest

from caravan_orchestrator.usecases.corrections import taught_by
from caravan_orchestrator.usecases.learning import Taught, header_of


@pytest.mark.parametrize("spelling", ["RAM (max.)", "ram max", "  Ram-Max ", "RAM_MAX"])
def test_case_blanks_and_punctuation_make_no_other_pattern(spelling: str) -> None:
    assert Taught("mapping", spelling, "memory_gb").normal_form == "ram max"


def test_a_header_of_signs_alone_is_itself() -> None:
    assert Taught("mapping", "#", "name").normal_form == "#"


def test_capitals_make_no_other_german_word() -> None:
    written = [Taught("mapping", word, "memory_gb").normal_form for word in ("Größe", "GRÖSSE", "größe")]
    assert len(set(written)) == 1


@pytest.mark.parametrize(
    ("key", "header"),
    [
        ("fleet.csv##0|Host", "Host"),
        ("a|b#c.xlsx#Sheet 1#12|CPU | cores", "CPU | cores"),
        ("fleet.csv##3|", ""),
        ("web-01", None),
    ],
)
def test_the_header_stands_at_the_end_of_a_columns_key(key: str, header: str | None) -> None:
    assert header_of(key) == header


def test_a_column_without_a_canonical_meaning_is_taught_as_custom() -> None:
    taught = taught_by("fleet.csv##0|Zz9", None, None)
    assert taught is not None
    assert (taught.kind, taught.pattern, taught.value) == ("mapping", "Zz9", "custom")
    assert taught_by("host:web-01", "name", None) is None
