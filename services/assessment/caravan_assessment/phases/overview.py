"""Portfolio and readiness: every unit with what is known of it, its members, and how units hang together."""

from typing import Any

import polars as pl

from caravan_assessment.domain.portfolio.constraints import find_dates, read_freezes
from caravan_assessment.domain.portfolio.edges import count_inbound, count_neighbours, lift_edges
from caravan_assessment.domain.portfolio.facts import ASSET_COLUMNS, sum_up
from caravan_assessment.domain.portfolio.infrastructure import find_infrastructure
from caravan_assessment.domain.portfolio.members import form_members, list_units
from caravan_assessment.domain.portfolio.readiness import (
    add_readiness,
    list_readiness,
    read_observed_days,
)
from caravan_assessment.domain.portfolio.schema import APPLICATION, PORTFOLIO, conform
from caravan_assessment.domain.portfolio.scope import count_targets, limit_to_scope
from caravan_common.contracts import DecidedBy, PhaseError
from caravan_common.phases import PhaseContext, PhaseResult

_DEPENDENCIES = (
    "source_key",
    "target_key",
    "kind",
    "weight",
    "origin",
    "shared_service",
    "observations",
    "documented",
    "evidence",
    "port",
)
_SHARED = pl.Schema({"asset_key": pl.String(), "service": pl.String(), "why": pl.String()})
_DEBT = pl.Schema(
    {
        "asset_key": pl.String(),
        "kind": pl.String(),
        "status": pl.String(),
        "product": pl.String(),
        "version": pl.String(),
        "eol_date": pl.Date(),
        "score": pl.Float64(),
    }
)


def run(context: PhaseContext) -> PhaseResult:
    """assets, applications, memberships, dependencies, shared_services, tech_debt → portfolio, members, edges."""
    given = context.inputs
    assets = given["assets"].scan().select(ASSET_COLUMNS).collect()
    applications = given["applications"].read()
    dependencies = given["dependencies"].scan().select(_DEPENDENCIES).collect()
    members, others = form_members(assets, applications, given["memberships"].read(), dependencies)
    units = list_units(applications, members, assets.select("natural_key", "name"))
    units, members, unknown = limit_to_scope(
        context.configuration.get("scope"), units, members, assets.select("natural_key", "name")
    )
    context.progress(0.3, "units formed")
    shared = given["shared_services"].read() if "shared_services" in given else None
    services = _SHARED.to_frame() if shared is None else shared.select(_SHARED.names())
    noise = services.select("asset_key")
    others = others.join(members.select("asset_key"), on="asset_key", how="semi")
    edges = lift_edges(dependencies, units, members, others, noise)
    facts = _gather(context, units, members, assets, edges, noise)
    for found in (
        count_inbound(dependencies, members, noise),
        find_infrastructure(units, members, assets, dependencies, services),
    ):
        facts = facts.join(found, on="natural_key", how="left")
    facts = add_readiness(
        facts.with_columns(pl.col("observed_targets").fill_null(0)), _observed_days(context)
    )
    context.progress(0.8, "facts gathered")
    portfolio = conform(facts, PORTFOLIO).sort("natural_key")
    return PhaseResult(
        datasets={
            "portfolio": portfolio,
            "members": members,
            "application_edges": edges,
            "readiness": list_readiness(portfolio, facts),
        },
        summary=_summarise(portfolio, members, edges, unknown),
        decided_by=DecidedBy(rule=portfolio.height),
    )


def _gather(
    context: PhaseContext,
    units: pl.DataFrame,
    members: pl.DataFrame,
    assets: pl.DataFrame,
    edges: pl.DataFrame,
    noise: pl.DataFrame,
) -> pl.DataFrame:
    """The portfolio's columns and what readiness is told from."""
    debt = _DEBT.to_frame()
    if "tech_debt" in context.inputs:
        debt = context.inputs["tech_debt"].scan().select(_DEBT.names()).collect()
    owned = pl.concat(
        [
            units.select("natural_key", asset_key="natural_key"),
            members.select(natural_key="application", asset_key="asset_key"),
        ]
    )
    told = owned.join(
        assets.select("natural_key", "custom_attributes", "freeze_windows"),
        left_on="asset_key",
        right_on="natural_key",
    )
    services = members.join(noise, on="asset_key", how="semi").select("application").unique()
    facts = sum_up(units, members, assets, debt)
    for found in (
        find_dates(told.select("natural_key", "custom_attributes")),
        read_freezes(told.select("natural_key", "freeze_windows")),
        count_neighbours(edges),
    ):
        facts = facts.join(found, on="natural_key", how="left")
    # Whether a unit has no neighbours, or nobody looked, only an estate with dependencies can tell.
    seen = edges.height > 0
    return facts.with_columns(
        pl.col("callers", "depends_on", "neighbours").fill_null(0),
        pl.col("freeze_windows").fill_null([]),
        shared_service=pl.col("natural_key").is_in(services["application"].implode()),
        dependencies_known=pl.lit(seen),
        source_entities=_sources(),
    )


def _observed_days(context: PhaseContext) -> int | None:
    try:
        return read_observed_days(context.configuration)
    except ValueError as error:
        raise PhaseError("flows_configuration", str(error)) from None


def _sources() -> pl.Expr:
    """The application as discovery knows it, and its members."""
    own = pl.when(pl.col("kind") == APPLICATION).then(pl.concat_list("natural_key")).otherwise([])
    return pl.concat_list(own, "members").list.unique(maintain_order=True)


def _summarise(
    portfolio: pl.DataFrame, members: pl.DataFrame, edges: pl.DataFrame, unknown: list[str]
) -> dict[str, Any]:
    applications = portfolio.filter(pl.col("kind") == APPLICATION).height
    readiness = portfolio["readiness"].mean()
    return {
        "units": portfolio.height,
        "applications": applications,
        "unassigned_groups": portfolio.height - applications,
        "targets": count_targets(members),
        "blocked_targets": int(portfolio["blocked_targets"].sum()),
        "edges": edges.filter(~pl.col("shared_service")).height,
        "shared_edges": edges.filter("shared_service").height,
        "readiness": None if readiness is None else round(float(str(readiness)), 3),
        "blind_spots": dict(
            portfolio["unknowns"]
            .explode()
            .drop_nulls()
            .str.replace(r":.*$", "")
            .value_counts(sort=False)
            .sort("unknowns")
            .iter_rows()
        ),
        "scope_not_found": unknown,
    }
