"""Completes what FastAPI knows of the routes: names for clients, examples, every error with its codes.

It works on the document alone, so that a new route gets all of it by being declared.
"""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from caravan_orchestrator.api.openapi.codes import CODES
from caravan_orchestrator.api.openapi.errors import asks_engagement, codes_of, keeps_answers
from caravan_orchestrator.api.openapi.examples import Examples
from caravan_orchestrator.api.openapi.names import operation_name
from caravan_orchestrator.api.openapi.rollback_samples import OFFERS
from caravan_orchestrator.api.openapi.samples import TEXTS

__all__ = ["complete", "operation_name", "operations"]

_PROBLEM = {"$ref": "#/components/schemas/ProblemView"}
_RETRY_AFTER = {"Retry-After": {"description": "seconds to wait", "schema": {"type": "integer"}}}
_METHODS = ("get", "put", "post", "delete", "patch")


def complete(document: dict[str, Any]) -> dict[str, Any]:
    """The same document, changed in place."""
    examples = Examples(document["components"]["schemas"])
    for _, method, operation in operations(document):
        _document_errors(method, operation)
        _say_what_succeeds(operation)
        _add_examples(operation, examples)
    document["components"]["examples"] = {code: _problem(code) for code in sorted(CODES)}
    return document


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Path, method in capitals, operation."""
    for path, methods in document["paths"].items():
        for method in _METHODS:
            if method in methods:
                yield path, method.upper(), methods[method]


def _document_errors(method: str, operation: dict[str, Any]) -> None:
    responses = operation["responses"]
    declared = frozenset(int(status) for status in responses if int(status) >= 400)
    _leave_out_idle_parameters(method, operation, declared)
    for status, codes in codes_of(method, operation, declared).items():
        words = "\n".join(f"- `{code}`: {CODES[code][1]}" for code in codes)
        shown = {code: {"$ref": f"#/components/examples/{code}"} for code in codes}
        responses[str(status)] = {
            "description": f"{HTTPStatus(status).phrase}.\n\n{words}",
            "content": {"application/problem+json": {"schema": _PROBLEM, "examples": shown}},
            **({"headers": _RETRY_AFTER} if status in (429, 503) else {}),
        }
    operation["responses"] = dict(sorted(responses.items()))


def _leave_out_idle_parameters(method: str, operation: dict[str, Any], declared: frozenset[int]) -> None:
    """Every route is given both headers and `engagement`; only those are documented that have an effect on it."""
    idle = set() if keeps_answers(method, operation) else {"idempotency-key"}
    idle |= set() if 412 in declared else {"if-match"}
    idle |= set() if asks_engagement(operation) else {"engagement"}
    parameters = [p for p in operation.get("parameters", ()) if p["name"].lower() not in idle]
    operation["parameters"] = parameters


def _say_what_succeeds(operation: dict[str, Any]) -> None:
    """FastAPI's own words for every success are the same two."""
    for status, response in operation["responses"].items():
        if response.get("description", "") in ("", "Successful Response"):
            response["description"] = f"{HTTPStatus(int(status)).phrase}."


def _add_examples(operation: dict[str, Any], examples: Examples) -> None:
    for kind, media in operation.get("requestBody", {}).get("content", {}).items():
        media["example"] = (
            examples.body(media["schema"]) if "json" in kind else {"file": "Host,RAM\nweb-01,16384\n"}
        )
    for status, response in operation["responses"].items():
        for kind, media in response.get("content", {}).items():
            if int(status) < 400 or "examples" not in media:
                schema = media.get("schema", {})
                media["example"] = (
                    TEXTS[kind] if kind in TEXTS else examples.of(schema, operation["operationId"])
                )


def _problem(code: str) -> dict[str, Any]:
    status, words = CODES[code]
    value = {
        "type": f"urn:caravan:error:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": words,
        "code": code,
        "pointer": None,
        "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
        **OFFERS.get(code, {}),
    }
    return {"summary": words, "value": value}
