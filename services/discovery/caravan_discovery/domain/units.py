"""Units in the headers of inventories; the units themselves are those of the contracts."""

import re

from caravan_common.contracts.measures import (
    UNITS,
    default_unit,
    factor_of,
    factor_to_canonical,
    factors_in_cells,
    unit_named,
)
from caravan_discovery.domain.attributes import BY_NAME

__all__ = [
    "UNIT_BY_SPELLING",
    "default_unit",
    "factor_between",
    "factor_to_canonical",
    "factors_in_cells",
    "is_number",
    "split_unit",
    "unit_named",
]

UNIT_BY_SPELLING: dict[str, str] = {
    word: unit
    for family in UNITS.values()
    for unit, (_, words, _) in family.items()
    for word in words.split()
}

# A header of these units alone leaves open what the number means.
_IN_HEADER = re.compile(r"(?:\bin\s+|[(\[])\s*([a-z%/]+)\s*[)\]]?\s*$|\s(%|[kmgt]i?b|[mg]hz|mbps|gbps|pct)$")


def is_number(attribute: str) -> bool:
    """Whether the attribute holds numbers, in whatever unit."""
    known = BY_NAME.get(attribute)
    return known is not None and known.dtype in ("Int64", "Float64")


def factor_between(unit: str | None, canonical: str | None) -> float:
    """The same for a unit under any of its spellings; 1 where nothing is known."""
    if unit is None or canonical is None:
        return 1.0
    return factor_of(canonical, unit) or factors_in_cells(canonical).get(unit.lower(), 1.0)


def split_unit(header: str) -> tuple[str, str | None]:
    """A lower-case header without its unit, and the unit: `memory (in mb)` → (`memory`, `MiB`)."""
    match = _IN_HEADER.search(header)
    if match is None:
        return header, None
    unit = UNIT_BY_SPELLING.get(next(group for group in match.groups() if group))
    if unit is None:
        return header, None
    rest = header[: match.start()].strip()
    return (rest, unit) if rest else (header, unit)
