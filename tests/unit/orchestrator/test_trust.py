"""Who may speak for a flow type, without a broker."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from caravan_orchestrator.usecases.refusals import (
    ANNOUNCED_QUIET_SECONDS,
    QUIET_SECONDS,
    Refusal,
    Refusals,
)
from caravan_orchestrator.usecases.trust import SAID_BY, Everybody, Mapped


class Mapping:
    """The deployment's, and how often it was read."""

    def __init__(self, **users: str) -> None:
        self.users, self.reads = users, 0

    async def __call__(self) -> dict[str, str]:
        self.reads += 1
        return dict(self.users)


def delivery(user: str, **headers: str) -> Any:
    return cast(Any, SimpleNamespace(user_id=user, headers=headers))


async def test_who_is_waited_for_costs_no_query_and_a_new_one_counts_at_once() -> None:
    mapping = Mapping(discovery="discovery")
    trust = Mapped(mapping, own="orchestrator")
    await trust.refresh()
    for _ in range(100):
        assert await trust.may_speak("discovery", "discovery")
    assert mapping.reads == 1
    assert not await trust.may_speak("discovery", "planning")
    mapping.users["planning"] = "planner"
    assert await trust.may_speak("planner", "planning")


async def test_who_was_removed_counts_until_the_next_look_and_no_longer() -> None:
    mapping = Mapping(discovery="discovery")
    trust = Mapped(mapping, own="orchestrator")
    await trust.refresh()
    mapping.users.clear()
    await trust.refresh()
    assert not await trust.may_speak("discovery", "discovery")


async def test_nobody_speaks_for_a_type_without_a_user() -> None:
    trust = Mapped(Mapping(), own="orchestrator")
    assert not await trust.may_speak(None, "discovery")
    assert not await trust.may_speak("orchestrator", "discovery")


def test_only_an_orchestrator_says_whose_word_a_parked_message_is() -> None:
    trust = Mapped(Mapping(), own="orchestrator")
    assert trust.speaker(delivery("orchestrator", **{SAID_BY: "discovery"})) == "discovery"
    assert trust.speaker(delivery("planner", **{SAID_BY: "discovery"})) == "planner"
    assert not trust.is_own("planner")


async def test_in_the_open_mode_everybody_speaks() -> None:
    assert await Everybody().may_speak(None, "discovery")


async def test_like_refusals_within_a_minute_are_one_entry(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[Refusal] = []
    now = 1000.0

    async def write(refusal: Refusal) -> None:
        written.append(refusal)

    refusals = Refusals(cast(Any, None), lambda: now)
    monkeypatch.setattr(refusals, "_write", write)
    forged, other = Refusal("wrong_user", "x", "PhaseCompleted", "a"), Refusal("old_epoch", "x", "T", "a")
    for _ in range(5):
        await refusals.record(forged)
    await refusals.record(other)
    assert written == [forged, other]
    now += QUIET_SECONDS - 1
    await refusals.record(forged)
    assert len(written) == 2
    now += 2
    await refusals.record(forged)
    assert written == [forged, other, forged]


async def test_what_is_announced_every_minute_and_refused_is_an_entry_an_hour(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    written: list[Refusal] = []
    now = 1000.0

    async def write(refusal: Refusal) -> None:
        written.append(refusal)

    refusals = Refusals(cast(Any, None), lambda: now)
    monkeypatch.setattr(refusals, "_write", write)
    forged = Refusal("wrong_user", "x", "FlowTypeAnnounced", "planning")
    for _ in range(round(ANNOUNCED_QUIET_SECONDS / 60)):
        await refusals.record(forged)
        now += 60
    assert written == [forged]
    await refusals.record(forged)
    assert written == [forged, forged]
