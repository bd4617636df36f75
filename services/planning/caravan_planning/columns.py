"""What the columns of planning's datasets mean, for whoever reads an export: unit and one line each."""

import polars as pl

from caravan_common.contracts import ColumnSpec
from caravan_common.contracts.attributes import BY_NAME
from caravan_common.phases.judging import JUDGEMENT_NOTES
from caravan_planning.domain.resource.schema import (
    RESOURCE_GAP_NOTES,
    RESOURCE_GAP_UNITS,
    RESOURCE_NOTES,
    RESOURCE_UNITS,
)
from caravan_planning.domain.target.ways import WAYS
from caravan_planning.domain.timeline.schema import TASK_NOTES, TASK_UNITS

_COMMON = {
    "natural_key": "identity of the row, the same whenever the same inputs come in",
    "name": "its name",
    "application": "natural_key of the application or group",
    "application_name": "its name",
    "treatment": "treatment in force",
    "variant": "variant of the treatment, such as relocate",
    "wave": "number of the wave, from 1",
    "wave_name": "natural_key of the wave",
    "starts": "first day",
    "ends": "last day",
    "team": "team that does the work",
    "effort": "work of the migration",
    "care": "factor of the steps that take longer for what matters more, as tests do",
    "decided_by": "rule, crew, learned or person",
    "confidence": "how sure it is",
    "currency": "currency of the amounts",
    "source_entities": "natural keys of what it was made from, at most 20",
}
_UNITS = {
    "confidence": "fraction",
    "readiness": "fraction",
    "effort": "person-days",
    "vcpu": "count",
    "allocated_vcpu": "count",
    "need_vcpu": "count",
    "headroom": "fraction",
    "cpu_observed_percent": "percent",
    "memory_observed_percent": "percent",
    "years": "years",
    "payback_months": "months",
    "count": "rows",
    "assets": "machines",
    "targets": "machines",
    "compared_assets": "machines",
    "common_assets": "machines",
    **dict.fromkeys((f"common_{way}" for way in WAYS), "currency a month"),
    "planned_at_least": "currency a month",
    "saving": "currency a month",
    **dict.fromkeys(("today", "like_for_like", "right_sized", "managed", "planned"), "currency a month"),
    **dict.fromkeys(("aws", "azure", "google"), "currency a month"),
    **dict.fromkeys(("people_cost", "parallel_cost", "migration_cost"), "currency"),
}
_PER_PROVIDER = {
    name: text
    for provider, title in (("aws", "AWS"), ("azure", "Azure"), ("google", "Google Cloud"))
    for name, text in (
        (
            f"{provider}_per_month",
            f"right-sized machine and storage at {title}; null where a price is unknown",
        ),
        (f"{provider}_instance", f"right-sized machine at {title}"),
        (provider, f"right-sized at {title}: the sum of what is known"),
        (f"{provider}_unknown", f"machines whose price at {title} is unknown"),
    )
}
_WAYS = {
    name: text
    for way, title in (
        ("like_for_like", "a machine of the size it has"),
        ("right_sized", "a machine of the size it uses, with headroom"),
        ("managed", "a managed database where there is one, else the right-sized machine"),
    )
    for name, text in (
        (f"{way}_per_month", f"{title}; null where a price is unknown"),
        (f"{way}_instance", f"{title}: its name"),
        (way, f"{title}: the sum of what is known"),
        (f"{way}_unknown", f"machines whose price is unknown: {title}"),
    )
}

# Units of those datasets whose columns have a schema with notes of their own.
_OWN_UNITS = {"tasks": TASK_UNITS, "resources": RESOURCE_UNITS, "resource_gaps": RESOURCE_GAP_UNITS}

NOTES: dict[str, dict[str, str]] = {
    "tasks": TASK_NOTES,
    "resources": RESOURCE_NOTES,
    "resource_gaps": RESOURCE_GAP_NOTES,
    "planning_scope": {
        "kind": "application, or unassigned for machines of no application",
        "contested": "whether another treatment was close",
        "targets": "machines to be migrated",
        "databases": "databases that belong to it",
        "others": "other assets that belong to it",
        "needs_tasks": "whether anything is done about it",
        "needs_targets": "whether its machines get a target",
        "planned": "the plan in words",
        "readiness": "what is known of what its treatment needs, from the assessment",
        "blockers": "what stands against it, from the assessment",
        "unknowns": "what is not known of it, from the assessment",
    },
    "assumptions": {
        "kind": "setting, assessment, gap, constraint or scope",
        "subject": "what it is about",
        "name": "what is assumed",
        "value": "what it is taken to be",
        "source": "who says so",
        "effect": "what it changes in the plan",
        "count": "rows or findings it sums up",
    },
    "targets": {
        "asset_key": "natural_key of the machine",
        "environment": "environment as its sources have it",
        "landing_zone": "account, subscription or project it lands in",
        "way": "like_for_like, right_sized, managed; retired, stays, saas or landing_zone for what gets no machine",
        "provider": "aws, azure or google",
        "region": "region of the provider that was asked for",
        "service": "the provider's service",
        "instance": "instance type of the chosen way",
        "target_type": "instance, managed service, or what happens instead",
        "vcpu": "vCPUs of the instance",
        "memory_gb": "memory of the instance",
        "storage_gb": "storage it is given",
        "system": "linux or windows; null where unknown or not sold",
        "databases": "kinds of database that run on it",
        "allocated_vcpu": "what it has today",
        "allocated_memory_gb": "what it has today",
        "allocated_storage_gb": "what it has today",
        "need_vcpu": "observed use with headroom, else what it has",
        "need_memory_gb": "observed use with headroom, else what it has",
        "need_storage_gb": "use with headroom, at most what it has, else what it has",
        "cpu_observed_percent": "use that the need comes from",
        "memory_observed_percent": "use that the need comes from",
        "headroom": "share added to the observed use",
        "cpu_basis": "p95, max, avg (times a factor), allocated (use unknown) or unknown",
        "memory_basis": "p95, max, avg (times a factor), allocated (use unknown) or unknown",
        "price_per_month": "what the chosen way costs; null unknown; 0 only for what is retired",
        "compute_per_month": "of that, the machine",
        "storage_per_month": "of that, its storage",
        "known_per_month": "what is known of price_per_month: all of it, or the parts that have a price",
        "unpriced": "parts of that price that are unknown: machine, subscription, service, storage",
        "today_per_month": "what it costs today; null unknown",
        **{
            name: text
            for name, text in {**_WAYS, **_PER_PROVIDER}.items()
            if "_per_month" in name or "_inst" in name
        },
        "price_date": "day of the list price",
        "price_source": "who states it",
        "price_region": "region the price is of, which may be another where the region's own is not known",
        "flags": "what to know about it, for programs (docs/targets.md)",
        "reasons": "why this machine at this price, in words",
    },
    "costs": {
        "kind": "total, application, landing_zone, treatment or wave",
        "name": "of what",
        "assets": "machines summed up",
        "years": "span of the amounts over years",
        "today": "today's cost: the sum of what is known",
        "today_unknown": "machines whose cost today is unknown",
        "planned": "what the plan costs: the sum of what is known",
        "planned_unknown": "machines whose planned cost is unknown",
        **{
            name: text
            for name, text in {**_WAYS, **_PER_PROVIDER}.items()
            if "_per_month" not in name and "_inst" not in name
        },
        "planned_at_least": "planned, and what is known of machines whose price is unknown in part",
        "common_assets": "machines that move and have a price each of the three ways",
        **{
            f"common_{way}": f"{way.replace('_', ' ')}, over the common machines: only these compare"
            for way in WAYS
        },
        "compared_assets": "machines whose cost is known today and as planned",
        "saving": "today less planned, over the compared machines",
        "effort_unknown": "machines of applications whose effort is unknown",
        "people_cost": "work at the rates of its teams; the total also has what all applications need first",
        "parallel_cost": "months in which source and target both run",
        "migration_cost": "people and parallel running, of what is known",
        "today_over_years": "today's cost over the years",
        "planned_over_years": "planned cost over the years",
        "saving_over_years": "saving over the years, over the compared machines",
        "net_saving_over_years": "that less the migration cost of the compared machines",
        "payback_months": "months until the saving of the compared machines has paid for their migration",
    },
    "asset_targets": {
        "target_type": "instance, managed service, or what happens instead",
        "target_region": "region of the provider",
        "target_account": "landing zone",
        "target_monthly_cost": "planned cost; null unknown",
    },
    "judgements": {**JUDGEMENT_NOTES, "scores": "the rules' score of each option"},
}


def describe_columns(dataset: str, schema: pl.Schema) -> tuple[ColumnSpec, ...]:
    """The columns with unit and description."""
    notes = NOTES.get(dataset, {})
    return tuple(
        ColumnSpec(
            name=name,
            dtype=str(dtype),
            unit=_OWN_UNITS[dataset].get(name) if dataset in _OWN_UNITS else _unit(name),
            description=notes.get(name) or _COMMON.get(name) or _attribute(name),
        )
        for name, dtype in schema.items()
    )


def _unit(name: str) -> str | None:
    if name in _UNITS:
        return _UNITS[name]
    if name.endswith("_unknown"):
        return "machines"
    if name.endswith("_per_month"):
        return "currency a month"
    if name.endswith("_over_years"):
        return "currency"
    if name.endswith("_gb"):
        return "GiB"
    return BY_NAME[name].unit if name in BY_NAME else None


def _attribute(name: str) -> str:
    return f"canonical attribute ({BY_NAME[name].group})" if name in BY_NAME else ""
