"""Which columns of a table name a row, hold its sizes and its key: from its format, else from its headers."""

from dataclasses import dataclass

from caravan_discovery.domain.mapping.formats import Kind, header_key
from caravan_discovery.domain.mapping.headers import is_flow_table, match_header
from caravan_discovery.domain.reading.header import Header

GENERIC = "generic"
_NAMES = ("name", "hostname", "fqdn")
# A word in one of these makes the row unusable; in any other column it is an issue for cleansing.
_OF_MACHINES = frozenset(("ip_addresses", "memory_gb", "cpu_cores", "operating_system"))
_SIZES = ("cpu_cores", "memory_gb", "storage_gb", "storage_used_gb")


@dataclass(frozen=True)
class Layout:
    """Column positions by role. `key` is the source's own key; empty positions: the table has no such column."""

    format: str
    record_kind: str
    names: tuple[int, ...]
    numbers: tuple[int, ...]
    key: tuple[int, ...]
    record_type: int | None
    strict_numbers: bool


def layout_of(header: Header) -> Layout:
    """What the rules of rows need to know of a table."""
    if header.kind is not None:
        return _known(header, header.kind)
    names: list[int] = []
    applications: list[int] = []
    numbers: list[int] = []
    flows = is_flow_table(list(header.names))
    attributes = []
    for position, name in enumerate(header.names):
        match = match_header(name, in_flow_table=flows)
        attributes.append(match.attribute if match else None)
        if match is None or flows or match.score < 0.8:
            continue
        if match.attribute in _NAMES:
            names.append(position)
        elif match.attribute == "application_name":
            applications.append(position)
        elif match.attribute in _SIZES:
            numbers.append(position)
    # In a list of applications a blank cell of servers leaves the application named.
    if not _OF_MACHINES & set(attributes):
        names += applications
    return Layout(
        GENERIC,
        _record_kind(attributes, flows),
        names=tuple(names or applications),
        numbers=tuple(numbers),
        key=(),
        record_type=None,
        strict_numbers=False,
    )


def _known(header: Header, kind: Kind) -> Layout:
    keys = [header_key(name) for name in header.names]
    positions = {key: position for position, key in reversed(list(enumerate(keys)))}
    numbers = []
    for position, name in enumerate(header.names):
        meaning = kind.meaning(name)
        if meaning is not None and meaning.attribute in _SIZES:
            numbers.append(position)
    return Layout(
        format=kind.format,
        record_kind=kind.name,
        names=tuple(positions[name] for name in kind.names if name in positions),
        numbers=tuple(numbers),
        key=tuple(positions[key] for key in kind.key if key in positions),
        record_type=positions.get(kind.record_type) if kind.record_type else None,
        strict_numbers=True,
    )


def _record_kind(attributes: list[str | None], flows: bool) -> str:
    """Generic tables of flows and of applications are told apart from tables of machines."""
    if flows:
        return "dependency"
    if "application_name" in attributes and not (_OF_MACHINES | {*_NAMES}) & set(attributes):
        return "application"
    return GENERIC
