"""Values and units that people give for attributes: in their types and units, or refused with a pointer."""

import math
import re
from datetime import datetime
from typing import Any

from caravan_common.contracts.attributes import BY_NAME
from caravan_common.contracts.measures import default_unit, factor_to_canonical, unit_named, units_of
from caravan_orchestrator.api.problems import Problem
from caravan_orchestrator.store.tables.assets import ATTRIBUTE_COLUMNS, LISTED_BY

_NUMBERS = ("Float64", "Int64")
# Of what lists filter by: an index holds all of them beside the name.
_LONGEST_LISTED = 100
# No exponents, no separators of thousands: what could be read in two ways is refused.
_QUANTITY = re.compile(r"(?P<number>-?\d{1,15}(?:\.\d{1,15})?)\s*(?P<unit>[^\d\s.,][^\d]{0,29})\Z")
# Caravan alone says where a row comes from and how far its flows have come.
SETTABLE = frozenset(
    name
    for name in ATTRIBUTE_COLUMNS
    if BY_NAME[name].group != "trace" and not name.endswith(("_completed", "_history"))
) | {"is_target", "not_target_reason"}


def checked_value(name: str, value: Any) -> Any:
    """The value in the attribute's type: text of a time becomes a time, "16 GB" a number in the attribute's unit.

    Raises Problem.
    """
    pointer = f"/set/{name}"
    if name not in SETTABLE:
        raise Problem(
            "unknown_attribute", f"There is no attribute {name!r} to set.", status=422, pointer=pointer
        )
    dtype = {"is_target": "Boolean", "not_target_reason": "String"}.get(name) or BY_NAME[name].dtype
    if value is None:
        return None
    if isinstance(value, str) and dtype in _NUMBERS:
        value = _measured(name, value, pointer)
    if name in LISTED_BY and len(str(value)) > _LONGEST_LISTED:
        detail = f"{name} takes at most {_LONGEST_LISTED} characters."
        raise Problem("invalid_value", detail, status=422, pointer=pointer)
    try:
        return _CHECKS[dtype](value)
    except (ValueError, TypeError):
        detail = f"{name} takes {_words(name, dtype)}, or null for unknown."
        raise Problem("invalid_value", detail, status=422, pointer=pointer) from None


def checked_unit(attribute: str | None, written: str, pointer: str) -> str | None:
    """The attribute's unit that a person wrote in some spelling; None for what is no number. Raises Problem."""
    if attribute is not None:
        unit = unit_named(attribute, written)
        # What a list of mappings shows may be sent back: `text` stands there for no unit at all.
        if unit is not None or written == default_unit(attribute):
            return unit
        if known := units_of(attribute):
            detail = f"{written!r} is no unit of {attribute}; it is measured in {', '.join(known)}."
            raise Problem("unknown_unit", detail, status=422, pointer=pointer)
    detail = f"{attribute or 'A custom column'} has no unit; leave {written!r} out."
    raise Problem("unknown_unit", detail, status=422, pointer=pointer)


def _measured(attribute: str, written: str, pointer: str) -> Any:
    """A quantity as the number it is in the attribute's unit; other text as it stands. Raises Problem."""
    quantity = _QUANTITY.match(written.strip())
    if quantity is None:
        return written
    unit = checked_unit(attribute, quantity["unit"], pointer)
    factor = factor_to_canonical(attribute, unit)
    return written if factor is None else float(quantity["number"]) * factor


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(value)
    return float(value)


def _integer(value: Any) -> int:
    if _number(value) != int(value):
        raise ValueError(value)
    return int(value)


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(value)
    return value


def _texts(value: Any) -> list[str]:
    if not isinstance(value, list):
        raise TypeError(value)
    return [_text(element) for element in value]


def _moment(value: Any) -> datetime:
    moment = datetime.fromisoformat(_text(value))
    if moment.tzinfo is None:
        raise ValueError(value)
    return moment


_CHECKS = {
    "String": _text,
    "Float64": _number,
    "Int64": _integer,
    "Boolean": _boolean,
    "List(String)": _texts,
    "Datetime": _moment,
}
_WORDS = {
    "String": "text",
    "Float64": "a number",
    "Int64": "a whole number",
    "Boolean": "true or false",
    "List(String)": "a list of texts",
    "Datetime": "a time with its zone (ISO 8601)",
}


def _words(name: str, dtype: str) -> str:
    example = f", or text with its unit ({', '.join(units_of(name))})" if dtype in _NUMBERS else ""
    return _WORDS[dtype] + example
