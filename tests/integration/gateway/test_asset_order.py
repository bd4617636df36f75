"""The list of assets in each order: out of the database, out of the columns, and as Python sorts."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest

from caravan_common.contracts import Tenant
from caravan_orchestrator.api.asset_order import asked_order
from caravan_orchestrator.store.columns.keeping import MOST_ORDERS, KeptColumns
from caravan_orchestrator.store.database import SqlDatabase
from caravan_orchestrator.store.reads.assets_sorted import SORTED_BY
from tests.integration.gateway.client import ASSETS, Client, Gateway, Worker, machines

COUNT = 24
ORDERS = [f"{sign}{name}" for name in SORTED_BY for sign in ("", "-")]
ASKED = ("", "&asset_type=server", "&q=web")
BEGUN = datetime(2026, 3, 1, tzinfo=UTC)
VALUES: dict[str, list[Any]] = {
    # Two bear each name; the last are nameless.
    "name": [*(f"web-{n // 2:02d}.harbour.example" for n in range(COUNT - 2)), None, None],
    "environment": ["test", "Production", None, "a,b"] * 6,
    "business_criticality": [None, "high", "low"] * 8,
    "operating_system": ["Ubuntu 22.04", "AIX 7.2", "ubuntu", "", None, "\u00c5land"] * 4,
    "treatment": [None, None, "rehost"] * 8,
    "wave": ["wave-002", "wave-010", None] * 8,
    "cpu_cores": [4, None, 16, 2**40, 4, 8] * 4,
    "memory_gb": [16.0, 0.5, None, 1e6, 0.1 + 0.2, 0.3] * 4,
    "storage_gb": [None] * COUNT,
    "current_monthly_cost": [float(n * 7 % 5) for n in range(COUNT)],
    "target_monthly_cost": [*([None] * 20), 1.5, 1.25, -3.0, 0.0],
    "last_seen": [BEGUN + timedelta(microseconds=n % 5) if n % 4 else None for n in range(COUNT)],
}


@pytest.fixture
def columns(gateway: Gateway, database: SqlDatabase, monkeypatch: pytest.MonkeyPatch) -> KeptColumns:
    """Of estates of any size."""
    kept = KeptColumns(database, large=1)
    monkeypatch.setitem(gateway.app.state._state, "columns", kept)
    return kept


@pytest.fixture
async def estate(ann: Client, worker: Worker) -> str:
    flow = await ann.create()
    await worker.complete(flow["id"])
    await worker.complete(flow["id"], [(ASSETS, machines(COUNT, **VALUES))])
    await worker.settle()
    return str(flow["id"])


async def listed(client: Client, asked: str, limit: int = 5) -> list[list[dict[str, Any]]]:
    pages, cursor = [], ""
    while True:
        page = await client.json("GET", f"/assets?limit={limit}&{asked}{cursor}")
        pages.append(page["items"])
        if page["next_cursor"] is None:
            return pages
        cursor = f"&cursor={quote(page['next_cursor'])}"


def expected(rows: list[dict[str, Any]], sort: str) -> list[str]:
    """Ids; `rows` come by name and id."""
    name = sort.removeprefix("-")
    known = [row for row in rows if row[name] is not None]
    known.sort(key=lambda row: row[name], reverse=sort.startswith("-"))
    return [row["id"] for row in [*known, *(row for row in rows if row[name] is None)]]


async def test_both_ways_list_in_each_order_as_python_sorts(
    ann: Client, gateway: Gateway, database: SqlDatabase, columns: KeptColumns, estate: str
) -> None:
    await ann.json("GET", "/assets?q=web")
    await columns.settled()
    for asked in ASKED:
        [rows] = await listed(ann, asked, limit=COUNT)
        for sort in ORDERS:
            for kept in (columns, KeptColumns(database, large=10**9)):
                gateway.app.state.columns = kept
                pages = await listed(ann, f"sort={sort}{asked}")
                assert [len(page) for page in pages[:-1]] == [5] * (len(pages) - 1)
                found = [row["id"] for page in pages for row in page]
                assert found == expected(rows, sort), (sort, asked, kept is columns)
    [kept_columns] = columns._kept.values()
    assert len(kept_columns.orders) == MOST_ORDERS, "none: the columns were not asked"


async def test_usual_order_is_by_name_and_its_cursors_serve_both_spellings(
    ann: Client, columns: KeptColumns, estate: str
) -> None:
    first = await ann.json("GET", "/assets?limit=3")
    cursor = quote(first["next_cursor"])
    plain = await ann.json("GET", f"/assets?limit=3&cursor={cursor}")
    named = await ann.json("GET", f"/assets?limit=3&sort=name&cursor={cursor}")
    assert plain["items"] == named["items"]
    assert not columns._kept, "the usual order needs no columns"


async def test_only_the_fields_asked_for_are_answered_in_any_order(ann: Client, estate: str) -> None:
    page = await ann.json("GET", "/assets?limit=1&sort=-memory_gb&fields=cpu_cores")
    assert [set(row) for row in page["items"]] == [{"id", "cpu_cores"}]


async def test_a_cursor_of_another_order_is_refused(ann: Client, estate: str) -> None:
    for made, used in (("", "sort=memory_gb"), ("sort=memory_gb", "sort=-memory_gb"), ("sort=wave", "")):
        cursor = quote((await ann.json("GET", f"/assets?limit=2&{made}"))["next_cursor"])
        assert await ann.code("GET", f"/assets?limit=2&{used}&cursor={cursor}", 422) == "invalid_cursor"


@pytest.mark.parametrize(
    "sort", ["colour", "-", "--name", "business_owner", "-technical_owner", "natural_key"]
)
async def test_what_lists_are_not_sorted_by_is_refused_and_what_they_are_is_named(
    ann: Client, gateway: Gateway, tenant: Tenant, sort: str
) -> None:
    for client in (ann, gateway.client(tenant, "viewer", subject="vera")):
        problem = await client.json("GET", f"/assets?sort={sort}", 422)
        assert problem["code"] == "unknown_field"
        assert all(name in problem["detail"] for name in SORTED_BY)


async def test_a_place_does_not_tell_an_address_to_whom_it_is_masked(
    ann: Client, gateway: Gateway, tenant: Tenant, worker: Worker, database: SqlDatabase, columns: KeptColumns
) -> None:
    flow = await ann.create()
    await worker.complete(flow["id"])
    systems = ["AIX", "ask ada@example.org", "Ubuntu", None]
    await worker.complete(flow["id"], [(ASSETS, machines(4, operating_system=systems))])
    await worker.settle()
    vera = gateway.client(tenant, "viewer", subject="vera")
    for kept in (columns, KeptColumns(database, large=10**9)):
        gateway.app.state.columns = kept
        for client, order in ((ann, ["00", "02", "01", "03"]), (vera, ["00", "02", "01", "03"])):
            await client.json("GET", "/assets?sort=operating_system")
            await kept.settled()
            pages = await listed(client, "sort=operating_system", limit=2)
            assert [row["name"][4:6] for page in pages for row in page] == order
        pages = await listed(ann, "sort=-operating_system", limit=2)
        assert [row["name"][4:6] for page in pages for row in page] == ["01", "02", "00", "03"]
        pages = await listed(vera, "sort=-operating_system", limit=2)
        assert [row["name"][4:6] for page in pages for row in page] == ["02", "00", "01", "03"]


async def test_a_page_goes_on_behind_a_value_that_is_another_by_now(
    ann: Client, columns: KeptColumns, estate: str, worker: Worker
) -> None:
    before = [row["id"] for page in await listed(ann, "sort=-cpu_cores") for row in page]
    first = await ann.json("GET", "/assets?sort=-cpu_cores&limit=5")
    last = first["items"][-1]
    assert last["cpu_cores"] == 16
    await ann.json("PATCH", f"/assets/{last['id']}", json={"set": {"cpu_cores": 1}, "reason": "counted"})
    await worker.settle()
    await ann.json("GET", "/assets?sort=-cpu_cores")
    await columns.settled()
    path = f"/assets?sort=-cpu_cores&limit=5&cursor={quote(first['next_cursor'])}"
    assert [row["id"] for row in (await ann.json("GET", path))["items"]] == before[5:10]


def test_no_sort_is_by_name_rising() -> None:
    assert asked_order(None) == asked_order("") == asked_order("name")
    assert asked_order(None).is_usual
    assert not asked_order("-name").is_usual
