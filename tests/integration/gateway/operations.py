"""What the OpenAPI document says of each operation, as the access matrix asks it: role, ids, and a body."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

ROLES = ("viewer", "operator", "approver", "admin")
# As docs/api.md has it: who may what. The document says of each operation which of these it needs.
SUFFICES: Mapping[str, frozenset[str]] = {
    "viewer": frozenset({"viewer", "operator", "approver", "admin"}),
    "operator": frozenset({"operator", "admin"}),
    "approver": frozenset({"approver"}),
    "admin": frozenset({"admin"}),
    "platform": frozenset({"platform"}),
}
# Parameters of a path that are names and no ids: what is a foreign name elsewhere may be one's own here.
NAMES: Mapping[str, str] = {"phase": "polish", "name": "nobodys_table"}
# A body that the operation would take, so that it is the id that is refused and nothing else.
BODIES: Mapping[str, Any] = {
    "POST /flows": {"flow_type": "looked_at", "name": "x"},
    "POST /chains": {"name": "x", "through": "looked_at", "flow_type": "looked_at"},
    "POST /questions/{question_id}/answer": {"option": "test"},
    "POST /assets:batch": {"ids": [str(UUID(int=1))], "set": {"name": "x"}, "reason": "y", "preview": True},
    "PUT /applications/{application_id}/treatment": {"treatment": "retain", "reason": "y"},
    "POST /wave-plans/{version}/edits:check": {"edits": [{"move": {"application": "app:000", "wave": 2}}]},
    "POST /wave-plans/{version}/edits:accept": {"edit_id": str(UUID(int=1))},
    "POST /wave-plans/{version}/edits:discard": {"edit_id": str(UUID(int=1))},
    "POST /wave-plans/{version}/edits:compare": {"with": str(UUID(int=1))},
    "PATCH /assets/{asset_id}": {"set": {"name": "x"}, "reason": "y"},
    "POST /flows/{flow_id}/rollbacks:plan": {"kind": "flow"},
    "POST /flows/{flow_id}/rollbacks": {"kind": "flow", "digest": "d", "reason": "r"},
    "POST /dead-letters:replay": {},
    "PATCH /flows/{flow_id}/mappings": {"mappings": [{"key": "k", "attribute": None}], "reason": "r"},
    "POST /conflicts/{conflict_id}/resolve": {"value": "x"},
    "POST /engagements/{engagement_id}/current-estate": {"flow_id": str(UUID(int=1))},
    "POST /clients": {"name": "new client"},
    "POST /engagements": {"name": "new engagement"},
    "POST /memberships": {"subject": "bob", "roles": ["viewer"]},
    "PATCH /memberships/{membership_id}": {"roles": ["viewer"]},
    "PUT /quotas/{client_id}": {"flows_running": 5},
    "POST /service-accounts": {
        "name": "robot",
        "roles": ["viewer"],
        "expires_at": (datetime.now(UTC) + timedelta(days=1)).isoformat(),
    },
    "PUT /reference-tables/{name}": {"rows": {"product": "facts"}},
}


@dataclass(frozen=True)
class Operation:
    """`path` is below /api/v1. `ids` are its path parameters, `queried` the ids in its query, `held` those in its body
    (as the way to them)."""

    method: str
    path: str
    role: str | None
    ids: tuple[str, ...]
    queried: tuple[str, ...]
    held: tuple[str, ...]
    takes_json: bool
    needs_body: bool
    headers: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def request(self) -> dict[str, Any]:
        """Raises LookupError for an operation that needs a body and has none here."""
        if self.needs_body and str(self) not in BODIES:
            raise LookupError(f"give BODIES one that {self} would take")
        body = BODIES.get(str(self))
        return {"headers": self.headers} | ({} if body is None else {"json": body})


def operations(document: Mapping[str, Any]) -> list[Operation]:
    """All that need a token."""
    return [
        _operation(document, method, path, described)
        for path, methods in document["paths"].items()
        for method, described in methods.items()
        if path.startswith("/api/")
    ]


def _operation(document: Mapping[str, Any], method: str, path: str, described: Any) -> Operation:
    parameters = described.get("parameters", [])
    body = described.get("requestBody", {})
    content = body.get("content", {}).get("application/json", {}).get("schema", {})
    streams = "text/event-stream" in described["responses"].get("200", {}).get("content", {})
    return Operation(
        method=method.upper(),
        path=_ours(path.removeprefix("/api/v1")),
        role=described.get("x-required-role"),
        ids=tuple(re.findall(r"\{(\w+)\}", _ours(path))),
        queried=tuple(
            each["name"]
            for each in parameters
            if each["in"] == "query" and list(_uuids(document, each["schema"]))
        ),
        held=tuple(_uuids(document, content)),
        takes_json="application/json" in body.get("content", {}),
        needs_body="application/json" in body.get("content", {}) and bool(body.get("required")),
        # A stream never ends by itself: where it is let in, it is told at once that it can't go on from there.
        headers={"Last-Event-ID": "nowhere"} if streams else {},
    )


def _ours(path: str) -> str:
    """With a name of its own for each kind of object: a version is one of waves but for schedules."""
    return path.replace("/schedules/{version}", "/schedules/{schedule}")


def _uuids(document: Mapping[str, Any], schema: Mapping[str, Any], way: str = "") -> Iterator[str]:
    """The ways to all ids within a schema; of an id itself, the empty one."""
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if schema.get("format") == "uuid":
        yield way
    for inner in (*schema.get("anyOf", ()), *schema.get("allOf", ())):
        yield from _uuids(document, inner, way)
    if isinstance(schema.get("items"), Mapping):
        yield from _uuids(document, schema["items"], f"{way}[]")
    for name, inner in schema.get("properties", {}).items():
        yield from _uuids(document, inner, f"{way}.{name}".lstrip("."))
