"""Contested traffic as cases: what is known of both ends, and what ports and processes say for each option."""

from typing import Any

import polars as pl

from caravan_common.crews import Case, Option
from caravan_common.phases.judging import Contest
from caravan_discovery.domain.dependencies.between import BETWEEN, FLOW
from caravan_discovery.domain.dependencies.contested import BINDS, BUSINESS, NOISE, SHARED, UNDOCUMENTED_FLOW

CREW = "dependencies"
_LABELS = {
    BINDS: "the two depend on each other",
    NOISE: "the traffic means nothing for a move",
    SHARED: "a service that all share; set aside",
    BUSINESS: "part of a business application",
}
# Programs that serve an application, and those that reach everything without belonging to anything.
_SERVERS = r"(?i)postgres|mysqld|mariadbd|oracle|sqlservr|mongod|redis|java|node|dotnet|w3wp|nginx|httpd|tomcat|rabbit"
_ROAMERS = (
    r"(?i)nessus|qualys|nmap|rapid7|openvas|snmp|zabbix|checkmk|nagios|veeam|backup|ansible|puppet|sccm|wmi"
)
_SAYS = 0.25


def make_contests(contested: pl.DataFrame, found: pl.DataFrame, names: pl.DataFrame) -> list[Contest]:
    """A contest per row of `contested`. `found`: all edges; `names`: natural_key, name, server_role."""
    traffic = _traffic(contested, found)
    callers = _callers(contested, found, names)
    return [
        _contest(row, traffic.get(row["natural_key"], {}), callers.get(row["subject_key"], []))
        for row in contested.iter_rows(named=True)
    ]


def _traffic(contested: pl.DataFrame, found: pl.DataFrame) -> dict[str, dict[str, Any]]:
    """By case: ports, processes, observations of the flows between the two."""
    pairs = contested.filter(pl.col("kind") == UNDOCUMENTED_FLOW).select(
        "natural_key", source_key="subject_key", target_key="other_key"
    )
    seen = (
        found.filter(pl.col("origin") == BETWEEN)
        .join(pairs, on=["source_key", "target_key"], how="inner")
        .group_by("natural_key")
        .agg(
            ports=pl.col("port").drop_nulls().unique().sort(),
            processes=pl.col("processes").explode().drop_nulls().unique().sort(),
            observations=pl.col("observations").sum(),
        )
    )
    return {row.pop("natural_key"): row for row in seen.sort("natural_key").iter_rows(named=True)}


def _callers(contested: pl.DataFrame, found: pl.DataFrame, names: pl.DataFrame) -> dict[str, list[str]]:
    """By suspected service: the names of up to twelve that call it."""
    services = contested.filter(pl.col("kind") != UNDOCUMENTED_FLOW).select(target_key="subject_key")
    calls = found.filter(pl.col("origin").is_in([BETWEEN, FLOW])).join(services, on="target_key", how="semi")
    callers = names.filter(pl.col("natural_key").is_in(calls["source_key"].unique().implode()))
    called = (
        calls.join(callers.select(source_key="natural_key", caller="name"), on="source_key", how="left")
        .group_by("target_key")
        .agg(pl.col("caller").drop_nulls().unique().sort().head(12))
    )
    return dict(called.iter_rows())


def _contest(row: dict[str, Any], traffic: dict[str, Any], callers: list[str]) -> Contest:
    options = tuple(
        Option(id=option, label=_LABELS[option], score=score)
        for option, score in zip(row["options"], row["scores"], strict=True)
    )
    name = row["subject_name"] or row["subject_key"]
    facts: dict[str, Any] = {"rules": row["reason"], "evidence": row["evidence"]}
    if row["kind"] == UNDOCUMENTED_FLOW:
        other = row["other_name"] or row["other_key"]
        facts |= {"from": name, "to": other, **traffic, "signals": _weigh_flow(traffic)}
        text = f"{name} was seen to talk to {other}, and nobody stated it. Does that bind the two?"
    else:
        facts |= {"name": name, "callers": callers}
        text = f"Is {name} a service that all share, to be left out of what moves together?"
    case = Case(id=row["natural_key"], facts=facts, options=options, recommendation=row["recommendation"])
    return Contest(case, row["subject_key"], text)


def _weigh_flow(traffic: dict[str, Any]) -> dict[str, float]:
    """What answering programs say: a database binds, an agent does not."""
    processes = pl.Series("processes", traffic.get("processes", []), dtype=pl.String)
    if processes.str.contains(_ROAMERS).any():
        return {NOISE: 2 * _SAYS}
    return {BINDS: _SAYS} if processes.str.contains(_SERVERS).any() else {}
