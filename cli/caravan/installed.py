"""The flow services installed beside the command, found by the entry points they declare."""

import sys
from importlib.metadata import EntryPoint, entry_points

from caravan.failures import BadInput, PlatformUnavailable
from caravan_common.worker.service import Service

FLOWS = "caravan.flows"
# Where every chain begins.
FIRST = "discovery"
# What people may call a flow by.
ALIASES = {"assess": "assessment", "plan": "planning", "execute": "execution"}


def installed_services() -> tuple[Service, ...]:
    """By name of the flow. Raises PlatformUnavailable when there is none, or one can't be imported."""
    found = entry_points(group=FLOWS)
    services = [_load(found[name]) for name in sorted(found.names)]
    if not services:
        raise PlatformUnavailable(
            "No flow service is installed; run `make demo` once to install Caravan's own."
        )
    return tuple(services)


def installed_service(name: str) -> Service:
    """Raises BadInput naming those there are."""
    found = entry_points(group=FLOWS)
    name = ALIASES.get(name, name)
    if name not in found.names:
        raise BadInput(
            f"No flow {name!r} is installed; there are: {', '.join(sorted(found.names)) or 'none'}."
        )
    return _load(found[name])


def installed_chain(first: str = FIRST) -> tuple[str, ...]:
    """Flow types that follow one another from `first` on, as far as they are installed. Raises BadInput."""
    found, way = entry_points(group=FLOWS).names, [installed_service(first).definition]
    while (following := way[-1].next_flow_type) in found and following not in {
        each.flow_type for each in way
    }:
        assert following is not None
        way.append(installed_service(following).definition)
    return tuple(each.flow_type for each in way)


def chain_end(through: str | None) -> str:
    """The flow type to run through: the last one installed when none is named. Raises BadInput."""
    way = installed_chain()
    if through is None:
        return way[-1]
    name = installed_service(through).definition.flow_type
    if name not in way:
        raise BadInput(f"The chain does not come to {name!r}; it goes {' → '.join(way)}.")
    return name


def _load(entry: EntryPoint) -> Service:
    try:
        service = entry.load()
    except ImportError as error:
        raise PlatformUnavailable(
            f"The flow service {entry.name!r} can't be imported ({error}) by Python {sys.version.split()[0]};"
            " install it again with `make demo`."
        ) from error
    if not isinstance(service, Service):
        raise PlatformUnavailable(f"The entry point {entry.value} is no flow service.")
    return service
