"""`caravan client`, `engagement`, `member`, `quota`, `service-account`, against a gateway that listens."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from caravan_common.contracts import Tenant, new_id
from tests.integration.gateway.client import Client, Gateway

Command = Callable[..., Awaitable[Any]]


@pytest.fixture
def command(command_line: Command) -> Command:
    """What `caravan … --json` answers, as the client's admin or in another role."""

    async def run(*arguments: str, role: str = "admin") -> Any:
        return json.loads(await command_line(*arguments, "--json", role=role))

    return run


async def test_the_platform_makes_clients_and_sets_their_quotas(command: Command, tenant: Tenant) -> None:
    name = f"Quay {new_id()}"
    made = await command("client", "create", name, "--engagement", "east", role="platform")
    assert made["id"] in {row["id"] for row in await command("client", "list", role="platform")}
    client = str(tenant.client_account_id)
    limits = ("--flows-running", "5", "--llm-tokens", "1000")
    await command("quota", "set", client, *limits, role="platform")
    await command("quota", "set", client, "--llm-tokens", "-1", role="platform")
    found = (await command("quota", "show"))["quotas"]
    assert found == {"flows_running": 5, "upload_bytes": None, "llm_tokens": None}


async def test_an_admin_makes_engagements_and_manages_members(command: Command) -> None:
    assert (await command("engagement", "create", "south"))["name"] == "south"
    assert [row["name"] for row in await command("engagement", "list")] == ["main"]
    added = await command("member", "add", "bob", "--role", "viewer", "--role", "operator", "--days", "7")
    assert added["expires_at"] is not None
    changed = await command("member", "change", added["id"], "--role", "viewer")
    assert (changed["roles"], changed["expires_at"]) == (["viewer"], added["expires_at"])
    assert [row["subject"] for row in await command("member", "list")] == ["bob"]
    await command("member", "remove", added["id"])
    assert await command("member", "list") == []


async def test_a_service_accounts_key_is_printed_once_and_works(command: Command, gateway: Gateway) -> None:
    made = await command("service-account", "create", "robot", "--role", "operator")
    await Client(gateway, made["key"]).create()
    listed = await command("service-account", "list")
    assert [(row["name"], "key" in row) for row in listed] == [("robot", False)]
    await command("service-account", "revoke", made["id"], "--yes")
    assert await command("service-account", "list") == []
    assert [row["name"] for row in await command("service-account", "list", "--all")] == ["robot"]
