"""Examples made from a schema and the samples: always of the schema's shape, the same each time."""

from collections.abc import Mapping
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from caravan_orchestrator.api.openapi.samples import BODIES, FIELDS, WHOLE

Schema = Mapping[str, Any]
_MOMENTS = {"date-time": "2026-03-02T09:15:00Z", "date": "2026-03-02"}
_NUMBERS: Mapping[Any, Any] = {"integer": 3, "number": 0.93, "boolean": True}


class Examples:
    """`missing` gathers texts and objects for which there is no sample; a contract test wants it empty."""

    def __init__(self, schemas: Mapping[str, Schema]) -> None:
        self._schemas = schemas
        self.missing: set[str] = set()

    def body(self, schema: Schema) -> Any:
        """Of a request: a whole one where we have it, else its required fields."""
        name = self._name(schema)
        if name in BODIES:
            return BODIES[name]
        shape = self._schemas.get(name, schema)
        return {
            field: self._field(name, field, shape["properties"][field]) for field in shape.get("required", ())
        }

    def of(self, schema: Schema, owner: str = "", field: str = "") -> Any:
        if "$ref" in schema:
            owner = self._name(schema)
            return WHOLE[owner] if owner in WHOLE else self.of(self._schemas[owner], owner)
        if "anyOf" in schema:
            return self.of(next(s for s in schema["anyOf"] if s.get("type") != "null"), owner, field)
        if named := schema.get("examples") or schema.get("enum"):
            return named[0]
        if "properties" in schema:
            return {name: self._field(owner, name, s) for name, s in schema["properties"].items()}
        if schema.get("type") == "array":
            return [self.of(schema["items"], owner, field)]
        return self._plain(schema, owner, field)

    def _field(self, owner: str, field: str, schema: Schema) -> Any:
        own = f"{owner}.{field}"
        found = FIELDS.get(own, FIELDS.get(field, self))
        if found is self or _holds_objects(schema):
            return self.of(schema, owner, field)
        if schema.get("type") == "array" and not isinstance(found, list):
            return [] if found is None else [found]
        arrays = [s for s in schema.get("anyOf", ()) if s.get("type") == "array"]
        return [found] if arrays and found is not None and not isinstance(found, list) else found

    def _plain(self, schema: Schema, owner: str, field: str) -> Any:
        kind, written_as = schema.get("type"), schema.get("format")
        if written_as == "uuid":
            thing = field.removesuffix("_id") if field not in ("", "id") else owner.removesuffix("View")
            return str(uuid5(NAMESPACE_URL, f"urn:caravan:example:{thing.lower()}"))
        if written_as in _MOMENTS:
            return _MOMENTS[written_as]
        if kind in _NUMBERS:
            return max(_NUMBERS[kind], schema.get("minimum", 0))
        self.missing.add(f"{owner}.{field}")
        return {} if kind == "object" else "text"

    @staticmethod
    def _name(schema: Schema) -> str:
        refs = [schema, *schema.get("anyOf", ())]
        return next((str(s["$ref"]).rpartition("/")[2] for s in refs if "$ref" in s), "")


def _holds_objects(schema: Schema) -> bool:
    """Objects with fields of their own are told field by field."""
    if "$ref" in schema or "$ref" in schema.get("items", {}):
        return True
    return any(_holds_objects(each) for each in schema.get("anyOf", ()))
