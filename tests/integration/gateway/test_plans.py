"""Schedules, teams, targets and costs as planning made them; and who may edit waves."""

from typing import Any

from caravan_common.contracts import EditEvaluated, EvaluateEdit, Tenant, decode, new_id
from caravan_orchestrator.usecases.intake import take_in
from tests.integration.gateway.client import Client, Gateway, Worker
from tests.integration.gateway.objects import planned_waves
from tests.integration.gateway.planned import (
    COSTS,
    RESOURCES,
    TARGETS,
    TASKS,
    costs,
    resources,
    targets,
    tasks,
)

MOVE = {"edits": [{"move": {"application": "app:003", "wave": 1}}]}


async def test_what_planning_made_is_listed_with_unknown_as_null(ann: Client, worker: Worker) -> None:
    flow = (await ann.create(flow_type="planned"))["id"]
    said = {"schedule": {"makespan_days": 9, "lower_bound_days": 9, "status": "optimal"}}
    await worker.complete(flow, [(TASKS, tasks())], summary=said)
    await worker.complete(flow, [(RESOURCES, resources())])
    await worker.complete(flow, [(TARGETS, targets()), (COSTS, costs())])
    datasets = (await ann.json("GET", f"/flows/{flow}/datasets"))["items"]
    version = next(row["id"] for row in datasets if row["name"] == "tasks")
    shown = await ann.json("GET", f"/schedules/{version}", params={"sort": "-starts"})
    assert [row["natural_key"] for row in shown["items"]] == ["app:a:cutover", "app:a:prepare"]
    assert (shown["in_force"], shown["summary"], shown["rows"]) == (True, said, 2)
    found = await ann.json("GET", "/targets", params={"flow": flow})
    assert [row["monthly_cost"] for row in found["items"]] == [12.5, None]
    assert (await ann.json("GET", "/costs", params={"flow": flow}))["items"][0]["price_date"] == "2023-01-01"
    found = await ann.json("GET", "/resources", params={"flow": flow, "fields": "capacity"})
    assert found["items"][1] == {"natural_key": "team:net", "capacity": None}
    other = next(row["id"] for row in datasets if row["name"] == "targets")
    assert await ann.code("GET", f"/schedules/{other}", 404) == "not_found"


async def test_owners_of_teams_are_shown_to_those_who_run_flows(
    gateway: Gateway, tenant: Tenant, ann: Client, worker: Worker
) -> None:
    flow = (await ann.create(flow_type="planned"))["id"]
    await worker.complete(flow, [(TASKS, tasks())])
    await worker.complete(flow, [(RESOURCES, resources())])
    viewer = gateway.client(tenant, "viewer")
    seen = [
        (await each.json("GET", "/resources", params={"flow": flow}))["items"][0] for each in (ann, viewer)
    ]
    assert seen[0]["owner"] == "Ann"
    assert seen[1]["owner"] != "Ann"


async def test_who_only_reads_compares_but_does_not_edit(
    gateway: Gateway, tenant: Tenant, ann: Client, worker: Worker
) -> None:
    version = (await planned_waves(ann, worker))["version"]
    viewer = gateway.client(tenant, "viewer")
    body = {"with": version}
    assert (await viewer.json("POST", f"/wave-plans/{version}/edits:compare", json=body))["differences"] == []
    for verb, sent in (("check", MOVE), ("accept", {"edit_id": version}), ("restore", {})):
        path = f"/wave-plans/{version}/edits:{verb}"
        assert await viewer.code("POST", path, 403, json=sent) == "forbidden"


async def test_a_repeated_request_asks_once_and_an_older_state_is_refused(
    ann: Client, worker: Worker
) -> None:
    made = await planned_waves(ann, worker)
    path = f"/wave-plans/{made['version']}/edits:check"
    before = (await ann.json("GET", f"/flows/{made['flow_id']}"))["etag"]
    once = {"Idempotency-Key": "one"}
    asked = [await ann.json("POST", path, 202, json=MOVE, headers=once) for _ in range(2)]
    assert asked[0] == asked[1]
    attempts = await ann.json("GET", f"/flows/{made['flow_id']}/attempts", params={"kind": "edit"})
    assert [row["id"] for row in attempts["items"]] == [asked[0]["edit_id"]]
    stale = {"If-Match": f'"{before}"'}
    assert await ann.code("POST", path, 412, json=MOVE, headers=stale) == "version_mismatch"


async def test_the_command_carries_the_plan_and_what_stands_in_it_by_now(
    gateway: Gateway, tenant: Tenant, ann: Client, worker: Worker
) -> None:
    made = await planned_waves(ann, worker)
    path = f"/wave-plans/{made['version']}"
    edit_id = (await ann.json("POST", f"{path}/edits:check", 202, json=MOVE))["edit_id"]
    command = await _command(gateway, tenant, made["flow_id"])
    assert (command.phase, str(command.edit_id), command.base.manifest.name) == ("editor", edit_id, "waves")
    assert list(command.edits) == MOVE["edits"]
    names = {ref.manifest.name for ref in command.inputs}
    assert names == {"wave_assignments", "wave_calendar", "application_edges"}
    await _answer(gateway, tenant, command, {"violations": {"capacity": []}, "cut_before": 1, "cut_after": 2})
    assert (await ann.json("GET", f"{path}/edits/{edit_id}"))["cut_after"] == 2
    body = {"edit_id": edit_id, "reason": "agreed"}
    decided = await ann.json("POST", f"{path}/edits:accept", 202, json=body)
    assert decided["decision"]["kind"] == "edit"
    assert decided["decision"]["value"]["edits"] == MOVE["edits"]
    audit = (await ann.json("GET", "/audit", params={"flow": made["flow_id"]}))["items"]
    assert {"edit.asked", "decision.edit"} <= {row["action"] for row in audit}


async def test_what_is_no_edit_is_refused_with_the_place(ann: Client, worker: Worker) -> None:
    version = (await planned_waves(ann, worker))["version"]
    path = f"/wave-plans/{version}/edits:check"
    wrong: list[dict[str, Any]] = [
        {},
        {"move": {"application": "app:000"}},
        {"teleport": {"application": "app:000", "wave": 1}},
        {"move": {"application": "a", "wave": 1}, "lock": {"application": "a"}},
        {"date": {"starts": "2026-01-01"}},
    ]
    for each in wrong:
        answer = await ann.json("POST", path, 422, json={"edits": [each]})
        assert (answer["code"], answer["pointer"][:8]) == ("invalid_request", "/edits/0")


async def _command(gateway: Gateway, tenant: Tenant, flow_id: str) -> EvaluateEdit:
    sql = "select type, body from running.outbox where flow_id = $1::uuid and type = 'EvaluateEdit'"
    async with gateway.database.transaction(tenant) as transaction:
        row = (await transaction.connection.exec_driver_sql(sql, (flow_id,))).one()
    found = decode(row[0], row[1])
    assert isinstance(found, EvaluateEdit)
    return found


async def _answer(gateway: Gateway, tenant: Tenant, command: EvaluateEdit, result: dict[str, Any]) -> None:
    reply = EditEvaluated(
        attempt_id=command.attempt_id,
        epoch=command.epoch,
        run_id=new_id(),
        flow_id=command.flow_id,
        worker="w1",
        edit_id=command.edit_id,
        result=result,
    )
    await take_in(gateway.database, tenant, [reply])
