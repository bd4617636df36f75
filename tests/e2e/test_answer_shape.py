"""Every key of `caravan run --json` that scripts rely on, with what may stand under it. More may come, none may go."""

from collections.abc import Iterator
from typing import Any, Final
from uuid import UUID

import pytest

from tests.e2e.conftest import Harbour

Number = (int, float)
Maybe = (int, float, type(None))
DECIDERS = {"rule": int, "crew": int, "learned": int, "person": int}
OPTIONS = ("rehost", "replatform", "refactor", "rearchitect", "rewrite", "replace", "retire", "retain")
METHODS = ("format", "learned", "synonym", "fuzzy", "profile", "crew", "person", "none")
VIOLATIONS = ("precedence", "capacity", "window", "must_together", "unassigned")
# A type or types; a list of the shape of each entry; a mapping of keys, or under `any` of whatever keys there are.
SHAPE: Final[dict[str, Any]] = {
    "seconds": Number,
    "flows": [
        {
            "id": str,
            "flow_type": str,
            "status": str,
            "phases": [{"name": str, "status": str, "seconds": Number, "decided_by": DECIDERS}],
        }
    ],
    "imports": [
        {
            "file": str,
            "sheet": (str, type(None)),
            "format": str,
            "rows": int,
            "accepted": int,
            "rejected": int,
            "reasons": {any: int},
        }
    ],
    "mappings": [
        {
            "file": str,
            "sheet": (str, type(None)),
            "column": str,
            "attribute": (str, type(None)),
            "confidence": Number,
            "method": str,
        }
    ],
    "assets": {"total": int, "by_type": {any: int}, "migration_targets": int, "not_targets": {any: int}},
    "conflicts": int,
    "gaps": int,
    "open_questions": int,
    "dependencies": {"edges": int, "groups": int, "shared_services": int},
    "tech_debt": dict.fromkeys(
        ("unsupported", "ending_12_months", "supported", "unknown", "idle", "zombie"), int
    ),
    "treatments": {"counts": {any: int}, "contested": int, "overridden": int},
    "waves": {
        "count": int,
        "units": int,
        "unplaceable": list,
        "load": [{"wave": int, "effort": Number, "capacity": Maybe}],
        "cut_weight": Number,
        "violations": dict.fromkeys(VIOLATIONS, int),
    },
    "schedule": {"makespan_days": int, "lower_bound_days": int, "status": str},
    "cost": {
        "currency": str,
        "today": Maybe,
        "like_for_like": Maybe,
        "right_sized": Maybe,
        "managed": Maybe,
        "unknown_assets": int,
    },
}


def faults(value: Any, shape: Any, where: str) -> Iterator[str]:
    """Where the value is not of the shape."""
    if isinstance(shape, list):
        if not isinstance(value, list):
            yield f"{where} is no list"
            return
        for number, entry in enumerate(value):
            yield from faults(entry, shape[0], f"{where}[{number}]")
    elif isinstance(shape, dict):
        if not isinstance(value, dict):
            yield f"{where} is no mapping"
            return
        for key, of in ((key, shape[any]) for key in value) if any in shape else shape.items():
            if key in value:
                yield from faults(value[key], of, f"{where}.{key}")
            else:
                yield f"{where}.{key} is missing"
    elif not isinstance(value, shape) or isinstance(value, bool):
        yield f"{where} is {value!r}"


def test_every_key_that_scripts_rely_on_is_there(harbour: Harbour) -> None:
    assert list(faults(harbour.answer, SHAPE, "answer")) == []


def test_what_is_counted_adds_up(harbour: Harbour) -> None:
    answer = harbour.answer
    for entry in answer["imports"]:
        assert entry["rows"] == entry["accepted"] + entry["rejected"]
        assert entry["rejected"] == sum(entry["reasons"].values())
        assert entry["format"] not in ("ignored", "unreadable") or entry["reason"]
    assert answer["assets"]["total"] == sum(answer["assets"]["by_type"].values())
    assert sum(answer["treatments"]["counts"].values()) == answer["waves"]["units"]
    assert {entry["method"] for entry in answer["mappings"]} <= set(METHODS)
    assert all(0 <= entry["confidence"] <= 1 for entry in answer["mappings"])
    assert set(answer["treatments"]["counts"]) <= set(OPTIONS)


def test_each_wave_that_is_counted_has_a_load_within_its_capacity(harbour: Harbour) -> None:
    waves = harbour.answer["waves"]
    assert len(waves["load"]) == waves["count"]
    assert [each["wave"] for each in waves["load"]] == sorted({each["wave"] for each in waves["load"]})
    assert all(0 < each["effort"] <= (each["capacity"] or each["effort"]) for each in waves["load"])


def test_people_are_asked_no_more_than_a_few_questions_a_phase(harbour: Harbour) -> None:
    assert harbour.answer["open_questions"] <= 40


def test_keys_of_flows_that_did_not_run_are_absent(harbour: Harbour) -> None:
    assert "execution" not in harbour.answer
    assert [UUID(flow["id"]).version for flow in harbour.answer["flows"]] == [7, 7, 7]


@pytest.mark.parametrize("broken", [{}, {"seconds": "12"}, {"seconds": 1, "flows": [{"id": 1}]}])
def test_a_key_that_is_missing_or_of_another_kind_would_be_seen(broken: dict[str, Any]) -> None:
    assert list(faults(broken, SHAPE, "answer"))
