"""A person's treatment wins on the next run, is learned, and goes when the phase is rolled back."""

from uuid import UUID

from tests.integration.plans.conftest import Plans

RETAIN = {"treatment": "retain", "reason": "the contract runs on", "learn": False}


async def _treatment(plans: Plans, flow: str, key: str) -> str:
    found = await plans.ann.json("GET", "/treatments", params={"flow": flow, "q": key})
    return str(next(row["treatment"] for row in found["items"] if row["natural_key"] == key))


async def test_an_override_changes_the_plan_on_the_next_run_and_not_before(plans: Plans) -> None:
    flow = await plans.make()
    before = await plans.waves(await plans.version(flow))
    answer = await plans.ann.json(
        "PUT", "/applications/app:000/treatment", json=RETAIN, params={"flow": flow}
    )
    assert answer["stale"] == ["treatment", "wave_planning", "editor"]
    assert await plans.waves(await plans.version(flow)) == before
    listed = await plans.ann.json("GET", "/treatments", params={"flow": flow})
    assert listed["items"][0]["decision"]["pending"] is True
    await plans.ann.json("POST", f"/flows/{flow}/refresh", 202)
    await plans.done(flow)
    assert await plans.waves(await plans.version(flow)) == {
        "app:000": None,
        "app:001": 1,
        "app:002": 1,
        "app:003": 2,
    }


async def test_the_asset_of_the_application_names_it_as_well(plans: Plans) -> None:
    flow = await plans.make()
    asset = (await plans.ann.json("GET", "/assets", params={"estate": flow}))["items"][1]
    answer = await plans.ann.json("PUT", f"/applications/{asset['id']}/treatment", json=RETAIN)
    assert answer["application"] == "app:001"
    await plans.platform.settled()
    assert (await plans.ann.json("GET", f"/assets/{asset['id']}"))["treatment"] == "retain"


async def test_what_a_person_chose_is_learned_for_the_next_flow(plans: Plans) -> None:
    flow = await plans.make(applications=6)
    body = {**RETAIN, "treatment": "retire", "learn": True}
    await plans.ann.json("PUT", "/applications/app:005/treatment", json=body, params={"flow": flow})
    learned = (await plans.ann.json("GET", "/learned-patterns"))["items"]
    pattern = next(row for row in learned if row["kind"] == "treatment")
    assert (pattern["pattern"], pattern["value"]) == ("Service 005", "retire")
    assert await _treatment(plans, await plans.make(applications=6), "app:005") == "retire"


async def test_a_rollback_of_the_treatment_withdraws_the_choice(plans: Plans) -> None:
    flow = await plans.make()
    await plans.ann.json("PUT", "/applications/app:002/treatment", json=RETAIN, params={"flow": flow})
    await plans.ann.json("POST", f"/flows/{flow}/refresh", 202)
    await plans.done(flow)
    assert await _treatment(plans, flow, "app:002") == "retain"
    asked = {"kind": "phase", "phase": "treatment"}
    plan = await plans.ann.json("POST", f"/flows/{flow}/rollbacks:plan", json=asked)
    body = {**asked, "digest": plan["digest"], "reason": "wrong"}
    await plans.ann.json("POST", f"/flows/{flow}/rollbacks", 202, json=body)
    await plans.platform.reach(UUID(flow), "waiting")
    await plans.ann.json("POST", f"/flows/{flow}/phases/treatment/execute", 202)
    await plans.done(flow)
    assert await _treatment(plans, flow, "app:002") == "rehost"


async def test_treatments_are_sorted_filtered_and_paged(plans: Plans) -> None:
    flow = await plans.make(applications=5)
    pages = await plans.ann.pages("/treatments", flow=flow, sort="-confidence", limit=2, fields="confidence")
    keys = [row["natural_key"] for page in pages for row in page]
    assert [len(page) for page in pages] == [2, 2, 1]
    assert keys == sorted(keys, reverse=True)
    contested = await plans.ann.json("GET", "/treatments", params={"flow": flow, "contested": True})
    assert [row["natural_key"] for row in contested["items"]] == ["app:000"]
    assert (
        await plans.ann.code("GET", "/treatments", 422, params={"flow": flow, "sort": "x"}) == "unknown_field"
    )


async def test_what_no_treatment_is_called_is_refused(plans: Plans) -> None:
    flow = await plans.make()
    path = "/applications/app:000/treatment"
    wrong = {**RETAIN, "treatment": "burn"}
    assert await plans.ann.code("PUT", path, 422, json=wrong, params={"flow": flow}) == "invalid_request"
    missing = "/applications/app:999/treatment"
    assert await plans.ann.code("PUT", missing, 404, json=RETAIN, params={"flow": flow}) == "not_found"


async def test_planning_lists_are_empty_until_there_is_a_plan(plans: Plans) -> None:
    flow = await plans.make()
    for name in ("resources", "targets", "costs"):
        found = await plans.ann.json("GET", f"/{name}", params={"flow": flow})
        assert (found["items"], found["dataset_id"]) == ([], None)
