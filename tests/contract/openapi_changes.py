"""What a client of the old API could trip over in the new one."""

from collections.abc import Iterator
from typing import Any

from caravan_orchestrator.api.openapi import operations

Document = dict[str, Any]


def incompatibilities(old: Document, new: Document) -> list[str]:
    """An operation gone or renamed, a success gone, a parameter or field gone, of another type, or newly required."""
    return [*_operations(old, new), *_schemas(old, new)]


def _operations(old: Document, new: Document) -> Iterator[str]:
    now = {(path, method): operation for path, method, operation in operations(new)}
    for path, method, was in operations(old):
        name, found = f"{method} {path}", now.get((path, method))
        if found is None:
            yield f"{name} is gone"
            continue
        if was["operationId"] != found["operationId"]:
            yield f"{name} is called {found['operationId']} and no longer {was['operationId']}"
        yield from (f"{name} no longer answers {s}" for s in _successes(was) if s not in _successes(found))
        yield from _parameters(name, was, found)


def _successes(operation: Document) -> list[str]:
    return [status for status in operation["responses"] if status < "400"]


def _parameters(name: str, was: Document, now: Document) -> Iterator[str]:
    old, new = ({(p["in"], p["name"]): p for p in each.get("parameters", ())} for each in (was, now))
    yield from (f"{name} takes no {parameter} any more" for _, parameter in old.keys() - new.keys())
    for key, parameter in new.items():
        if parameter.get("required") and not old.get(key, {}).get("required"):
            yield f"{name} now needs {key[1]}"
    if now.get("requestBody", {}).get("required") and not was.get("requestBody", {}).get("required"):
        yield f"{name} now needs a body"


def _schemas(old: Document, new: Document) -> Iterator[str]:
    sent = _sent(new)
    for name, was in old["components"]["schemas"].items():
        now = new["components"]["schemas"].get(name)
        if now is None:
            yield f"{name} is gone"
            continue
        before, after = was.get("properties", {}), now.get("properties", {})
        for field, shape in before.items():
            if field not in after:
                yield f"{name}.{field} is gone"
            elif _shape(shape) != _shape(after[field]):
                yield f"{name}.{field} has another type"
        if name in sent:
            added = set(now.get("required", ())) - set(was.get("required", ()))
            yield from (f"{name}.{field} is newly required" for field in sorted(added))


def _shape(schema: Document) -> Any:
    """What a generated type is made from."""
    kept = ("type", "$ref", "anyOf", "items", "format", "additionalProperties")
    return {
        key: [_shape(each) for each in value] if key == "anyOf" else value
        for key, value in schema.items()
        if key in kept
    }


def _sent(document: Document) -> set[str]:
    """Schemas that stand in bodies of requests, at any depth."""
    schemas, found = document["components"]["schemas"], set[str]()
    waiting = [operation.get("requestBody") for _, _, operation in operations(document)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            name = str(node.get("$ref", "")).rpartition("/")[2]
            if name in schemas and name not in found:
                found.add(name)
                waiting.append(schemas[name])
            waiting.extend(node.values())
        elif isinstance(node, list):
            waiting.extend(node)
    return found
