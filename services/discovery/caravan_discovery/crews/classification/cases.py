"""Categories that name two kinds of asset as cases: what vendor, model and the rows' own facts say for each."""

import re
from collections.abc import Sequence
from typing import Any

import polars as pl

from caravan_common.crews import Case, Option
from caravan_common.phases.judging import Contest, Settled

CREW = "classification"
# What the rules' choice and the others are worth before anybody looked at vendor and model.
_FIRST, _OTHERS = 0.55, 0.4
_TELLING = {
    "server": r"poweredge|proliant|primergy|system ?x|ucs [bc]|thinksystem|synergy|apollo|superserver",
    "network": r"catalyst|nexus|juniper|arista|aruba|fortigate|palo alto|\basr\b|\bisr\b|meraki",
    "load_balancer": r"big-?ip|netscaler|\badc\b|kemp|haproxy",
    "storage": r"netapp|\baff\b|\bfas\d|3par|powerstore|powermax|isilon|vnx|unity|pure ?storage|flasharray|eternus|msa",
}
_MODEL_SAYS, _SYSTEM_SAYS = 0.3, 0.15


def make_contests(contested: pl.DataFrame) -> list[Contest]:
    """A contest per row of `find_contested_kinds`."""
    return [_contest(row) for row in contested.iter_rows(named=True)]


def read_kinds(settled: Sequence[Settled]) -> pl.DataFrame:
    """said, vendor, hardware_model, kind: what differs from the rules' own choice."""
    rows = [
        {
            **{name: each.contest.case.facts[name] for name in ("said", "vendor", "hardware_model")},
            "kind": each.option,
        }
        for each in settled
        if each.differs
    ]
    schema = dict.fromkeys(("said", "vendor", "hardware_model", "kind"), pl.String())
    return pl.DataFrame(rows, schema=schema)


def _contest(row: dict[str, Any]) -> Contest:
    first = row["kinds"][0]
    options = tuple(
        Option(id=kind, label=kind.replace("_", " "), score=_FIRST if kind == first else _OTHERS)
        for kind in row["kinds"]
    )
    facts = {name: row[name] for name in ("said", "vendor", "hardware_model")}
    facts |= {name: row[name] for name in ("rows", "with_system", "with_cores", "names")}
    facts["signals"] = _weigh(row)
    case = Case(id=row["natural_key"], facts=facts, options=options, recommendation=first)
    model = " ".join(filter(None, (row["vendor"], row["hardware_model"])))
    described = f"{row['said']!r}" + (f" ({model})" if model else "")
    return Contest(case, row["natural_key"], f"What kind of asset is a {described}?")


def _weigh(row: dict[str, Any]) -> dict[str, float]:
    """A known product line speaks for its kind; a system and processors of its own for a server."""
    model = f"{row['vendor'] or ''} {row['hardware_model'] or ''}".lower()
    signals = {
        kind: _MODEL_SAYS for kind in row["kinds"] if kind in _TELLING and re.search(_TELLING[kind], model)
    }
    if "server" in row["kinds"] and 2 * min(row["with_system"], row["with_cores"]) > row["rows"]:
        signals["server"] = signals.get("server", 0.0) + _SYSTEM_SAYS
    return signals
