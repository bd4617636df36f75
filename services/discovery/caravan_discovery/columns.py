"""What the columns of discovery's datasets mean, for whoever reads an export: unit and one line each."""

import polars as pl

from caravan_common.contracts import ColumnSpec
from caravan_common.phases.judging import JUDGEMENT_NOTES
from caravan_discovery.domain.attributes import BY_NAME

_KEY = "identity of the row, the same whenever the same files come in"
_ASSET_KEY = "natural_key of the asset"
_PLACES = "rows it was read from, as file#sheet#row, at most 20"
_COMMON = {
    "natural_key": _KEY,
    "asset_key": _ASSET_KEY,
    "kind": "kind of row",
    "severity": "high, medium, low, none or unknown",
    "count": "rows of the files it concerns",
    "suggestions": "names that may be meant, best first; never taken without a person",
    "places": _PLACES,
    "decided_by": "rule, crew, learned or person",
    "confidence": "how sure it is",
}
_UNITS = {"confidence": "fraction", "count": "rows"}

NOTES: dict[str, dict[str, str]] = {
    "assets": {
        "entity_type": "always asset",
        "asset_type": "server, virtual_machine, hypervisor_host, database, application, network, storage, "
        "load_balancer, container or other",
        "is_target": "whether it is to be migrated",
        "not_target_reason": "template, srm_placeholder, restored_copy, hypervisor_host or orphaned",
        "blocked_reason": "why no cloud can take it; it stays a target",
        "os_family": "windows, linux, aix, ibm i, mainframe, appliance, …",
        "host": "hypervisor host as the source names it",
        "cluster": "cluster as the source names it",
        "stated_treatment": "treatment that a source wishes for",
        "stated_wave": "wave that a source wishes for",
        "stated_target_type": "instance type that a source wishes for",
        "sources": "sources that know it, as format:number",
        "source_entities": "rows it was made of, as file#sheet#row",
        "completeness_score": "share of the attributes that later decisions need",
        "quality_score": "1 less what its issues cost",
        "custom_attributes": "JSON object of what maps to no canonical attribute, by header",
        "pool": "pool of alike machines it belongs to",
    },
    "applications": {
        "name": "name; of an unassigned group that of its server or pool",
        "sources": "sources that know it",
        "business_criticality": "mission-critical, high, medium or low",
        "business_owner": "person or department",
        "members": "assets that belong to it",
        "kind": "application, or unassigned for targets of no application",
    },
    "conflicts": {
        "attribute": "what the rows disagree about; (row) for a repeated key whose values agree",
        "winner": "value taken, as text",
        "winner_source": "source of the value taken",
        "winner_row": "row of the value taken, as file#sheet#row",
        "losers": "values not taken",
        "loser_rows": "rows of the values not taken",
        "loser_sources": "sources of those rows, in their order",
        "reason": "newer, more trusted source, first row, or decided by a person",
    },
    "identities": {
        "left": "one of two records of different sources that are this asset: its key as it was before they were one",
        "left_source": "its source, as format:number; an asset has one record of a source, of one or several rows",
        "right": "the other record",
        "right_source": "its source",
        "kind": "identifier that both bear, and nobody else in either source: bios_uuid, hardware_uuid (in either byte "
        "order, or as a serial number), serial_number, fqdn, mac, name_address, application_name; or person",
        "value": "the identifier in the form in which it was compared; of a person the key of the question answered",
    },
    "gaps": {
        "kind": "missing_attribute, unresolved_reference, unknown_endpoint, dangling_row, outside_scope or "
        "scope_not_found",
        "subject": "what is missing something, or the reference that names nothing",
        "attributes": "attributes that are unknown",
        "message": "the gap in a sentence, and why something is assumed",
        "assumed_cpu_cores": "processor cores to reckon with until somebody tells them; the asset has none",
    },
    "dependencies": {
        "source_key": "natural_key of the asset that needs the other",
        "target_key": "natural_key of the asset that is needed",
        "source_name": "its name",
        "target_name": "its name",
        "kind": "must_together, hard_order or soft",
        "weight": "what cutting the edge costs: 10 for hard ones, 1 + log10(observations) for soft",
        "direction": "always source_to_target",
        "port": "listening port at the target",
        "protocol": "transport protocol, lower case",
        "origin": "what stated or showed it: application on asset, application dependency, depends on, …",
        "evidence": _PLACES,
        "observations": "how often it was seen; 1 for what was stated",
        "shared_service": "noise of a directory, DNS, monitoring, backup or the like",
        "documented": "whether somebody stated it, or one between the same two; else it was only observed",
        "processes": "processes that were seen to answer, at most 5; they are no assets",
    },
    "judgements": {
        **JUDGEMENT_NOTES,
        "option": "what stands; of two machines that look alike the crew's advice, which a person follows or not",
        "decided_by": "rule, crew or person",
    },
    "tech_debt": {
        "asset_key": "natural_key of the asset or application",
        "asset_name": "its name",
        "kind": "operating_system, database, technology, usage, single_point_of_failure or application",
        "product": "product by its canonical name",
        "cycle": "release cycles of endoflife.date that the version may be",
        "version": "version as far as the sources say",
        "eol_date": "day the vendor's standard support ends",
        "extended_until": "day paid support ends",
        "patch_path": "where the next security patch comes from: vendor, paid or none; null where nobody knows",
        "age_years": "years since the release came out",
        "dependents": "of a single point of failure: applications and machines that need it",
        "cut_off": "of a single point of failure: assets its loss cuts off from the rest of what depends on each "
        "other; null where it takes nothing apart",
        "status": "unsupported, ending_12_months, supported, unknown; idle, zombie, oversized; single_point_of_failure",
        "score": "0 (none) to 100",
        "note": "why the status is unknown, or what else to know",
        "remediation": "what to do",
        "fact_source": "who states the end of life",
        "fact_date": "day for which they state it",
        "fact_weak": "whether only somebody else than the vendor or endoflife.date states it: confirm it",
    },
}


def describe_columns(dataset: str, schema: pl.Schema) -> tuple[ColumnSpec, ...]:
    """The columns with unit and description. Canonical attributes bring their own unit."""
    notes = NOTES.get(dataset, {})
    return tuple(
        ColumnSpec(
            name=name,
            dtype=str(dtype),
            unit=_unit(name),
            description=notes.get(name) or _COMMON.get(name) or _attribute(name),
        )
        for name, dtype in schema.items()
    )


def _unit(name: str) -> str | None:
    known = BY_NAME.get(name)
    return known.unit if known else _UNITS.get(name)


def _attribute(name: str) -> str:
    return f"canonical attribute ({BY_NAME[name].group})" if name in BY_NAME else ""
