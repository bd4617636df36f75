"""An edit is answered with what it would cause; accepted, it makes a new version; and an earlier one comes back."""

import time
from collections.abc import Callable
from pathlib import Path
from uuid import UUID, uuid4

from tests.integration.plans.conftest import Plans
from tests.support.processor_time import processor_seconds


def move(application: str, wave: int) -> dict[str, object]:
    return {"move": {"application": application, "wave": wave}}


async def test_an_edit_is_answered_with_what_it_would_cause_and_changes_nothing(plans: Plans) -> None:
    flow = await plans.make()
    version = await plans.version(flow)
    edit = await plans.answered(version, await plans.ask(version, move("app:002", 1)))
    assert edit["status"] == "answered"
    assert edit["violations"] == {"capacity": ["wave 1 holds more than 20 days"]}
    assert (edit["cut_before"], edit["cut_after"]) == (1.0, 1.0)
    assert edit["load"] == [{"wave": 1, "effort": 30.0}, {"wave": 2, "effort": 10.0}]
    assert edit["dates"][0] == {"wave": 1, "starts": "2026-01-05"}
    assert await plans.version(flow) == version
    shown = await plans.ann.json("GET", f"/flows/{flow}")
    assert (shown["status"], shown["stale"]) == ("completed", False)
    events = (await plans.ann.json("GET", f"/flows/{flow}/events", params={"limit": 500}))["items"]
    told = [event["data"] for event in events if event["type"] == "caravan.edit.answered"]
    assert told == [{"edit_id": edit["edit_id"], "phase": "editor", "violations": 1}]


async def test_five_hundred_applications_are_answered_within_two_seconds(
    plans: Plans, say: Callable[[str], None]
) -> None:
    """Of processor time: how long it takes beside other work says little."""
    flow = await plans.make(applications=500)
    version = await plans.version(flow)
    began, used = time.monotonic(), processor_seconds()
    edit_id = await plans.ask(version, move("app:499", 3))
    await plans.answered(version, edit_id)
    took, used = time.monotonic() - began, processor_seconds() - used
    say(f"500 applications: answered within {took:.2f} s, {used:.2f} s of processor time")
    assert used < 2


async def test_an_accepted_edit_makes_the_next_version_and_the_one_before_is_kept(plans: Plans) -> None:
    flow = await plans.make()
    first = await plans.version(flow)
    second = await plans.accept(flow, move("app:003", 3))
    third = await plans.accept(flow, move("app:000", 2))
    assert (await plans.waves(first))["app:003"] == 2
    assert await plans.waves(third) == {"app:000": 2, "app:001": 1, "app:002": 2, "app:003": 3}
    compared = await plans.ann.json("POST", f"/wave-plans/{first}/edits:compare", json={"with": second})
    assert [row["application"] for row in compared["differences"]] == ["app:003"]
    assert compared["differences"][0]["before"] == {"wave": 2, "starts": "2026-02-02"}
    assert (compared["before"]["cut"], compared["after"]["cut"]) == (1.0, 2.0)
    assert compared["after"]["load"][-1] == {"wave": 3, "units": 1, "effort": 10.0}
    read = await plans.ann.json("GET", f"/wave-plans/{first}")
    assert (read["in_force"], read["violations"], len(read["calendar"])) == (False, None, 3)
    read = await plans.ann.json("GET", f"/wave-plans/{third}")
    assert (read["in_force"], read["violations"]) == (True, {"capacity": 0})


async def test_an_earlier_version_comes_back_as_a_decision_and_later_edits_go_on_from_it(
    plans: Plans,
) -> None:
    flow = await plans.make()
    first = await plans.version(flow)
    await plans.accept(flow, move("app:003", 3))
    answer = await plans.ann.json("POST", f"/wave-plans/{first}/edits:restore", 202)
    assert answer["decision"]["value"]["restore"] == first
    await plans.done(flow)
    restored = await plans.version(flow)
    assert restored != first
    hashes = [(await plans.ann.json("GET", f"/datasets/{id_}"))["sha256"] for id_ in (first, restored)]
    assert hashes[0] == hashes[1]
    assert await plans.waves(await plans.accept(flow, move("app:000", 2))) == {
        "app:000": 2,
        "app:001": 1,
        "app:002": 2,
        "app:003": 2,
    }
    code = await plans.ann.code(
        "POST", f"/wave-plans/{await plans.version(flow)}/edits:restore", 409, json={}
    )
    assert code == "plan_in_force"


async def test_a_rollback_of_the_editor_withdraws_the_edits(plans: Plans) -> None:
    flow = await plans.make()
    first = await plans.waves(await plans.version(flow))
    await plans.accept(flow, move("app:003", 3))
    plan = await plans.ann.json(
        "POST", f"/flows/{flow}/rollbacks:plan", json={"kind": "phase", "phase": "editor"}
    )
    assert len(plan["decisions"]) == 1
    body = {"kind": "phase", "phase": "editor", "digest": plan["digest"], "reason": "wrong"}
    await plans.ann.json("POST", f"/flows/{flow}/rollbacks", 202, json=body)
    await plans.platform.reach(UUID(flow), "waiting")
    await plans.ann.json("POST", f"/flows/{flow}/phases/editor/execute", 202)
    await plans.done(flow)
    assert await plans.waves(await plans.version(flow)) == first


async def test_what_the_service_cannot_do_is_said_in_its_words_and_fails_nothing(plans: Plans) -> None:
    flow = await plans.make()
    version = await plans.version(flow)
    edit = await plans.answered(version, await plans.ask(version, move("app:nowhere", 1)))
    assert (edit["status"], edit["error"]["code"]) == ("failed", "edit_unknown")
    body = {"edit_id": edit["edit_id"]}
    assert (
        await plans.ann.code("POST", f"/wave-plans/{version}/edits:accept", 409, json=body) == "edit_not_open"
    )
    assert (await plans.ann.json("GET", f"/flows/{flow}"))["status"] == "completed"


async def test_an_edit_whose_process_is_killed_is_evaluated_again(plans: Plans, tmp_path: Path) -> None:
    flow = await plans.make(dies_once=str(tmp_path / "died"))
    version = await plans.version(flow)
    edit = await plans.answered(version, await plans.ask(version, move("app:003", 3)))
    assert (edit["status"], (tmp_path / "died").exists()) == ("answered", True)
    attempts = (await plans.ann.json("GET", f"/flows/{flow}/attempts", params={"kind": "edit"}))["items"]
    assert [(row["retries"], row["status"]) for row in attempts] == [(1, "succeeded")]


async def test_an_edit_is_settled_once_and_only_of_the_version_in_force(plans: Plans) -> None:
    flow = await plans.make()
    version = await plans.version(flow)
    dropped, kept, late = [await plans.ask(version, move("app:003", 3)) for _ in range(3)]
    for edit_id in (dropped, kept, late):
        await plans.answered(version, edit_id)
    path = f"/wave-plans/{version}"
    for _ in range(2):
        await plans.ann("POST", f"{path}/edits:discard", 204, json={"edit_id": dropped})
    assert (
        await plans.ann.code("POST", f"{path}/edits:accept", 409, json={"edit_id": dropped})
        == "edit_not_open"
    )
    await plans.ann.json("POST", f"{path}/edits:accept", 202, json={"edit_id": kept})
    await plans.done(flow)
    assert (await plans.answered(version, kept))["status"] == "accepted"
    assert (
        await plans.ann.code("POST", f"{path}/edits:accept", 409, json={"edit_id": kept}) == "edit_not_open"
    )
    assert await plans.ann.code("POST", f"{path}/edits:accept", 409, json={"edit_id": late}) == "plan_changed"
    body = {"edits": [move("app:003", 3)]}
    assert await plans.ann.code("POST", f"{path}/edits:check", 409, json=body) == "plan_changed"
    unknown = {"edit_id": str(uuid4())}
    assert await plans.ann.code("POST", f"{path}/edits:accept", 404, json=unknown) == "not_found"


async def test_a_lock_is_kept_when_the_waves_are_planned_anew(plans: Plans) -> None:
    flow = await plans.make()
    await plans.accept(flow, {"lock": {"application": "app:001"}})
    body = {"treatment": "retain", "reason": "the contract runs on", "learn": False}
    await plans.ann.json("PUT", "/applications/app:000/treatment", json=body, params={"flow": flow})
    await plans.ann.json("POST", f"/flows/{flow}/refresh", 202)
    await plans.done(flow)
    phases = {p["name"]: p for p in (await plans.ann.json("GET", f"/flows/{flow}"))["phases"]}
    assert phases["wave_planning"]["summary"] == {"locked": 1}
