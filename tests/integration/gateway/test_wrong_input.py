"""Every parameter of every route, given what it must not be given: an answer that is documented, never a fault."""

import re
from collections.abc import Awaitable, Callable, Iterator
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from tests.integration.gateway.client import Client, Gateway

Gathered = Callable[..., Awaitable[Any]]
_LONG = "x" * 5000
_WRONG: tuple[str, ...] = (
    "", " ", "\0", "a\0b", "\x1b[31m", "null", "true", "-1", "0", "1.5", "1e309", "NaN", str(2**63), str(10**30),
    "' or 1=1 --", "%00", "../../etc/passwd", "{}", "[]", "é\u202e\U0001f6a2", _LONG, str(uuid4()), str(UUID(int=0)),
    # Cursors: base64 of JSON that is not what they hold.
    "bnVsbA", "W10", "WyJhc3NldHMiLHt9XQ", "WyJhc3NldHMiLDEsMl0", "WyJhc3NldHMiLCJcdTAwMDAiLCJ4Il0",
)  # fmt: skip
_BODIES: tuple[Any, ...] = (
    None, True, 0, -1, 1e308, 10**30, "", "\0", [], [None], {}, {"\0": "\0"}, {"x": _LONG}, [[[[[[]]]]]],
    {"set": {"name": "\0"}, "reason": "r"}, {"option": "\0"}, {"keys": ["\0"], "kind": "selective"},
    {"ids": ["x"]}, {"name": 10**40}, {"configuration": {"uploads": [1]}},
)  # fmt: skip


def operations(gateway: Gateway) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in gateway.shapes.document["paths"].items():
        for method, described in methods.items():
            # What streams for ever has tests of its own.
            if path.startswith("/api/v1") and path != "/api/v1/events":
                yield method.upper(), path.removeprefix("/api/v1"), described


async def ask(client: Client, gateway: Gateway, method: str, path: str, **request: Any) -> None:
    """Fails unless the answer is one that this route documents, in its shape."""
    answer = await client.http.request(method, path, **request)
    said = f"{method} {path} {request} → {answer.status_code} {answer.text[:300]}"
    assert answer.status_code < 500, said
    template = gateway.shapes.template(answer.request.url.path)
    # A NUL or a slash may make another route, or none, of the path.
    if template is None or method.lower() not in gateway.shapes.document["paths"][template]:
        assert answer.status_code in (404, 405), said
    elif answer.status_code != 204:
        gateway.shapes.check(method, answer.request.url.path, answer)


@pytest.mark.timeout(300)
async def test_no_parameter_makes_a_fault_whatever_it_is_given(
    ann: Client, gateway: Gateway, gathered: Gathered
) -> None:
    flow = await gathered()
    known = {"flow_id": flow["id"], "phase": "gather"}
    asked = 0
    for method, path, described in operations(gateway):
        parameters = described.get("parameters", [])
        whole = {
            each["name"]: known.get(each["name"], str(uuid4())) for each in parameters if each["in"] == "path"
        }
        for each in parameters:
            for wrong in _WRONG:
                given, query, headers = dict(whole), {}, {}
                if each["in"] == "path":
                    given[each["name"]] = wrong or "%20"
                elif each["in"] == "query":
                    query = {each["name"]: wrong}
                elif wrong.isascii() and wrong.isprintable():
                    headers = {each["name"]: wrong}
                else:
                    continue
                url = httpx.URL(
                    "http://gateway/api/v1" + path.format(**{k: _quoted(v) for k, v in given.items()})
                )
                await ask(ann, gateway, method, str(url), params=query, headers=headers)
                asked += 1
    assert asked > 2000


async def test_a_parameter_that_a_route_does_not_know_is_refused_and_not_passed_over(
    ann: Client, gateway: Gateway
) -> None:
    """`?enviroment=production` would otherwise be every asset there is."""
    asked = 0
    for method, path, described in operations(gateway):
        if described.get("x-required-role") in ("viewer", "operator"):
            filled = re.sub(r"\{\w+\}", str(uuid4()), path)
            answer = await ann.http.request(method, filled, params={"enviroment": "production"})
            assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request"), (method, path)
            assert "'enviroment'" in answer.json()["detail"]
            gateway.shapes.check(method, answer.request.url.path, answer)
            asked += 1
    assert asked > 50


async def test_what_can_be_done_about_a_request_that_fits_nowhere_is_said(ann: Client) -> None:
    assert "openapi.json" in (await ann.http.get("/nothing-of-the-kind")).json()["detail"]
    assert "first page" in (await ann.json("GET", "/flows", 422, params={"cursor": "bnVsbA"}))["detail"]
    empty = await ann.http.post("/flows")
    assert empty.json()["detail"].startswith("the body: ")


@pytest.mark.timeout(300)
async def test_no_body_makes_a_fault_whatever_it_is(
    ann: Client, gateway: Gateway, gathered: Gathered
) -> None:
    flow = await gathered()
    asked = 0
    for method, path, described in operations(gateway):
        if "requestBody" not in described:
            continue
        url = path.format(
            **{each["name"]: uuid4() for each in described["parameters"] if each["in"] == "path"}
            | {"flow_id": flow["id"], "phase": "gather"}
        )
        for body in _BODIES:
            await ask(ann, gateway, method, url, json=body)
            asked += 1
        for raw in (b"", b"\0", b"{", b'{"a": NaN}', b"\xff\xfe", b"[" * 20_000):
            headers = {"Content-Type": "application/json"}
            await ask(ann, gateway, method, url, content=raw, headers=headers)
    assert asked > 200


def _quoted(value: str) -> str:
    return "".join(f"%{byte:02X}" for byte in value.encode())
