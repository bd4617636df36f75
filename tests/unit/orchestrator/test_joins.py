"""Records of an asset by source, told from what the inventory wrote of its joins; older inventories wrote nothing."""

from typing import Any

from caravan_orchestrator.store.reads.cells import Cells
from caravan_orchestrator.store.reads.joins import asked_keys, records

A, B = ("a.csv", "", 2), ("b.csv", "", 3)
PLACES = (A, B)
RAW: dict[Any, dict[str, Any]] = {
    A: {"source": "rvtools:0", "format": "rvtools"},
    B: {"source": "generic:1", "format": "generic"},
}
CLEAN: dict[Any, dict[str, Any]] = {A: {"source_key": "uuid-1"}, B: {"source_key": None}}


def join(kind: str, value: str) -> dict[str, Any]:
    ends = {
        "left": "generic:b",
        "left_source": "generic:1",
        "right": "rvtools:a",
        "right_source": "rvtools:0",
    }
    return {"asset_key": "rvtools:a", **ends, "kind": kind, "value": value}


def cells(*joins: dict[str, Any]) -> Cells:
    return Cells(raw=RAW, clean=CLEAN, joins=joins)


def decision(number: int, withdrawn: str | None = None) -> dict[str, Any]:
    return {"number": number, "subject": "same|x|y", "withdrawn_by": withdrawn}


def test_each_side_names_the_other_and_all_values_of_a_kind() -> None:
    told = records(PLACES, cells(join("mac", "m1"), join("mac", "m2"), join("fqdn", "f")), (), {})

    assert [(each["source"], each["format"], each["source_key"]) for each in told] == [
        ("rvtools:0", "rvtools", "uuid-1"),
        ("generic:1", "generic", None),
    ]
    for each, other in zip(told, reversed(told), strict=True):
        assert [(found["source"], found["kind"], found["values"]) for found in each["joined"]] == [
            (other["source"], "mac", ["m1", "m2"]),
            (other["source"], "fqdn", ["f"]),
        ]
    assert told[1]["rows"] == [{"file": "b.csv", "sheet": "", "row_number": 3}]


def test_an_answer_is_told_by_the_decision_that_stands() -> None:
    known = cells(join("person", "same|x|y"))
    assert asked_keys(known) == {"same|x|y"}
    decisions = [decision(1), decision(2), decision(3, withdrawn="rollback")]
    asked = {"same|x|y": {"text": "The same?", "facts": {"advice": "same", "confidence": 0.8}}}

    (first, _) = records(PLACES, known, decisions, asked)

    (found,) = first["joined"]
    assert (found["decided_by"], found["decision"]["number"], found["values"]) == ("person", 2, [])
    assert (found["question"], found["advice"]) == (
        "The same?",
        {"advice": "same", "confidence": 0.8, "reasons": None},
    )


def test_an_answer_whose_question_nobody_has_any_more_is_told_all_the_same() -> None:
    (first, _) = records(PLACES, cells(join("person", "same|x|y")), (), {})

    (found,) = first["joined"]
    assert (found["question"], found["advice"], found["decision"]) == (None, None, None)


def test_without_the_dataset_what_joined_is_unknown_and_not_nothing() -> None:
    before = records(PLACES, Cells(raw=RAW, clean=CLEAN), (), {})
    apart = records(PLACES, cells(), (), {})

    assert [each["joined"] for each in before] == [None, None]
    assert [each["joined"] for each in apart] == [[], []]


def test_rows_of_a_flow_type_that_tells_no_sources_are_in_no_record() -> None:
    raw: dict[Any, dict[str, Any]] = {A: {"cells": ["web-01"]}, B: {"source": "list", "cells": ["web-01"]}}
    (only,) = records(PLACES, Cells(raw=raw, clean={}), (), {})

    assert (only["source"], only["format"], len(only["rows"])) == ("list", "", 1)


def test_a_secret_in_an_identifier_is_shown_to_nobody() -> None:
    (first, _) = records(PLACES, cells(join("fqdn", "password: Hafen-2026!")), (), {})

    assert "Hafen-2026" not in str(first)
