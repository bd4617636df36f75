"""Every operation of the OpenAPI document, asked without a token, in every role, and with every id of somebody else.

Nothing is listed here by hand but what a document can't say: a body that will do, and a real object for each id. An
operation or an id that is new fails until it has one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from caravan_common.contracts import new_id
from caravan_orchestrator.store.database import SqlDatabase
from tests.integration.gateway.client import Client, Gateway
from tests.integration.gateway.objects import one_of_each, second_engagement
from tests.integration.gateway.operations import (
    BODIES,
    NAMES,
    ROLES,
    SUFFICES,
    Operation,
    operations,
)
from tests.support.inprocess_platform import new_tenant

# Query parameters that hold ids: the kind of object each names.
QUERIED = {"engagement": "engagement_id", "estate": "flow_id", "flow": "flow_id"}
SELECTIVE = {"kind": "selective", "phase": "gather", "keys": ["web"], "before": "attempt_id"}
# Ids in bodies: the body around a foreign one, by what it names, and how it is refused. Other texts stay as they are.
HELD: dict[tuple[str, str], tuple[Any, int, str]] = {
    ("POST /flows", "engagement_id"): ({"engagement_id": "engagement_id"}, 404, "not_found"),
    ("POST /flows", "configuration.uploads[]"): (
        {"configuration": {"uploads": ["upload_id"]}},
        422,
        "unknown_upload",
    ),
    ("POST /chains", "engagement_id"): ({"engagement_id": "engagement_id"}, 404, "not_found"),
    ("POST /chains", "uploads[]"): ({"uploads": ["upload_id"]}, 422, "unknown_upload"),
    ("POST /engagements/{engagement_id}/current-estate", "flow_id"): (
        {"flow_id": "flow_id"},
        404,
        "not_found",
    ),
    ("POST /assets:batch", "ids[]"): ({"ids": ["asset_id"]}, 422, "unknown_asset"),
    ("POST /assets:batch", "estate"): (
        {"ids": None, "filter": {}, "estate": "flow_id"},
        404,
        "not_found",
    ),
    ("POST /wave-plans/{version}/edits:accept", "edit_id"): ({"edit_id": "edit_id"}, 404, "not_found"),
    ("POST /wave-plans/{version}/edits:discard", "edit_id"): ({"edit_id": "edit_id"}, 404, "not_found"),
    ("POST /wave-plans/{version}/edits:compare", "with"): ({"with": "version"}, 404, "not_found"),
    # Only versions of the flow itself are looked at, and these phases can't go back by keys.
    ("POST /flows/{flow_id}/rollbacks:plan", "before"): (SELECTIVE, 409, "not_selective"),
    ("POST /flows/{flow_id}/rollbacks", "before"): (SELECTIVE, 409, "not_selective"),
    # Replaying is given the token's client, and looks for the ids among that client's (test_platform.py).
    ("POST /dead-letters:replay", "ids[]"): ({"ids": ["flow_id"]}, 200, ""),
}


@dataclass(frozen=True)
class Estate:
    """One real object of each kind in the engagement of `owner`; `others` are everything but viewers of it: another
    client, the same client in another engagement, and that with a token for both."""

    owner: Client
    objects: dict[str, str]
    others: dict[str, tuple[Client, dict[str, str]]]


@pytest.fixture(scope="module")
async def estate(gateway: Gateway, database: SqlDatabase, tmp_path_factory: pytest.TempPathFactory) -> Estate:
    mine, stranger = await new_tenant(database), await new_tenant(database)
    beside = await second_engagement(gateway, mine)
    made = {
        tenant.engagement_id: await one_of_each(gateway, tenant, tmp_path_factory.mktemp("objects"))
        for tenant in (mine, beside, stranger)
    }
    both = [mine.engagement_id, beside.engagement_id]
    working = Client(gateway, gateway.token(mine, *ROLES, engagements=both))
    working.http.params = working.http.params.set("engagement", str(beside.engagement_id))
    return Estate(
        gateway.client(mine, *ROLES),
        made[mine.engagement_id],
        {
            "another client": (gateway.client(stranger, *ROLES), made[stranger.engagement_id]),
            "another engagement": (gateway.client(beside, *ROLES), made[beside.engagement_id]),
            "both, at work in the other": (working, made[beside.engagement_id]),
        },
    )


@pytest.fixture(scope="module")
def asked(gateway: Gateway) -> list[Operation]:
    return operations(gateway.shapes.document)


async def ask(client: Client, operation: Operation, ids: dict[str, str], **more: Any) -> tuple[int, str]:
    """Status and code of the answer, which has its declared shape."""
    request = {**operation.request, **more}
    path = operation.path.format(**NAMES, **ids)
    answer = await client.http.request(operation.method, path, **request)
    if answer.status_code >= 400:
        client.check(answer)
        return answer.status_code, answer.json()["code"]
    return answer.status_code, ""


def nobodys(operation: Operation) -> dict[str, str]:
    return {name: str(new_id()) for name in operation.ids if name not in NAMES}


def test_every_operation_says_which_role_it_needs(asked: list[Operation]) -> None:
    assert len(asked) > 40
    assert [str(each) for each in asked if each.role not in SUFFICES] == []


def test_nothing_is_kept_for_operations_that_are_gone(asked: list[Operation]) -> None:
    names = {str(each) for each in asked}
    assert set(BODIES) <= names
    assert {name for name, _ in HELD} <= names


async def test_without_a_token_there_is_only_a_challenge(gateway: Gateway, asked: list[Operation]) -> None:
    nobody = Client(gateway, "")
    found = {str(each): await ask(nobody, each, nobodys(each)) for each in asked}
    assert found == {str(each): (401, "unauthenticated") for each in asked}


@pytest.mark.parametrize("role", [None, *SUFFICES])
async def test_a_role_may_what_the_document_says_and_nothing_else(
    gateway: Gateway, database: SqlDatabase, asked: list[Operation], role: str | None
) -> None:
    """Of what it may, nothing is there: whatever the answer, it is no refusal of the role."""
    client = Client(gateway, gateway.token(await new_tenant(database), *([role] if role else [])))
    wrong = {}
    for each in asked:
        status, code = await ask(client, each, nobodys(each))
        may = role in SUFFICES[str(each.role)]
        if (status in (401, 403)) is may or (not may and (status, code) != (403, "forbidden")):
            wrong[str(each)] = (each.role, status, code)
    assert wrong == {}


async def test_the_ids_are_those_of_real_objects(estate: Estate, asked: list[Operation]) -> None:
    """Else any answer to a stranger would prove nothing."""
    shown = [each for each in asked if each.method == "GET" and set(each.ids) - set(NAMES)]
    found = {str(each): (await ask(estate.owner, each, estate.objects))[0] for each in shown}
    # The flow is there, and has no report until it has completed.
    assert found == {str(each): 200 for each in shown} | {"GET /reports/{flow_id}": 409}


@pytest.mark.parametrize("outsider", ["another client", "another engagement", "both, at work in the other"])
async def test_an_id_in_a_path_of_what_is_not_ones_own_does_not_exist(
    estate: Estate, asked: list[Operation], outsider: str
) -> None:
    client, own = estate.others[outsider]
    wrong = {}
    for each, name, ids in foreign(asked, estate.objects, own):
        # Whoever may work in both engagements may name either in a path; the query then says the same.
        if outsider.startswith("both") and name == "engagement_id":
            continue
        # Who runs the platform belongs to no client: in everybody else's role there is no such route.
        expected = (403, "forbidden") if each.role == "platform" else (404, "not_found")
        answer = await ask(client, each, ids)
        if answer != expected:
            wrong[f"{each} {name}"] = answer
    assert wrong == {}


def foreign(
    asked: list[Operation], theirs: dict[str, str], own: dict[str, str]
) -> Iterator[tuple[Operation, str, dict[str, str]]]:
    """Each operation with each of its ids theirs and all others one's own. An id without an object is an error."""
    for each in asked:
        for name in each.ids:
            if name not in NAMES:
                assert name in theirs, f"{each}: objects.py makes nothing for {{{name}}}"
                yield each, name, own | {name: theirs[name]}


@pytest.mark.parametrize("outsider", ["another client", "another engagement"])
async def test_an_id_in_a_query_of_what_is_not_ones_own_shows_nothing(
    estate: Estate, asked: list[Operation], outsider: str
) -> None:
    client, own = estate.others[outsider]
    wrong = {}
    for each in asked:
        assert set(each.queried) <= set(QUERIED), f"{each}: say in QUERIED what its query names"
        for name in each.queried:
            path = each.path.format(**NAMES, **own)
            params = {name: estate.objects[QUERIED[name]]}
            answer = await client.http.request(each.method, path, **each.request, params=params)
            empty = answer.status_code == 200 and answer.json().get("items") == []
            if not empty and answer.status_code != 404:
                wrong[f"{each}?{name}="] = (answer.status_code, answer.text[:80])
    assert wrong == {}


@pytest.mark.parametrize("outsider", ["another client", "another engagement"])
async def test_an_id_in_a_body_of_what_is_not_ones_own_is_refused(
    estate: Estate, asked: list[Operation], outsider: str
) -> None:
    client, own = estate.others[outsider]
    assert {(str(each), way) for each in asked for way in each.held} == set(HELD), "say in HELD what it names"
    for each in asked:
        for way in each.held:
            around, status, code = HELD[str(each), way]
            body = {**BODIES[str(each)], **_with_ids(around, estate.objects)}
            assert await ask(client, each, own, json=body) == (status, code), f"{each} {way}"


def _with_ids(around: Any, ids: dict[str, str]) -> Any:
    match around:
        case dict():
            return {name: _with_ids(inner, ids) for name, inner in around.items()}
        case list():
            return [_with_ids(inner, ids) for inner in around]
        case None:
            return None
        case _:
            return ids.get(around, around)
