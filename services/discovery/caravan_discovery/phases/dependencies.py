"""What depends on what, with evidence; groups that move together; shared services set aside; open ends."""

from collections.abc import Iterator
from functools import partial
from itertools import chain
from typing import Any

import polars as pl

from caravan_common.contracts import DecidedBy
from caravan_common.phases import Dataset, PhaseContext, PhaseResult, judging
from caravan_discovery.crews.dependencies.cases import CREW, make_contests
from caravan_discovery.domain.dependencies.between import BETWEEN, between_applications, mark_documented
from caravan_discovery.domain.dependencies.contested import (
    find_noise,
    find_suspects,
    list_contested,
    settle_shared,
)
from caravan_discovery.domain.dependencies.edges import (
    MOST_PLACES,
    MOST_PROCESSES,
    RELATIONS,
    RUNS_ON,
    read_relations,
)
from caravan_discovery.domain.dependencies.endpoints import build_directory, resolve_ends
from caravan_discovery.domain.dependencies.groups import find_groups
from caravan_discovery.domain.dependencies.open_ends import UNKNOWN_ENDPOINT, report_open_ends, split_scope
from caravan_discovery.domain.dependencies.shared import (
    find_named_services,
    find_shared_services,
    is_service_port,
    keep_telling,
)
from caravan_discovery.domain.inventory.gaps import GAPS, Suggestions
from caravan_discovery.domain.names import Names
from caravan_discovery.domain.parts import PART_ROWS, conform
from caravan_discovery.domain.places import PLACE
from caravan_discovery.writing import write_batches

_EDGES: dict[str, pl.DataType] = {
    "natural_key": pl.String(),
    "source_key": pl.String(),
    "target_key": pl.String(),
    "source_name": pl.String(),
    "target_name": pl.String(),
    "kind": pl.String(),
    "weight": pl.Float64(),
    "direction": pl.String(),
    "port": pl.Int64(),
    "protocol": pl.String(),
    "origin": pl.String(),
    "evidence": pl.List(pl.String()),
    "observations": pl.Float64(),
    "confidence": pl.Float64(),
    "shared_service": pl.Boolean(),
    "documented": pl.Boolean(),
    "processes": pl.List(pl.String()),
}
EDGES = pl.Schema(_EDGES)
_TELLING = ("natural_key", "name", "asset_type", "server_role", "external_ids")


def run(context: PhaseContext) -> PhaseResult:
    """clean_rows, assets, memberships, references, inventory_gaps → dependencies, groups, gaps, shared_services."""
    clean = context.inputs["clean_rows"].scan()
    assets = context.inputs["assets"].scan()
    narrow = assets.select("natural_key", "name").collect()
    members = context.inputs["memberships"].scan().filter(pl.col("kind") == "application")
    resolved, open_ends = _resolve(context, clean, assets, narrow)
    member_edges = members.select(source_key="application_key", target_key="asset_key").collect()
    found = _without_members(_merge(resolved), member_edges)
    derived = between_applications(found, member_edges)
    found = mark_documented(pl.concat([found, derived]))
    context.progress(0.5, "resolved")
    every = pl.concat([found.select("source_key", "target_key"), member_edges])
    telling = keep_telling(assets.select(_TELLING)).collect(engine="streaming")
    shared = find_shared_services(telling, every, found)
    suspects = find_suspects(every, find_named_services(telling, every))
    contested = list_contested(found, shared, narrow, suspects)
    settled, unheard = _judge(context, contested, found, narrow)
    chosen = pl.DataFrame(
        [(each.contest.case.id, each.option) for each in settled],
        schema={"natural_key": pl.String, "option": pl.String},
        orient="row",
    )
    shared = settle_shared(shared, contested, chosen)
    noise = find_noise(contested, chosen)
    finish = partial(_finish, names=Names(narrow), shared=shared, noise=noise)
    batches = _batch_members(context.inputs["memberships"])
    rows = chain((_member_rows(batch).select(found.columns) for batch in batches), [found])
    groups = find_groups(_mark_shared(found, shared, noise))
    gaps = pl.concat(
        [conform(each, GAPS) for each in (context.inputs["inventory_gaps"].read(), open_ends)]
    ).sort("natural_key")
    summary = _summarise(found, member_edges, groups, shared, gaps)
    return PhaseResult(
        datasets={
            "dependencies": write_batches(map(finish, rows), EDGES, context.scratch / "dependencies.parquet"),
            "dependency_groups": groups,
            "gaps": gaps,
            "shared_services": shared.with_columns(natural_key=pl.format("shared:{}", "asset_key")),
            "contested_edges": contested,
            "dependency_judgements": judging.list_judgements(CREW, settled),
        },
        summary={**summary, "judged_dependencies": judging.summarise(CREW, settled, unheard)},
        questions=judging.ask_where_unsure(settled),
        decided_by=_count_deciders(summary["dependencies"]["edges"], settled),
    )


def _judge(
    context: PhaseContext, contested: pl.DataFrame, found: pl.DataFrame, narrow: pl.DataFrame
) -> tuple[list[judging.Settled], int]:
    """Contested edges as a person, the crew or the rules settled them, and how many were put before nobody."""
    decided = context.decided()
    picked, unheard = judging.pick_cases(contested, decided)
    contests = make_contests(picked, found, narrow)
    return judging.settle(context.judge, CREW, contests, decided), unheard


def _resolve(
    context: PhaseContext, clean: pl.LazyFrame, assets: pl.LazyFrame, narrow: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Relations with both ends known, and the ends that are not."""
    columns = clean.collect_schema().names()
    if not any(name.startswith("rel_") for name in columns):
        return _no_relations(), report_open_ends(_no_relations(), {})
    places = assets.select(asset_key="natural_key", place="source_entities").explode("place")
    relations = read_relations(clean, columns, _places_of_relations(clean, columns, places))
    if relations.is_empty():
        return _no_relations(), report_open_ends(_no_relations(), {})
    references = context.inputs["references"].read()
    directory = context.inputs["directory"].read()
    lookups = build_directory(directory)
    for side in ("from", "to"):
        relations = resolve_ends(relations, side, pl.col(f"{side}_kind"), references, lookups)
    relations = relations.with_columns(
        from_key=pl.coalesce("from_asset", "from_key"),
        from_confidence=pl.col("from_confidence").fill_null(1.0),
    )
    relations, beyond = split_scope(relations, directory)
    known = pl.col("from_key").is_not_null() & pl.col("to_key").is_not_null()
    open_ends = report_open_ends(relations.filter(~known), _suggestions(relations, references, narrow))
    return relations.filter(known), pl.concat([open_ends, beyond], how="diagonal")


def _suggestions(
    relations: pl.DataFrame, references: pl.DataFrame, narrow: pl.DataFrame
) -> dict[str, Suggestions]:
    """What each source may mean by a name: its own keys and names where it has any, else those of the estate."""
    called = references.join(
        narrow.select("name", asset_key="natural_key"), on="asset_key", how="left", maintain_order="left"
    )
    own = {
        source: Suggestions(part["reference"], part.select("name", "reference").iter_rows())
        for (source,), part in called.partition_by("source", as_dict=True).items()
    }
    estate = Suggestions(narrow["name"])
    return {source: own.get(source, estate) for source in relations["source"].unique().to_list()}


def _no_relations() -> pl.DataFrame:
    resolved = {"from_key": pl.String, "to_key": pl.String}
    sure = {"from_confidence": pl.Float64, "to_confidence": pl.Float64}
    return pl.DataFrame(schema={**RELATIONS, **resolved, **sure})


def _places_of_relations(clean: pl.LazyFrame, columns: list[str], places: pl.LazyFrame) -> pl.DataFrame:
    """place, asset_key of the asset rows that say what they depend on."""
    words = [name for name in ("rel_depends_on", "rel_target", "rel_server") if name in columns]
    if not words:
        return pl.DataFrame(schema={"place": pl.String, "asset_key": pl.String})
    said = clean.filter(pl.any_horizontal(pl.col(name).is_not_null() for name in words)).select(place=PLACE)
    return (
        said.join(places, on="place", how="inner")
        .collect()
        .unique("place", maintain_order=True)
        .sort("place")
    )


def _merge(resolved: pl.DataFrame) -> pl.DataFrame:
    """One edge per pair, kind, origin, port and protocol; edges of an asset to itself are none."""
    keys = ["source_key", "target_key", "kind", "origin", "port", "protocol"]
    rows = resolved.select(
        "kind",
        "origin",
        "port",
        "protocol",
        "places",
        "processes",
        "observations",
        source_key="from_key",
        target_key="to_key",
        confidence=pl.min_horizontal("from_confidence", "to_confidence"),
    ).filter(pl.col("source_key") != pl.col("target_key"))
    merged = rows.group_by(keys, maintain_order=True).agg(
        evidence=pl.col("places").explode().head(MOST_PLACES),
        processes=pl.col("processes").explode().drop_nulls().unique(maintain_order=True).head(MOST_PROCESSES),
        observations=pl.col("observations").sum(),
        confidence=pl.col("confidence").max(),
    )
    # Observations span orders of magnitude; the weight counts their digits, so that one chatty pair is not all.
    weight = (
        pl.when(pl.col("kind") == "soft")
        .then((1 + pl.col("observations").clip(1).log10()).round(3))
        .otherwise(10.0)
    )
    return merged.with_columns(weight=weight).sort(keys, nulls_last=True)


def _without_members(edges: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    """What a CMDB says an application runs on is one of its machines already."""
    said = edges.filter(pl.col("origin") == RUNS_ON)
    if said.is_empty():
        return edges
    twice = said.join(members, on=["source_key", "target_key"], how="semi")
    return edges.join(
        twice.select("source_key", "target_key", "origin"),
        on=["source_key", "target_key", "origin"],
        how="anti",
        maintain_order="left",
    )


def _batch_members(memberships: Dataset) -> Iterator[pl.DataFrame]:
    """Rows about applications, in order."""
    rows = memberships.scan()
    for start in range(0, memberships.manifest.rows, PART_ROWS):
        yield rows.slice(start, PART_ROWS).filter(pl.col("kind") == "application").collect()


def _member_rows(members: pl.DataFrame) -> pl.DataFrame:
    return members.select(
        source_key="application_key",
        target_key="asset_key",
        kind=pl.lit("must_together"),
        origin=pl.lit("application on asset"),
        port=pl.lit(None, pl.Int64),
        protocol=pl.lit(None, pl.String),
        evidence=pl.concat_list("evidence"),
        observations=pl.lit(1.0),
        confidence=pl.lit(1.0),
        weight=pl.lit(10.0),
        documented=pl.lit(True),
        processes=pl.lit([], pl.List(pl.String())),
    )


def _mark_shared(edges: pl.DataFrame, shared: pl.DataFrame, noise: pl.DataFrame) -> pl.DataFrame:
    """`noise`: source_key, target_key of flows between applications that were judged to mean nothing."""
    services = shared["asset_key"].implode()
    pairs = noise.select(pl.format("{}>{}", "source_key", "target_key")).to_series().implode()
    judged = (pl.col("origin") == BETWEEN) & pl.format("{}>{}", "source_key", "target_key").is_in(pairs)
    marks = (
        pl.col("source_key").is_in(services)
        | pl.col("target_key").is_in(services)
        | is_service_port(pl.col("port"))
        | judged
    )
    return edges.with_columns(shared_service=marks)


def _finish(edges: pl.DataFrame, names: Names, shared: pl.DataFrame, noise: pl.DataFrame) -> pl.DataFrame:
    named = edges.with_columns(
        source_name=names.of(edges["source_key"]), target_name=names.of(edges["target_key"])
    )
    key = pl.concat_str(
        "source_key",
        pl.lit(">"),
        "target_key",
        pl.lit("|"),
        "origin",
        pl.lit("|"),
        "kind",
        pl.lit("|"),
        pl.col("port").cast(pl.String).fill_null(""),
        pl.lit("|"),
        pl.col("protocol").fill_null(""),
    )
    marked = _mark_shared(named, shared, noise)
    return marked.with_columns(natural_key=key, direction=pl.lit("source_to_target"))


def _count_deciders(edges: int, settled: list[judging.Settled]) -> DecidedBy:
    """Edges by rule, but for those that hang on what a crew or a person chose."""
    counts = judging.count_deciders(settled)
    return counts.model_copy(update={"rule": max(0, edges - counts.crew - counts.person)})


def _summarise(
    found: pl.DataFrame,
    members: pl.DataFrame,
    groups: pl.DataFrame,
    shared: pl.DataFrame,
    gaps: pl.DataFrame,
) -> dict[str, Any]:
    kinds = dict(found["kind"].value_counts().sort("kind").iter_rows())
    kinds["must_together"] = kinds.get("must_together", 0) + members.height
    return {
        "dependencies": {
            "edges": found.height + members.height,
            "groups": groups.height,
            "shared_services": shared.height,
            "unknown_endpoints": gaps.filter(pl.col("kind") == UNKNOWN_ENDPOINT).height,
            "by_kind": kinds,
        },
        "gaps": gaps.height,
    }
