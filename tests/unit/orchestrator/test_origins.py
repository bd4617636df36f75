"""What part each cell has in an attribute's value."""

from typing import Any

import pytest

from caravan_orchestrator.store.reads.cells import Cells
from caravan_orchestrator.store.reads.origins import origins

A, B = ("a.csv", "", 2), ("b.csv", "", 7)


def target(
    index: int, column: str, how: str = "mapped", rank: int = 1, fills: str = "memory_gb"
) -> dict[str, Any]:
    return {
        "column_index": index,
        "column": column,
        "attribute": "memory_gb",
        "target": fills,
        "how": how,
        "rank": rank,
    }


def cells(**changes: Any) -> Cells:
    """Two files that say the memory of one machine."""
    row = {"file_sha256": "f" * 64, "source": "s", "format": "generic"}
    known: dict[str, Any] = {
        "raw": {A: {**row, "cells": ["web", "16384"]}, B: {**row, "cells": ["web", "32"]}},
        "clean": {A: {"memory_gb": 16.0}, B: {"memory_gb": 32.0}},
        "targets": {A[:2]: [target(1, "Memory (MB)")], B[:2]: [target(1, "RAM")]},
    }
    return Cells(**known | changes)


def traced(known: Cells, value: Any = 16.0, decisions: Any = ()) -> dict[str, Any]:
    (found,) = origins({"memory_gb": value}, ["memory_gb"], ["a.csv##2", "b.csv##7"], known, decisions)
    return found


def roles(found: dict[str, Any]) -> list[tuple[str, str]]:
    return [(cell["old"], cell["role"]) for cell in found["cells"]]


def test_in_a_conflict_each_cell_is_winner_or_loser_by_its_row() -> None:
    conflict = {
        "natural_key": "k#memory_gb",
        "winner": "16.0",
        "winner_source": "s",
        "winner_row": "a.csv##2",
        "losers": ["32.0"],
        "loser_rows": ["b.csv##7"],
        "reason": "newer",
        "decided_by": "rule",
    }
    found = traced(cells(conflicts={"memory_gb": conflict}))
    assert roles(found) == [("16384", "winner"), ("32", "loser")]
    assert found["conflict"]["reason"] == "newer"


def test_one_filled_cell_wins_and_several_agree() -> None:
    assert roles(traced(cells())) == [("16384", "agrees"), ("32", "agrees")]
    assert roles(traced(cells(clean={A: {"memory_gb": 16.0}, B: {}}))) == [
        ("16384", "winner"),
        ("32", "no_value"),
    ]


def test_parts_are_summed_and_what_they_replace_was_not_needed() -> None:
    disks = {A[:2]: [target(1, "Provisioned")], B[:2]: [target(1, "Capacity", "sum_of_parts", 0, "part")]}
    found = traced(cells(targets=disks, clean={A: {"memory_gb": 99.0}, B: {"part": 32.0}}), 32.0)
    assert roles(found) == [("16384", "not_needed"), ("32", "part")]


def test_a_blank_cell_says_nothing() -> None:
    blank = cells().raw[B] | {"cells": ["web", "  "]}
    assert [old for old, _ in roles(traced(cells(raw={A: cells().raw[A], B: blank})))] == ["16384"]


@pytest.mark.parametrize(("value", "origin"), [(16.0, "computed"), (None, "unknown")])
def test_what_no_cell_says_was_computed_or_is_unknown(value: Any, origin: str) -> None:
    assert traced(Cells(), value)["origin"] == origin


def test_an_override_stands_above_every_cell_until_it_is_withdrawn() -> None:
    said = {"kind": "override", "subject": "k", "value": {"memory_gb": 8}, "withdrawn_by": None}
    assert traced(cells(), decisions=[said])["origin"] == "person"
    assert traced(cells(), decisions=[said | {"withdrawn_by": "r"}])["origin"] == "cells"
    other = said | {"value": {"name": "x"}}
    assert traced(cells(), decisions=[other])["decisions"] == []


def test_changes_are_those_that_began_with_the_cell() -> None:
    change = {"attribute": "memory_gb", "rule": "unit", "old": "16384", "new": "16.0"}
    other = change | {"old": "8192"}
    whole = {"attribute": "memory_gb", "rule": "MiB", "old": None, "new": None}
    found = traced(cells(changes={A: [change, other]}, uniform={A[:2]: [whole]}))
    assert [(c["rule"], c["old"]) for c in found["cells"][0]["changes"]] == [("unit", "16384"), ("MiB", None)]
