"""The commands of flows, what came out of them and how they are taken back, against a gateway that listens."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest

from caravan.failures import BadInput, CommandFailed
from caravan_orchestrator.api.sse import Stream
from tests.integration.gateway.client import ASSETS, Client, Gateway, Worker, machines
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

CommandLine = Callable[..., Awaitable[str]]
Gathered = Callable[..., Awaitable[Any]]


@pytest.fixture
def told(command_line: CommandLine) -> CommandLine:
    """What `caravan … --json` answers an operator."""

    async def run(*arguments: str, role: str = "operator") -> Any:
        return json.loads(await command_line(*arguments, "--json", role=role))

    return run


async def now(listening: str, client: Client, flow: str) -> str:
    """Where the stream of a flow's events stands."""
    headers = {"Authorization": f"Bearer {client.token}"}
    async with (
        httpx.AsyncClient(base_url=f"{listening}/api/v1", headers=headers) as http,
        http.stream("GET", "/events", params={"flow": flow}) as answer,
    ):
        async for line in answer.aiter_lines():
            if line.startswith("id: "):
                return line.removeprefix("id: ")
    raise AssertionError("the stream said nothing")


async def test_what_waits_for_approval_is_listed_and_decided(
    command_line: CommandLine,
    told: Any,
    approval: tuple[str, str],
) -> None:
    flow, id_ = approval
    listed = await command_line("approval", "list", flow, role="viewer")
    assert id_ in listed
    assert "To let it go on: caravan approval approve " in listed
    answer = await told("approval", "reject", id_, "--comment", "not on a Friday", role="approver")
    assert (answer["approval"]["status"], answer["approval"]["comment"]) == ("rejected", "not on a Friday")
    assert id_ not in await command_line("approval", "list", flow, role="viewer")
    decided = {row["id"]: row["decided_by"] for row in await told("approval", "list", flow, "--all")}
    assert decided[id_] == "root"
    with pytest.raises(BadInput, match="approval list FLOW"):
        await command_line("approval", "approve", "the first", role="approver")


async def test_an_approved_unit_goes_on(
    command_line: CommandLine, told: Any, approval: tuple[str, str]
) -> None:
    flow, id_ = approval
    assert "is approved" in await command_line("approval", "approve", id_, role="approver")
    (row,) = await told("attempt", "list", flow, "--kind", "unit")
    assert row["status"] == "dispatched"
    assert "unit move" in await command_line("attempt", "list", flow, role="viewer")


async def test_a_flow_is_ended_and_deleted_when_somebody_says_yes(
    command_line: CommandLine, told: Any, ann: Client
) -> None:
    flow = (await ann.create())["id"]
    assert (await told("flow", "cancel", flow, "--reason", "wrong files", "--yes"))["status"] == "cancelled"
    assert "is deleted" in await command_line("flow", "delete", flow, "--yes", role="operator")
    assert await told("flow", "list") == []
    assert {"flow.cancelled", "flow.deleted"} <= {
        row["action"] for row in await told("audit", "list", role="admin")
    }


async def test_the_record_of_a_time_is_listed(command_line: CommandLine, told: Any, ann: Client) -> None:
    await ann.create()
    done = await told("audit", "list")
    assert done
    [day] = {row["at"][:10] for row in done}
    assert await told("audit", "list", "--since", day, "--until", "9999-12-31") == done
    assert await told("audit", "list", "--until", day) == []
    assert await told("audit", "list", "--since", "9999-12-31") == []
    none = "Nothing of that kind was done."
    assert none in await command_line("audit", "list", "--until", f"{day}T00:00:00", role="viewer")


async def test_a_phase_is_left_out(told: Any, ann: Client, worker: Worker) -> None:
    flow = (await ann.create(auto_advance=False))["id"]
    for _ in range(2):
        await told("flow", "execute", flow)
        await worker.complete(flow)
    left = await told("flow", "skip", flow, "polish", "--reason", "not needed")
    assert left["phases"][-1]["status"] == "skipped"


async def test_assets_are_listed_counted_shown_and_corrected(
    command_line: CommandLine, told: Any, gathered: Gathered
) -> None:
    await gathered(6)
    rows = await told("asset", "list", "--type", "server", "--column", "name", "--column", "memory_gb")
    assert [row["memory_gb"] for row in rows] == [16.0] * 3
    assert len(await told("asset", "list", "--limit", "2")) == 2
    counted = await command_line("asset", "count", "--migrating", role="viewer")
    assert "virtual_machine" in counted
    shown = await command_line("asset", "show", "web-01.harbour.example", role="operator")
    assert "memory_gb" in shown
    assert "caravan lineage" in shown
    values = ("memory_gb=32 GB", "tags=a, b", "cpu_cores=", "is_target=no")
    set_ = await told("asset", "set", "web-01.harbour.example", *values, "--reason", "read off the host")
    asset = set_["asset"]
    assert (asset["memory_gb"], asset["tags"], asset["cpu_cores"], asset["is_target"]) == (
        32.0,
        ["a", "b"],
        None,
        False,
    )


async def test_assets_are_listed_in_the_order_asked_for_with_what_it_goes_by(
    command_line: CommandLine, told: Any, gathered: Gathered
) -> None:
    await gathered(3)
    await told("asset", "set", "web-01.harbour.example", "memory_gb=32", "--reason", "counted")
    for sort in (("--sort", "-memory_gb"), ("--sort=-memory_gb",)):
        rows = await told("asset", "list", *sort, "--column", "name", "--column", "memory_gb")
        assert [(row["name"][:6], row["memory_gb"]) for row in rows] == [
            ("web-01", 32.0),
            ("web-00", 16.0),
            ("web-02", 16.0),
        ]
    shown = await command_line("asset", "list", "--sort", "-memory_gb", role="viewer")
    assert shown.index("web-01") < shown.index("web-00")
    assert "memory_gb" in shown
    with pytest.raises(CommandFailed, match="can't be sorted by 'colour'"):
        await command_line("asset", "list", "--sort", "colour", role="viewer")


async def test_what_is_counted_can_be_chosen_by_the_command(
    command_line: CommandLine, told: Any, ann: Client, worker: Worker
) -> None:
    flow = await ann.create()
    await worker.complete(flow["id"])
    values = {
        "operating_system": ["Ubuntu", "Windows Server", "Windows Server"],
        "business_criticality": ["low", "high", "low"],
        "location": ["Oslo", "Hamburg", "Oslo"],
        "not_target_reason": ["appliance", None, None],
    }
    await worker.complete(flow["id"], [(ASSETS, machines(3, **values))])
    await worker.settle()

    async def chosen(*options: str) -> list[str]:
        rows = await told("asset", "list", *options, "--column", "natural_key")
        facets = (await told("asset", "count", *options))["facets"]
        assert sum(each["count"] for each in facets["asset_type"]) == len(rows)
        set_ = ("asset", "set-many", "rack=R1", *options, "--reason", "moved", "--dry-run")
        assert (await told(*set_))["count"] == len(rows)
        return [row["natural_key"][-1] for row in rows]

    assert await chosen("--operating-system", "Windows Server") == ["1", "2"]
    assert await chosen("--business-criticality", "low", "--location", "Oslo") == ["0", "2"]
    assert await chosen("--location", "Hamburg", "--location", "Oslo") == ["0", "1", "2"]
    assert await chosen("--not-target-reason", "appliance") == ["0"]


async def test_many_assets_are_corrected_as_it_was_shown(
    command_line: CommandLine, told: Any, gathered: Gathered
) -> None:
    await gathered(6)
    order = ("asset", "set-many", "environment=staging", "--type", "server", "--reason", "named so")
    planned = await told(*order, "--dry-run")
    assert (planned["count"], planned["applied"]) == (3, False)
    assert "3 assets would change" in await command_line(*order, "--dry-run", role="operator")
    assert await told("asset", "list", "--environment", "staging") == []
    assert (await told(*order, "--yes"))["count"] == 3
    assert len(await told("asset", "list", "--environment", "staging")) == 3
    with pytest.raises(BadInput, match="Choose the assets"):
        await command_line(
            "asset", "set-many", "environment=test", "--reason", "all", "--yes", role="operator"
        )


async def test_datasets_and_entities_are_read_and_traced(
    command_line: CommandLine, told: Any, gathered: Gathered
) -> None:
    flow = (await gathered())["id"]
    found = {row["name"]: row["id"] for row in await told("dataset", "list", flow)}
    assert (await told("dataset", "show", found["assets"]))["rows"] == 3
    rows = await told("dataset", "rows", found["assets"], "--column", "name", "--limit", "2")
    assert [row["name"] for row in rows] == ["web-00.harbour.example", "web-01.harbour.example"]
    assert "web-02" in await command_line("dataset", "rows", found["assets"], role="operator")
    (entity,) = await told("entity", "list", flow, "--search", "web-01")
    traced = await command_line("entity", "lineage", entity["id"], role="operator")
    assert "fleet.csv" in traced
    assert (await told("entity", "lineage", entity["id"], "--direction", "down"))["steps"] == []


async def test_what_planning_made_is_listed(
    command_line: CommandLine, told: Any, ann: Client, worker: Worker
) -> None:
    flow = (await ann.create(flow_type="planned"))["id"]
    said = {"schedule": {"makespan_days": 9, "lower_bound_days": 9, "status": "optimal"}}
    await worker.complete(flow, [(TASKS, tasks())], summary=said)
    await worker.complete(flow, [(RESOURCES, resources())])
    await worker.complete(flow, [(TARGETS, targets()), (COSTS, costs())])
    shown = await command_line("schedule", "show", flow, "--sort", "-starts", role="operator")
    assert "9 working days, optimal" in shown
    assert shown.index("Cut over") < shown.index("Prepare")
    assert [row["capacity"] for row in await told("resource", "list", "--flow", flow)] == [4.0, None]
    assert [row["monthly_cost"] for row in await told("target", "list", "--flow", flow)] == [12.5, None]
    assert "100.0" in await command_line("cost", "list", "--flow", flow, role="operator")
    assert "a planning makes them" in await command_line(
        "cost", "list", "--flow", (await ann.create())["id"], role="viewer"
    )


async def test_what_happened_is_listed_and_followed_without_a_gap(
    command_line: CommandLine, told: Any, gathered: Gathered, ann: Client, listening: str
) -> None:
    flow = (await gathered())["id"]
    listed = await told("event", "list", flow)
    assert listed[0]["type"] == "caravan.flow.created"
    assert "flow.created" in await command_line("event", "list", flow, role="viewer")
    position = await now(listening, ann, flow)
    await ann("POST", f"/flows/{flow}/pause")
    await ann("POST", f"/flows/{flow}/resume")
    follow = ("event", "follow", "--flow", flow, "--after", position)
    lines = (await command_line(*follow, "--count", "2", "--json", role="viewer")).splitlines()
    first, second = map(json.loads, lines)
    assert (first["type"], second["type"]) == ("caravan.flow.paused", "caravan.flow.resumed")
    again = await command_line(
        "event",
        "follow",
        "--after",
        first["position"],
        "--type",
        "flow.resumed",
        "--count",
        "1",
        role="viewer",
    )
    assert "flow.resumed" in again


async def test_the_work_is_told_in_figures(command_line: CommandLine, gathered: Gathered) -> None:
    flow = (await gathered())["id"]
    for words in (("analytics",), ("analytics", "--flow", flow)):
        shown = await command_line(*words, role="viewer")
        assert "gather" in shown
        assert "Models were asked 0 times" in shown
    assert "looked_at" in await command_line("flow-type", "list", role="viewer")
    assert "stands alone" in await command_line("chain", "show", flow, role="viewer")
    assert "handed nothing over" in await command_line("handoff", "list", flow, role="viewer")


async def test_a_rollback_is_listed_and_shown_with_its_steps(
    command_line: CommandLine, told: Any, gathered: Gathered, ann: Client
) -> None:
    flow = (await gathered())["id"]
    assert "Nothing of this flow was taken back" in await command_line(
        "rollback", "list", flow, role="viewer"
    )
    kind = {"kind": "phase", "phase": "gather"}
    assert "gather, polish" in await command_line(
        "flow", "rollback", flow, "--phase", "gather", "--dry-run", role="operator"
    )
    plan = await ann.json("POST", f"/flows/{flow}/rollbacks:plan", json=kind)
    body = {**kind, "digest": plan["digest"], "reason": "wrong mapping"}
    await ann("POST", f"/flows/{flow}/rollbacks", 202, json=body)
    (row,) = await told("rollback", "list", flow)
    assert "wrong mapping" in await command_line("rollback", "show", row["id"], role="viewer")


async def test_a_rollback_is_refused_unasked_and_leaves_the_flow_as_it_is(
    command_line: CommandLine, gathered: Gathered, ann: Client
) -> None:
    flow = (await gathered())["id"]
    before = await ann.json("GET", f"/flows/{flow}")
    with pytest.raises(BadInput, match="give --yes, or --plan to see what it would do"):
        await command_line("flow", "rollback", flow, "--cascade", role="operator")
    assert await ann.json("GET", f"/flows/{flow}") == before


async def test_a_connection_that_breaks_off_is_taken_up_again(
    command_line: CommandLine,
    gateway: Gateway,
    listening: str,
    ann: Client,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The stream of a token that ends is ended by the gateway: who follows comes again and misses nothing."""
    flow = (await ann.create())["id"]
    position = await now(listening, ann, flow)
    broken_off, chunks = asyncio.Event(), Stream.chunks

    async def until_broken_off(stream: Stream) -> AsyncIterator[bytes]:
        async for chunk in chunks(stream):
            yield chunk
        broken_off.set()

    monkeypatch.setattr(Stream, "chunks", until_broken_off)
    gateway.services.stopping.set()
    try:
        await ann("POST", f"/flows/{flow}/pause")
        follow = ("event", "follow", "--flow", flow, "--after", position, "--count", "2", "--json")
        waiting = asyncio.ensure_future(command_line(*follow, role="viewer"))
        await asyncio.wait_for(broken_off.wait(), 60)
    finally:
        gateway.services.stopping.clear()
    await ann("POST", f"/flows/{flow}/resume")
    assert [json.loads(line)["type"] for line in (await waiting).splitlines()] == [
        "caravan.flow.paused",
        "caravan.flow.resumed",
    ]
