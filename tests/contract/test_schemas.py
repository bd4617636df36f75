"""Every message and shared dataset keeps its shape: a snapshot of each schema, and old payloads that still parse.

After a compatible change run `python -m tests.contract.test_schemas` and commit what it writes.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from caravan_common.contracts import COMMANDS, REPLIES, CloudEvent, DatasetManifest, FlowDefinition, decode

SNAPSHOTS = Path(__file__).parent / "snapshots"
MODELS: dict[str, type[BaseModel]] = {
    **COMMANDS,
    **REPLIES,
    "CloudEvent": CloudEvent,
    "DatasetManifest": DatasetManifest,
    "FlowDefinition": FlowDefinition,
}


def schema(name: str) -> dict[str, Any]:
    return MODELS[name].model_json_schema(mode="serialization")


def snapshot(name: str) -> dict[str, Any]:
    return dict(json.loads((SNAPSHOTS / f"{name}.json").read_text(encoding="utf-8")))


@pytest.mark.parametrize("name", sorted(MODELS))
def test_the_schema_is_the_one_in_the_snapshot(name: str) -> None:
    assert schema(name) == snapshot(name)


def incompatibilities(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """What a reader of the old schema could trip over: a field gone, changed in type, or newly required."""
    found = []
    for path, was in _objects(old):
        now = dict(_objects(new)).get(path)
        if now is None:
            found.append(f"{path} is gone")
            continue
        for field, shape in was.get("properties", {}).items():
            if field not in now.get("properties", {}):
                found.append(f"{path}.{field} is gone")
            elif _type(shape) != _type(now["properties"][field]):
                found.append(f"{path}.{field} has another type")
        added = set(now.get("properties", {})) - set(was.get("properties", {}))
        validated = _required(path)
        found.extend(f"{path}.{field} is new and has no default" for field in sorted(added & validated))
    return found


def _objects(schema: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [(schema["title"], schema), *sorted(schema.get("$defs", {}).items())]


def _type(shape: dict[str, Any]) -> Any:
    return {key: value for key, value in shape.items() if key in ("type", "$ref", "anyOf", "items", "format")}


def _required(path: str) -> set[str]:
    model = MODELS.get(path)
    if model is None:
        return set()
    return {name for name, field in model.model_fields.items() if field.is_required()}


def test_a_removed_field_is_called_incompatible() -> None:
    old = schema("PhaseFailed")
    new = json.loads(json.dumps(old))
    del new["properties"]["error"]
    assert incompatibilities(old, new) == ["PhaseFailed.error is gone"]


def test_a_changed_type_is_called_incompatible() -> None:
    old = schema("AttemptHeartbeat")
    new = json.loads(json.dumps(old))
    new["properties"]["note"]["type"] = "integer"
    assert incompatibilities(old, new) == ["AttemptHeartbeat.note has another type"]


@pytest.mark.parametrize("path", sorted((SNAPSHOTS / "payloads").glob("*.json")), ids=lambda path: path.stem)
def test_a_payload_written_by_an_earlier_version_still_parses(path: Path) -> None:
    message = decode(path.stem.split("-", 1)[0], path.read_bytes())
    assert message.message_id is not None


def _write() -> None:
    """Refuses to write over a snapshot what old readers could not read."""
    for name in MODELS:
        target = SNAPSHOTS / f"{name}.json"
        if target.exists() and (problems := incompatibilities(snapshot(name), schema(name))):
            raise SystemExit(f"{name}: {'; '.join(problems)}. Make a new schema version instead.")
        target.parent.mkdir(exist_ok=True)
        target.write_text(json.dumps(schema(name), indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    _write()
