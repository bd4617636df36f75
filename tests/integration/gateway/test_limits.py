"""How many may come, and from which pages of which browsers."""

import dataclasses
from collections.abc import AsyncIterator

import httpx
import pytest

from caravan_common.contracts import Tenant
from caravan_orchestrator.store.database import SqlDatabase
from tests.integration.gateway.client import Client, Gateway
from tests.integration.gateway.conftest import SETTINGS

CONSOLE = "https://console.example.org"


@pytest.fixture(scope="module")
def narrow(database: SqlDatabase, gateway: Gateway) -> Gateway:
    """Two requests, then one an hour; and one console may ask."""
    settings = dataclasses.replace(SETTINGS, rate=1 / 3600, burst=2, cors_origins=(CONSOLE,))
    return Gateway(database, gateway.store, settings)


@pytest.fixture
async def browser(narrow: Gateway) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(narrow.app), base_url="http://gateway/api/v1"
    ) as client:
        yield client


async def test_who_sends_more_than_they_may_is_told_when_to_come_again(
    narrow: Gateway, tenant: Tenant
) -> None:
    ann, bob = narrow.client(tenant), narrow.client(tenant, subject="bob")
    for _ in range(2):
        await ann("GET", "/flows")
    answer = await ann("GET", "/flows", 429)
    assert answer.json()["code"] == "too_many_requests"
    assert 3500 < int(answer.headers["Retry-After"]) <= 3600
    # Another token of the same subject is no other subject.
    await narrow.client(tenant, "operator", "approver")("GET", "/flows", 429)
    await bob("GET", "/flows")


async def test_a_named_origin_may_ask_and_no_other(browser: httpx.AsyncClient) -> None:
    asked = {
        "Access-Control-Request-Method": "PATCH",
        "Access-Control-Request-Headers": "Authorization, If-Match, Idempotency-Key",
    }
    allowed = await browser.options("/flows", headers={"Origin": CONSOLE, **asked})
    assert (allowed.status_code, allowed.headers["Access-Control-Allow-Origin"]) == (200, CONSOLE)
    assert "If-Match" in allowed.headers["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Credentials" not in allowed.headers
    other = await browser.options("/flows", headers={"Origin": "https://elsewhere.example.org", **asked})
    assert "Access-Control-Allow-Origin" not in other.headers


async def test_a_browser_may_read_refusals_and_versions(browser: httpx.AsyncClient) -> None:
    refused = await browser.get("/flows", headers={"Origin": CONSOLE})
    assert (refused.status_code, refused.headers["Access-Control-Allow-Origin"]) == (401, CONSOLE)
    exposed = refused.headers["Access-Control-Expose-Headers"]
    assert {"ETag", "Retry-After"} <= {name.strip() for name in exposed.split(",")}


async def test_no_origin_is_allowed_unless_it_is_named(ann: Client) -> None:
    answer = await ann("GET", "/flows", headers={"Origin": CONSOLE})
    assert "Access-Control-Allow-Origin" not in answer.headers
