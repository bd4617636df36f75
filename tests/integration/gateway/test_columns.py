"""Lists and facets out of the columns of an estate are those of the database, whatever is decided meanwhile."""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlencode

import pytest

from caravan_common.contracts import Tenant
from caravan_orchestrator.store.columns import keeping
from caravan_orchestrator.store.columns.keeping import Kept, KeptColumns
from caravan_orchestrator.store.database import SqlDatabase
from tests.integration.gateway.client import ASSETS, Client, Gateway, Worker, machines
from tests.support.statements import statements

Gathered = Callable[..., Awaitable[Any]]
NEVER = 10**9
LOCATIONS = ["Oslo", "", None, "=", "\\N", 'a,"b"\nc', " Oslo", "NULL"]
ASKED = [
    "q=web",
    "q=web-0",
    "q=web+harb",
    "q=nothing",
    "q=web&environment=test",
    "environment=test&environment=staging",
    "asset_type=server&is_target=true",
    "is_target=false&q=web-0",
    "environment=none-such",
    "treatment=rehost",
    "q=web-03.harbour",
    "operating_system=Ubuntu",
    "operating_system=Ubuntu&operating_system=Windows+Server&business_criticality=high&q=web",
    "operating_system=ubuntu",
    "location=",
    "location=Oslo&location=+Oslo&environment=production",
    "location=%3D&location=NULL&location=%5CN&location=a,%22b%22%0Ac",
    "not_target_reason=appliance",
    "not_target_reason=appliance&is_target=true",
]


@pytest.fixture
def columns(gateway: Gateway, database: SqlDatabase, monkeypatch: pytest.MonkeyPatch) -> KeptColumns:
    """Of estates of any size."""
    kept = KeptColumns(database, large=1)
    monkeypatch.setitem(gateway.app.state._state, "columns", kept)
    return kept


@pytest.fixture
async def estate(ann: Client, worker: Worker) -> str:
    """Of assets with and without a name, and with places that are called all sorts of things."""
    flow = await ann.create()
    await worker.complete(flow["id"])
    named = [f"web-{n:02d}.harbour.example" for n in range(22)]
    systems = ["Ubuntu", "Windows Server", None] * 8
    staying = ["appliance" if n == 0 else None for n in range(24)]
    frame = machines(
        24,
        name=[*named, None, None],
        location=LOCATIONS * 3,
        operating_system=systems,
        business_criticality=["high", "low"] * 12,
        not_target_reason=staying,
    )
    await worker.complete(flow["id"], [(ASSETS, frame)])
    await worker.settle()
    return str(flow["id"])


async def everything(client: Client, asked: str) -> list[Any]:
    """Every page, and the facets."""
    pages, cursor = [], ""
    while True:
        page = await client.json("GET", f"/assets?limit=4&{asked}{cursor}")
        pages.append([(row["id"], row["name"], row["environment"], row["location"]) for row in page["items"]])
        if page["next_cursor"] is None:
            return [pages, (await client.json("GET", f"/assets:facets?{asked}"))["facets"]]
        cursor = f"&cursor={page['next_cursor']}"


async def by_both(client: Client, columns: KeptColumns, asked: str) -> tuple[Any, Any]:
    """Out of the columns, then out of the database."""
    await client.json("GET", f"/assets?{asked}")
    await columns.settled()
    out_of_columns = await everything(client, asked)
    gateway_columns, client._gateway.app.state.columns = columns, KeptColumns(columns._database, NEVER)
    out_of_database = await everything(client, asked)
    client._gateway.app.state.columns = gateway_columns
    return out_of_columns, out_of_database


async def test_columns_and_database_list_and_count_the_same(
    ann: Client, columns: KeptColumns, estate: str
) -> None:
    for asked in ASKED:
        out_of_columns, out_of_database = await by_both(ann, columns, asked)
        assert out_of_columns == out_of_database, asked
    counted = (await ann.json("GET", "/assets:facets?q=web-0"))["facets"]["location"]
    assert {each["value"] for each in counted} == set(LOCATIONS)


async def test_every_value_that_facets_count_leads_to_as_many_assets_out_of_both(
    ann: Client, columns: KeptColumns, estate: str
) -> None:
    facets = (await ann.json("GET", "/assets:facets"))["facets"]
    for facet, counted in facets.items():
        for each in counted:
            if each["value"] is None:
                continue
            value = str(each["value"]).lower() if facet == "is_target" else each["value"]
            asked = urlencode({facet: value})
            both = await by_both(ann, columns, asked)
            assert [sum(map(len, pages)) for pages, _ in both] == [each["count"]] * 2, asked
            assert both[0] == both[1], asked
            body = {"filter": {facet: each["value"] if facet == "is_target" else [value]}, "preview": True}
            chosen = {**body, "set": {"rack": "R1"}, "reason": "moved"}
            assert (await ann.json("POST", "/assets:batch", json=chosen))["count"] == each["count"], asked
    found = {facet for facet, counted in facets.items() if any(each["value"] for each in counted)}
    assert found >= {"operating_system", "business_criticality", "location", "not_target_reason"}


async def test_what_was_found_is_not_looked_for_again_while_nothing_has_changed(
    ann: Client, columns: KeptColumns, estate: str, database: SqlDatabase
) -> None:
    await by_both(ann, columns, "q=web")
    with statements(database.app) as sent:
        await ann.json("GET", "/assets?q=web&environment=test")
        await ann.json("GET", "/assets:facets?q=web")
    assert not [text for text, _ in sent if "search_terms" in text or "grouping sets" in text.lower()]


async def test_what_a_person_sets_is_found_and_counted_at_once_and_after_the_fold(
    ann: Client, columns: KeptColumns, estate: str, worker: Worker, database: SqlDatabase
) -> None:
    asset = (await ann.json("GET", "/assets?q=web-05"))["items"][0]
    await by_both(ann, columns, "environment=staging")

    async def staging() -> tuple[list[str], int]:
        listed = (await ann.json("GET", "/assets?environment=staging"))["items"]
        facets = (await ann.json("GET", "/assets:facets?q=web"))["facets"]["environment"]
        return [row["id"] for row in listed], {each["value"]: each["count"] for each in facets}.get(
            "staging", 0
        )

    assert await staging() == ([], 0)
    body = {"set": {"environment": "staging"}, "reason": "known"}
    await ann.json("PATCH", f"/assets/{asset['id']}", json=body)
    assert await staging() == ([asset["id"]], 1)
    await columns.settled()
    assert await staging() == ([asset["id"]], 1)
    await worker.settle()
    for _ in range(2):
        assert await staging() == ([asset["id"]], 1)
        await columns.settled()
    with statements(database.app) as sent:
        assert await staging() == ([asset["id"]], 1)
    assert not [text for text, _ in sent if "grouping sets" in text.lower()], "counted out of new columns"


async def test_an_answer_is_the_databases_when_the_estate_changes_meanwhile(
    ann: Client, columns: KeptColumns, estate: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The change is committed after the columns were asked for, and before the page is read."""
    asset = (await ann.json("GET", "/assets?q=web-05"))["items"][0]
    await by_both(ann, columns, "q=web")
    look, left = Kept.found, 2

    async def changed_meanwhile(self: Kept, *given: Any) -> Any:
        nonlocal left
        found = await look(self, *given)
        left -= 1
        if left >= 0:
            body = {"set": {"environment": ("staging", "development")[left]}, "reason": "known"}
            await ann.json("PATCH", f"/assets/{asset['id']}", json=body)
        return found

    monkeypatch.setattr(Kept, "found", changed_meanwhile)
    listed = (await ann.json("GET", "/assets?q=web-05&environment=development"))["items"]
    assert [row["id"] for row in listed] == [asset["id"]]
    assert left == 1


async def test_a_page_goes_on_behind_a_name_that_is_another_by_now(
    ann: Client, columns: KeptColumns, estate: str, worker: Worker
) -> None:
    await by_both(ann, columns, "is_target=true")
    first = await ann.json("GET", "/assets?is_target=true&limit=3")
    last = first["items"][-1]
    await ann.json("PATCH", f"/assets/{last['id']}", json={"set": {"name": "zz-last"}, "reason": "renamed"})
    await worker.settle()
    await by_both(ann, columns, "is_target=true")
    path = f"/assets?is_target=true&limit=2&cursor={first['next_cursor']}"
    names = [row["name"] for row in (await ann.json("GET", path))["items"]]
    assert names == ["web-04.harbour.example", "web-05.harbour.example"]


async def test_nobody_finds_by_the_columns_of_another_client_or_engagement(
    ann: Client, stranger: Client, gateway: Gateway, columns: KeptColumns, estate: str, tenant: Tenant
) -> None:
    await by_both(ann, columns, "q=web")
    assert [key[2] for key in columns._kept] != []
    assert await stranger.code("GET", f"/assets?q=web&estate={estate}", 404) == "not_found"
    assert (await stranger.json("GET", "/assets?q=web"))["items"] == []
    viewer = gateway.client(tenant, "viewer")
    with_columns, without = await by_both(viewer, columns, "q=web")
    assert with_columns == without


async def test_small_estates_keep_no_columns(
    ann: Client, gateway: Gateway, database: SqlDatabase, estate: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = KeptColumns(database, large=25)
    monkeypatch.setitem(gateway.app.state._state, "columns", kept)
    for _ in range(2):
        await ann.json("GET", "/assets?q=web")
        await kept.settled()
    assert not kept._kept
    assert list(kept._small)


async def test_columns_beyond_the_limit_of_memory_are_forgotten(
    ann: Client,
    columns: KeptColumns,
    estate: str,
    gathered: Gathered,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(keeping, "MOST_BYTES", 1)
    other = await gathered(3)
    for each in (estate, other["id"], other["id"]):
        await ann.json("GET", f"/assets?q=web&estate={each}")
        await columns.settled()
    assert [str(key[2]) for key in columns._kept] == [other["id"]]


async def test_words_beyond_twice_the_estate_are_forgotten(
    ann: Client, columns: KeptColumns, estate: str
) -> None:
    await by_both(ann, columns, "q=web")
    for word in ("w", "we", "web-0", "web"):
        await ann.json("GET", f"/assets?q={word}")
    [kept] = columns._kept.values()
    assert list(kept.words) == ["web-0", "web"]


async def test_the_assets_of_a_page_are_joined_to_their_ids(
    ann: Client, columns: KeptColumns, estate: str, database: SqlDatabase
) -> None:
    """PostgreSQL plans what it has been sent often for any arguments: for `id = any($1)` it then chose to look through
    an estate of 100,000, as it does not in a small one."""
    await by_both(ann, columns, "environment=test")
    with statements(database.app) as sent:
        await ann.json("GET", "/assets?environment=test")
    page = sent[-1][0].lower()
    assert "from assets, unnest(" in page
    assert "= any" not in page
