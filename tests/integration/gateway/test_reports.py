"""Which flows have a report, and which have not, or not yet."""

from typing import Any
from uuid import uuid4

import pytest

from caravan_common.contracts import Tenant
from caravan_orchestrator.api import reporter
from caravan_orchestrator.api.reporter import Report, Reporter, ReportOrder
from tests.integration.gateway.client import Client, Gateway, Worker


async def test_a_report_is_of_a_completed_flow_of_ones_own(ann: Client, stranger: Client) -> None:
    flow = await ann.create()
    path = f"/reports/{flow['id']}"
    assert await ann.code("GET", path, 409) == "not_completed"
    assert await stranger.code("GET", path, 404) == "not_found"
    assert await ann.code("GET", f"/reports/{uuid4()}", 404) == "not_found"


async def completed(ann: Client, worker: Worker) -> Any:
    flow = await ann.create()
    for _ in range(3):
        await worker.complete(flow["id"])
    return flow


async def test_flows_that_nobody_reports_on_are_said_to_have_none(ann: Client, worker: Worker) -> None:
    flow = await completed(ann, worker)
    assert await ann.code("GET", f"/reports/{flow['id']}", 409) == "no_report"


async def test_it_is_ordered_masked_for_who_only_reads_and_reading_it_in_the_clear_is_noted(
    ann: Client, worker: Worker, gateway: Gateway, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    flow = await completed(ann, worker)
    ordered: list[ReportOrder] = []

    async def render(_self: Reporter, order: ReportOrder) -> Report:
        ordered.append(order)
        return Report(b"<html>", [] if order.masked else ["business_owner"])

    monkeypatch.setattr(Reporter, "render", render)
    vera = gateway.client(tenant, "viewer", subject="vera")
    for client in (vera, ann):
        assert (await client.http.get(f"/reports/{flow['id']}")).text == "<html>"
    assert [order.masked for order in ordered] == [True, False]
    assert (ordered[0].title, ordered[0].flow_types) == (flow["name"], ["looked_at"])
    (noted,) = (await ann.json("GET", "/audit", params={"action": "personal_data.read"}))["items"]
    assert (noted["actor"], noted["subject"], noted["details"]["what"]) == ("ann", flow["id"], "report")
    assert noted["details"]["attributes"] == ["business_owner"]


async def test_a_report_that_takes_too_long_is_ended(
    ann: Client, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    flow = await completed(ann, worker)
    monkeypatch.setattr(reporter, "_RENDER_SECONDS", 0.0)
    assert await ann.code("GET", f"/reports/{flow['id']}", 503) == "busy"


async def test_a_report_that_fails_is_our_fault_and_says_no_more(
    ann: Client, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    flow = await completed(ann, worker)
    monkeypatch.setattr(reporter, "_PROGRAM", "caravan_orchestrator.nothing_of_the_kind")
    answer = await ann.json("GET", f"/reports/{flow['id']}", 500)
    assert "nothing_of_the_kind" not in str(answer)
