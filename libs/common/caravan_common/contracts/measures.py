"""Units as inventories and people write them, and the factor to the canonical unit of an attribute. GB means GiB."""

from functools import cache

from caravan_common.contracts.attributes import BY_NAME

# By canonical unit: unit → factor, spellings in headers and cells, spellings in cells alone (too short for a header).
UNITS: dict[str, dict[str, tuple[float, str, str]]] = {
    "GiB": {
        "B": (1 / 2**30, "b byte bytes", ""),
        "KiB": (1 / 2**20, "kb kib kilobytes", "k"),
        "MiB": (1 / 2**10, "mb mib megabytes mbyte", "m"),
        "GiB": (1.0, "gb gib gigabytes gbyte go", "g gig"),
        "TiB": (2.0**10, "tb tib terabytes", "t"),
        "PiB": (2.0**20, "", "pb pib"),
    },
    "MHz": {
        "Hz": (1e-6, "", "hz"),
        "kHz": (1e-3, "", "khz"),
        "MHz": (1.0, "mhz", ""),
        "GHz": (1000.0, "ghz", ""),
    },
    "percent": {
        "percent": (1.0, "% pct percent percentage prozent", ""),
        "fraction": (100.0, "fraction ratio", ""),
    },
    "minutes": {
        "seconds": (1 / 60, "s sec secs second seconds sekunden", ""),
        "minutes": (1.0, "min mins minute minutes minuten", "m"),
        "hours": (60.0, "h hr hrs hour hours stunden std", ""),
        "days": (1440.0, "d day days tage", "tag"),
    },
    "Mbit/s": {
        "kbit/s": (1e-3, "kbps", "kbit/s"),
        "Mbit/s": (1.0, "mbps mbit", "mbit/s"),
        "Gbit/s": (1000.0, "gbps gbit", "gbit/s"),
        "KB/s": (8 / 1000, "kb/s kbytes/s", ""),
        "MB/s": (8.0, "mb/s mbytes/s mbps_bytes", ""),
        "MiB/s": (8.388608, "", "mib/s"),
        "GB/s": (8000.0, "", "gb/s"),
    },
    "currency": {"currency": (1.0, "", "usd eur gbp chf $ € £")},
    "count": {"count": (1.0, "", "cores core vcpu vcpus cpu cpus disks kerne")},
    "per second": {"count": (1.0, "", "")},
}
_DEFAULT_UNIT = {"per second": "count", "UTC": "date"}


def factor_to_canonical(attribute: str, unit: str | None) -> float | None:
    """What a number in `unit` is multiplied by; null for text and where unit and attribute don't fit."""
    canonical = _canonical(attribute)
    if canonical is None or unit is None:
        return None
    return factor_of(canonical, unit)


def factor_of(canonical: str, unit: str) -> float | None:
    """Of a unit by its own name."""
    found = UNITS.get(canonical, {}).get(unit)
    return found[0] if found else None


@cache
def factors_in_cells(canonical: str | None) -> dict[str, float]:
    """By every spelling that may stand behind a number ("16 GiB"): the factor to the canonical unit."""
    return {word: UNITS[canonical or ""][unit][0] for word, unit in _spellings(canonical).items()}


@cache
def _spellings(canonical: str | None) -> dict[str, str]:
    return {
        word: unit
        for unit, (_, words, more) in UNITS.get(canonical or "", {}).items()
        for word in (*words.split(), *more.split())
    }


def unit_named(attribute: str, written: str) -> str | None:
    """The unit of the attribute that a person means by `written` ("MB" → MiB); null when it has none such."""
    canonical, word = _canonical(attribute), written.strip()
    if word in UNITS.get(canonical or "", {}):
        return word
    return _spellings(canonical).get(word.lower())


def units_of(attribute: str) -> tuple[str, ...]:
    """What its numbers may be measured in; none for text and times."""
    return tuple(UNITS.get(_canonical(attribute) or "", ()))


def default_unit(attribute: str) -> str:
    """The unit assumed where neither header nor cell names one; `text` for what is no number."""
    canonical = _canonical(attribute)
    return "text" if canonical is None else _DEFAULT_UNIT.get(canonical, canonical)


def _canonical(attribute: str) -> str | None:
    known = BY_NAME.get(attribute)
    return None if known is None else known.unit
