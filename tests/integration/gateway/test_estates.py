"""The estates of an engagement, and which is current."""

from typing import Any

from caravan_common.contracts import (
    Tenant,
)
from tests.integration.gateway.client import (
    Client,
)


async def test_estates_are_listed_and_one_is_made_current_by_its_root(
    ann: Client, gathered: Any, tenant: Tenant
) -> None:
    path = f"/engagements/{tenant.engagement_id}"
    first, second = await gathered(1), await gathered(2)
    listed = (await ann.json("GET", f"{path}/estates"))["items"]
    assert [(e["flow_id"], e["assets"], e["current"]) for e in listed] == [
        (first["id"], 1, True),
        (second["id"], 2, False),
    ]
    body = {"flow_id": second["id"]}
    for _ in range(2):
        chosen = await ann.json("POST", f"{path}/current-estate", json=body)
    assert [each["current"] for each in chosen["items"]] == [False, True]
    audited = (await ann.json("GET", "/audit", params={"action": "estate.made_current"}))["items"]
    assert len(audited) == 1
    empty = await ann.create()
    refused = await ann.code("POST", f"{path}/current-estate", 409, json={"flow_id": empty["id"]})
    assert refused == "no_assets"


async def test_a_deleted_estate_is_current_no_more(ann: Client, gathered: Any, tenant: Tenant) -> None:
    first, second = await gathered(1), await gathered(2)
    body = {"flow_id": second["id"]}
    await ann("POST", f"/engagements/{tenant.engagement_id}/current-estate", json=body)
    await ann("POST", f"/flows/{second['id']}/cancel")
    await ann("DELETE", f"/flows/{second['id']}", 204)
    assert (await ann.json("GET", "/assets"))["estate_id"] == first["id"]
