"""What docs/security.md says of the whole gateway, shown over every operation of its OpenAPI document."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from fastapi.routing import APIRoute
from starlette.routing import Mount

from caravan_common.contracts import Tenant, new_id
from tests.integration.gateway.client import Client, Gateway
from tests.integration.gateway.operations import BODIES, NAMES, Operation, operations

_LARGEST_PAGE = 500
# What a client would like to be taken from a body, and what no body has.
SLIPPED_IN = {"client_account_id": str(new_id()), "created_by": "root", "roles_": ["admin"], "locked": False}
# Words of a field that says where something is to be fetched from, or sent to.
_ADDRESSES = ("url", "uri", "href", "link", "callback", "webhook", "host", "address", "endpoint")


@pytest.fixture(scope="module")
def asked(gateway: Gateway) -> list[Operation]:
    return operations(gateway.shapes.document)


def routes(of: Any) -> Iterator[Any]:
    """Of routers within routers too; FastAPI includes them as they are."""
    for route in of.routes:
        inner = getattr(route, "original_router", None)
        if inner is None:
            yield route
        else:
            yield from routes(inner)


def test_no_route_is_hidden_from_the_document(gateway: Gateway, asked: list[Operation]) -> None:
    """What the document leaves out, neither the access matrix nor the fuzzer would ask."""
    found = list(routes(gateway.app))
    assert not any(isinstance(route, Mount) for route in found)
    ours = [route for route in found if isinstance(route, APIRoute)]
    assert all(route.include_in_schema for route in ours)
    documented = [operation for methods in gateway.shapes.document["paths"].values() for operation in methods]
    assert len(documented) == sum(len(route.methods or ()) for route in ours)
    others = {getattr(route, "path", "") for route in found} - {route.path for route in ours}
    assert others == {"/openapi.json", "/docs", "/docs/oauth2-redirect"}


async def test_no_body_takes_a_field_that_it_does_not_know(
    gateway: Gateway, tenant: Tenant, asked: list[Operation]
) -> None:
    with_body = [each for each in asked if each.takes_json]
    assert len(with_body) > 15
    wrong = {}
    for each in with_body:
        role = "approver" if each.role == "approver" else "platform" if each.role == "platform" else "admin"
        path = each.path.format(**NAMES, **{name: new_id() for name in each.ids if name not in NAMES})
        body = {**BODIES.get(str(each), {}), **SLIPPED_IN}
        answer = await gateway.client(tenant, role).http.request(each.method, path, json=body)
        pointers = {fault.get("pointer") for fault in answer.json().get("errors", [])}
        if answer.status_code != 422 or not {f"/{name}" for name in SLIPPED_IN} <= pointers:
            wrong[str(each)] = (answer.status_code, answer.text[:200])
    assert wrong == {}


def test_no_operation_takes_an_address_to_fetch_from_or_to_send_to(
    gateway: Gateway, asked: list[Operation]
) -> None:
    """Files come in bodies. Whoever adds an address here must bound where it may lead, and say so."""
    document = gateway.shapes.document
    fields = {
        f"{method} {path}: {name}"
        for path, methods in document["paths"].items()
        for method, described in methods.items()
        for name, schema in _taken(document, described)
        if "uri" in str(schema.get("format", "")) or set(name.lower().split("_")) & set(_ADDRESSES)
    }
    assert fields == set()


def _taken(
    document: Mapping[str, Any], described: Mapping[str, Any]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for parameter in described.get("parameters", []):
        yield parameter["name"], parameter["schema"]
    for content in described.get("requestBody", {}).get("content", {}).values():
        yield from _fields(document, content["schema"])


def _fields(
    document: Mapping[str, Any], schema: Mapping[str, Any]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    for inner in (*schema.get("anyOf", ()), *schema.get("allOf", ())):
        yield from _fields(document, inner)
    if isinstance(schema.get("items"), Mapping):
        yield from _fields(document, schema["items"])
    for name, inner in schema.get("properties", {}).items():
        yield name, inner
        yield from _fields(document, inner)


def test_every_list_has_a_largest_page(gateway: Gateway) -> None:
    limits = [
        parameter["schema"]
        for methods in gateway.shapes.document["paths"].values()
        for described in methods.values()
        for parameter in described.get("parameters", [])
        if parameter["name"] == "limit"
    ]
    assert len(limits) > 10
    assert all(limit["maximum"] <= _LARGEST_PAGE and limit["minimum"] >= 1 for limit in limits)


def test_every_text_and_list_in_a_body_has_an_end(gateway: Gateway) -> None:
    """The limit on bodies is the outer one; this keeps single values from filling it."""
    document = gateway.shapes.document
    endless = {
        f"{method} {path}: {name}"
        for path, methods in document["paths"].items()
        for method, described in methods.items()
        for name, schema in _fields(
            document,
            described.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {}),
        )
        for one in (schema, *schema.get("anyOf", ()))
        if (one.get("type") == "string" and not {"maxLength", "format", "enum", "const"} & set(one))
        or (one.get("type") == "array" and "maxItems" not in one)
    }
    assert endless == set()


async def test_an_answer_tells_neither_server_nor_versions_and_opens_to_no_other_origin(ann: Client) -> None:
    for answer in (
        await ann.http.get("/flows", headers={"Origin": "https://evil.example"}),
        await ann.http.get("/nowhere", headers={"Origin": "https://evil.example"}),
    ):
        names = {name.lower() for name in answer.headers}
        assert not names & {"server", "x-powered-by", "access-control-allow-origin"}
        assert "Traceback" not in answer.text
