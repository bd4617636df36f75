"""The published OpenAPI document is the gateway's own, says everything of every operation, and breaks no client.

After a compatible change run `make clients` (or `python -m tests.contract.test_openapi`) and commit what it writes.
"""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from caravan_orchestrator.api.app import openapi_document
from caravan_orchestrator.api.openapi import operations
from caravan_orchestrator.api.openapi.codes import CODES
from caravan_orchestrator.api.openapi.errors import documented_apart
from caravan_orchestrator.api.openapi.examples import Examples
from caravan_orchestrator.api.openapi.samples import BODIES
from caravan_orchestrator.api.shapes import administration, bodies, plan_bodies
from tests.contract.openapi_changes import incompatibilities

PUBLISHED = Path(__file__).resolve().parents[2] / "docs/openapi.json"
MADE = openapi_document()
OPERATIONS = {operation["operationId"]: operation for _, _, operation in operations(MADE)}
TAGS = {tag["name"] for tag in MADE["tags"]}
every_operation = pytest.mark.parametrize("name", sorted(OPERATIONS))


def contents(operation: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """What is sent and answered: "body" or the status, media type, and what is said of it."""
    parts = {"body": operation.get("requestBody", {}), **operation["responses"]}
    for part, said in parts.items():
        for kind, media in said.get("content", {}).items():
            yield part, kind, media


def is_problem(part: str, kind: str) -> bool:
    return part != "body" and kind == "application/problem+json"


def valid(schema: dict[str, Any], value: Any) -> None:
    Draft202012Validator({**schema, "components": MADE["components"]}).validate(value)


def test_the_published_document_is_the_present_one() -> None:
    assert json.loads(PUBLISHED.read_text(encoding="utf-8")) == MADE, "run `make clients`"


def test_the_published_document_is_one_that_its_clients_can_live_with() -> None:
    assert incompatibilities(json.loads(PUBLISHED.read_text(encoding="utf-8")), MADE) == []


def test_names_are_given_once() -> None:
    assert len(OPERATIONS) == len(list(operations(MADE)))


@every_operation
def test_an_operation_says_what_it_does_and_has_one_known_tag(name: str) -> None:
    operation = OPERATIONS[name]
    assert name.isidentifier()
    assert operation["summary"]
    assert len(operation.get("description", "")) > 10, "its route has no docstring"
    assert len(operation["tags"]) == 1
    assert set(operation["tags"]) <= TAGS


@every_operation
def test_what_is_sent_and_what_is_answered_have_examples_of_their_shape(name: str) -> None:
    for part, kind, media in contents(OPERATIONS[name]):
        if is_problem(part, kind):
            continue
        assert "example" in media, f"{part} {kind}"
        if "schema" in media:
            valid(media["schema"], media["example"])


@every_operation
def test_no_text_or_object_of_an_example_is_made_up(name: str) -> None:
    """A new text needs a sample in api/openapi/samples.py, or `examples` on its field."""
    examples = Examples(MADE["components"]["schemas"])
    for part, kind, media in contents(OPERATIONS[name]):
        if "json" in kind and "schema" in media and not is_problem(part, kind):
            (examples.body if part == "body" else examples.of)(media["schema"])
    assert examples.missing == set()


@every_operation
def test_an_error_is_a_problem_with_the_codes_it_may_have(name: str) -> None:
    operation = OPERATIONS[name]
    statuses = {status for status in operation["responses"] if status >= "400"}
    if "security" in operation:
        assert {"401", "403", "404", "422", "500", "503"} <= statuses
    for status in statuses - {s for s, kind, _ in contents(operation) if kind == "application/json"}:
        media = operation["responses"][status]["content"]["application/problem+json"]
        assert media["schema"] == {"$ref": "#/components/schemas/ProblemView"}
        assert media["examples"], f"{status} has no code: add it to api/openapi/errors.py"
        for code, example in media["examples"].items():
            assert example == {"$ref": f"#/components/examples/{code}"}
            assert CODES[code][0] == int(status)
            assert f"`{code}`" in operation["responses"][status]["description"]


def test_every_code_stands_at_some_operation_and_its_example_is_a_problem() -> None:
    stand = {code for o in OPERATIONS.values() for _, _, m in contents(o) for code in m.get("examples", ())}
    assert CODES.keys() - stand == {"method_not_allowed"}
    for example in MADE["components"]["examples"].values():
        valid(MADE["components"]["schemas"]["ProblemView"], example["value"])


def test_tables_name_no_operation_that_is_gone() -> None:
    assert documented_apart() <= OPERATIONS.keys()


@pytest.mark.parametrize("name", sorted(BODIES))
def test_the_example_of_a_body_is_one_that_the_gateway_takes(name: str) -> None:
    shapes = {**vars(bodies), **vars(administration), **vars(plan_bodies)}
    shapes[name].model_validate(BODIES[name])


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda d: d["paths"].pop("/api/v1/flows"), "POST /api/v1/flows is gone"),
        (
            lambda d: d["paths"]["/api/v1/flows"]["get"].update(operationId="flows"),
            "GET /api/v1/flows is called flows and no longer list_flows",
        ),
        (
            lambda d: d["paths"]["/api/v1/flows"]["get"]["parameters"][0].update(required=True),
            "GET /api/v1/flows now needs flow_type",
        ),
        (
            lambda d: d["paths"]["/api/v1/flows"]["get"]["parameters"].pop(0),
            "GET /api/v1/flows takes no flow_type any more",
        ),
        (
            lambda d: d["components"]["schemas"]["FlowView"]["properties"].pop("phases"),
            "FlowView.phases is gone",
        ),
        (
            lambda d: d["components"]["schemas"]["FlowView"]["properties"].update(stale={"type": "string"}),
            "FlowView.stale has another type",
        ),
        (
            lambda d: d["components"]["schemas"]["Configuration"].update(required=["as_of"]),
            "Configuration.as_of is newly required",
        ),
        (lambda d: d["components"]["schemas"].pop("AuditView"), "AuditView is gone"),
    ],
)
def test_what_would_break_a_client_is_called_incompatible(change: Any, fault: str) -> None:
    changed = copy.deepcopy(MADE)
    change(changed)
    assert fault in incompatibilities(MADE, changed)


def test_what_is_added_breaks_nobody() -> None:
    changed = copy.deepcopy(MADE)
    changed["components"]["schemas"]["FlowView"]["properties"]["colour"] = {"type": "string"}
    changed["paths"]["/api/v1/new"] = changed["paths"]["/api/v1/flows"]
    assert incompatibilities(MADE, changed) == []


def _write() -> None:
    """Refuses to write over a document what its clients could not live with."""
    if PUBLISHED.exists():
        faults = incompatibilities(json.loads(PUBLISHED.read_text(encoding="utf-8")), MADE)
        if faults:
            raise SystemExit(f"{'; '.join(faults)}. Add beside the old, or make a new version of the API.")
    PUBLISHED.write_text(json.dumps(MADE, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    _write()
