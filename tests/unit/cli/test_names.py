"""Applications are named as people name them, and what is not found is told with what may be meant."""

import asyncio
from typing import Any, cast

import pytest

from caravan.api import Api
from caravan.commands.gateway import is_key, key_of
from caravan.commands.waves import _by_key
from caravan.failures import BadInput

ROWS = [
    {"natural_key": "mpa:application:a1", "name": "Customer Portal"},
    {"natural_key": "mpa:application:a2", "name": "Billing"},
    {"natural_key": "cmdb:application:b2", "name": "Billing"},
    {"natural_key": "group:9", "name": None},
]


@pytest.mark.parametrize("given", ["mpa:application:a1", "Customer Portal", " customer portal "])
def test_a_key_or_the_only_one_of_a_name_is_found(given: str) -> None:
    assert key_of(given, ROWS, "caravan treatment list") == "mpa:application:a1"


def test_a_name_that_several_have_is_refused_with_their_keys() -> None:
    with pytest.raises(BadInput, match=r"2 are called 'Billing'.*mpa:application:a2, cmdb:application:b2"):
        key_of("Billing", ROWS, "caravan treatment list")


def test_a_name_that_nobody_has_is_refused_with_what_may_be_meant() -> None:
    with pytest.raises(BadInput, match=r"called 'Custmer Portal' \(Customer Portal\?\); see `caravan treat"):
        key_of("Custmer Portal", ROWS, "caravan treatment list")


def test_ids_and_natural_keys_are_no_names() -> None:
    assert is_key("01a2001a-faa5-725e-8983-28fc07620a51")
    assert is_key("mpa:application:a1")
    assert not is_key("Customer Portal")


class Plan:
    """A wave plan of two pages."""

    asked = 0

    async def get(self, path: str, **query: Any) -> dict[str, Any]:
        self.asked += 1
        first = "cursor" not in query
        return {"items": ROWS[:1] if first else ROWS[1:], "next_cursor": "more" if first else None}


def test_edits_name_applications_by_key_whatever_people_gave() -> None:
    plan = Plan()
    edits = [
        {"move": {"application": "Customer Portal", "wave": 3}},
        {"split": {"wave": 1, "applications": ["group:9", "Customer Portal"]}},
        {"merge": {"waves": [1, 2]}},
    ]
    named = asyncio.run(_by_key(cast("Api", plan), "/wave-plans/v", edits, "F"))
    assert named[0]["move"] == {"application": "mpa:application:a1", "wave": 3}
    assert named[1]["split"]["applications"] == ["group:9", "mpa:application:a1"]
    assert plan.asked == 2


def test_where_all_are_keys_the_plan_is_not_read() -> None:
    plan = Plan()
    edits = [{"lock": {"application": "mpa:application:a1"}}]
    assert asyncio.run(_by_key(cast("Api", plan), "/wave-plans/v", edits, "F")) == edits
    assert plan.asked == 0
