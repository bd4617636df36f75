"""One estate out of all sources: assets counted once, what they disagree about, and what is missing."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import polars as pl

from caravan_common.contracts import DecidedBy, DecisionKind
from caravan_common.phases import PhaseContext, PhaseResult, judging, map_ahead
from caravan_discovery.crews.classification import cases as classification
from caravan_discovery.crews.classification.cases import read_kinds
from caravan_discovery.crews.identity.cases import CREW, add_advice, contested_pairs, make_contests
from caravan_discovery.domain.inventory import building, gaps, issues, lookalikes
from caravan_discovery.domain.inventory.clones import set_clones_apart
from caravan_discovery.domain.inventory.entities import index_entities, split_parts
from caravan_discovery.domain.inventory.estate import Estate, complete_estate
from caravan_discovery.domain.inventory.identifiers import read_facts, read_identifiers
from caravan_discovery.domain.inventory.identity import Identity, join_sources, match_sources
from caravan_discovery.domain.inventory.joins import IDENTITIES, tell_joins
from caravan_discovery.domain.inventory.kinds import find_contested_kinds
from caravan_discovery.domain.inventory.merging import Choice
from caravan_discovery.domain.inventory.weighing import weigh_pairs
from caravan_discovery.domain.parts import PART_ROWS, Parts
from caravan_discovery.domain.places import PLACE


def run(context: PhaseContext) -> PhaseResult:
    """clean_rows → assets, applications, memberships, conflicts, inventory_gaps and _issues, references, directory,
    identities."""
    clean = context.inputs["clean_rows"].scan()
    columns = clean.collect_schema().names()
    answers = _read_answers(context)
    kinds = _judge_kinds(context, clean, columns)
    joins = Parts(context.scratch, "identities", IDENTITIES)
    tables, identity, extra = _merge(context, clean, columns, answers, read_kinds(kinds.settled), joins)
    context.progress(0.7, "merged")
    estate = complete_estate(context.configuration, clean, columns, tables, extra, context.scratch)
    pairs = lookalikes.find_lookalikes(estate.narrow.scan(), identity.doubtful_assets())
    alike = _judge_pairs(context, pairs, estate)
    questions = add_advice(lookalikes.ask(pairs, set(answers)), alike.settled)
    if pairs.height > lookalikes.MOST:
        tables.issues.add(issues.report_not_asked(pairs, lookalikes.MOST))
    found = pl.concat(
        [issues.find_shared_identifiers(identity.shared), issues.find_refused(identity.refused)]
    )
    tables.issues.add(found)
    tables.issues.add(issues.find_repeated_names(estate.narrow))
    conflicts = _in_scope(tables.conflicts.scan(), estate.scope)
    raised = _issues_in_scope(tables.issues.scan(), estate.scope)
    return PhaseResult(
        datasets={
            "assets": estate.assets,
            "applications": estate.applications,
            "directory": estate.directory,
            "memberships": estate.memberships,
            "conflicts": conflicts,
            "inventory_gaps": estate.gaps,
            "inventory_issues": raised,
            "references": tables.references.stream(),
            "identities": _in_scope(joins.stream(), estate.scope),
            "inventory_judgements": pl.concat([alike.rows(), kinds.rows()]).sort("natural_key"),
        },
        summary={
            **_summarise(estate, _count(conflicts), _count(raised)),
            "judged_inventory": {**alike.summary(), **kinds.summary()},
        },
        questions=[*questions, *judging.ask_where_unsure(kinds.settled)],
        decided_by=_count_deciders(context, tables, len(answers), [*alike.settled, *kinds.settled]),
    )


def _judge_kinds(context: PhaseContext, clean: pl.LazyFrame, columns: list[str]) -> judging.Heard:
    decided = context.decided(DecisionKind.ANSWER)
    picked, unheard = judging.pick_cases(find_contested_kinds(clean, columns), decided)
    settled = judging.settle(
        context.judge, classification.CREW, classification.make_contests(picked), decided
    )
    return judging.Heard(classification.CREW, settled, unheard)


def _judge_pairs(context: PhaseContext, pairs: pl.DataFrame, estate: Estate) -> judging.Heard:
    """Advice about machines that look alike; what a person answered was taken before and is asked of nobody."""
    decided = context.decided(DecisionKind.ANSWER)
    open_pairs = contested_pairs(pairs).filter(~pl.col("natural_key").is_in(list(decided)))
    picked, unheard = judging.pick_cases(open_pairs, ())
    settled = judging.settle(context.judge, CREW, make_contests(picked, estate.assets), {})
    return judging.Heard(CREW, settled, unheard)


def _merge(
    context: PhaseContext,
    clean: pl.LazyFrame,
    columns: list[str],
    answers: dict[tuple[str, str], bool],
    kinds: pl.DataFrame,
    joins: Parts,
) -> tuple[building.Built, Identity, list[pl.DataFrame]]:
    """The tables of single assets, who is one, and gaps of rows without an asset. The index of all rows ends here.

    What made them one is added to `joins`.
    """
    index, dangling = split_parts(set_clones_apart(index_entities(clean), clean, columns))
    identity = _identify(clean, index, columns, answers, joins)
    context.progress(0.3, "identified")
    lost = gaps.report_dangling(_name_tabs(clean, dangling))
    index = _place(index, identity)
    placed, count = building.assign_buckets(index, context.scratch)
    del index
    buckets = building.read_buckets(clean, placed, count, context.scratch)
    tables = _build(context, buckets, count, identity, kinds)
    unused = gaps.report_unused_sheets(clean)
    return tables, identity, [lost, unused, *_unresolved_hosts(clean, columns, tables)]


def _identify(
    clean: pl.LazyFrame,
    index: pl.DataFrame,
    columns: list[str],
    answers: dict[tuple[str, str], bool],
    joins: Parts,
) -> Identity:
    identifiers = read_identifiers(clean, index, columns)
    pairs = match_sources(identifiers)
    ends = pl.concat([pairs["left"], pairs["right"]]).unique()
    facts = read_facts(clean, index.filter(pl.col("entity").is_in(ends.implode())), columns)
    weighed = weigh_pairs(pairs, facts)
    del facts
    identity = join_sources(identifiers, weighed, answers, index)
    for part in tell_joins(pairs, weighed, answers, identity, index).iter_slices(PART_ROWS):
        joins.add(part)
    return identity


def _read_answers(context: PhaseContext) -> dict[tuple[str, str], bool]:
    """What people said of pairs that look alike."""
    answers = {}
    for subject, decision in context.decided(DecisionKind.ANSWER).items():
        pair = lookalikes.read_answer(subject)
        if pair is not None:
            answers[pair] = decision.value == lookalikes.SAME
    return answers


def _choice(value: Any) -> Choice:
    """As {"source": name}; else a value or a source, as {"winner": it} or it alone."""
    if not isinstance(value, Mapping):
        return Choice(str(value), str(value))
    if "source" in value:
        return Choice(source=str(value["source"]))
    either = str(value.get("winner", ""))
    return Choice(either, either)


def _read_overrides(context: PhaseContext) -> dict[str, dict[str, Any]]:
    """Attribute values that people set, by asset; later ones win. A value is {attribute: value}, or that in `set`."""
    found: dict[str, dict[str, Any]] = {}
    for decision in context.decisions:
        wanted = (DecisionKind.OVERRIDE, DecisionKind.EDIT)
        if (
            decision.phase == context.phase
            and decision.kind in wanted
            and isinstance(decision.value, Mapping)
        ):
            values = decision.value.get("set", decision.value)
            found.setdefault(decision.subject, {}).update(values)
    return found


def _place(index: pl.DataFrame, identity: Identity) -> pl.DataFrame:
    """at, asset, entity: whose row each is."""
    index = index.select("at", "entity")
    if identity.joined.is_empty():
        return index.with_columns(asset="entity")
    placed = index.join(identity.joined, on="entity", how="left", maintain_order="left")
    return placed.select("at", asset=pl.coalesce("asset", "entity"), entity="entity")


def _build(
    context: PhaseContext,
    buckets: Iterator[pl.DataFrame],
    count: int,
    identity: Identity,
    kinds: pl.DataFrame,
) -> building.Built:
    tables = building.new_tables(context.scratch)
    decided = building.Decided(
        {subject: _choice(d.value) for subject, d in context.decided(DecisionKind.CONFLICT).items()},
        _read_overrides(context),
        kinds,
    )
    uuids = identity.shared.filter(pl.col("kind") == "bios_uuid")["value"]
    build_one = partial(building.build_bucket, shared_uuids=uuids, decided=decided)
    for number, built in enumerate(map_ahead(build_one, buckets, workers=1), 1):
        building.keep_bucket(built, tables)
        context.progress(0.3 + 0.4 * number / count, "merging")
    return tables


def _name_tabs(clean: pl.LazyFrame, dangling: pl.DataFrame) -> pl.DataFrame:
    """entity, tabs of parts without a machine."""
    if dangling.is_empty():
        return pl.DataFrame(schema={"entity": pl.String, "tabs": pl.List(pl.String)})
    tabs = (
        clean.with_row_index("at")
        .select("at", "record_kind")
        .join(dangling.lazy(), on="at", how="inner")
        .collect()
    )
    return tabs.group_by("entity").agg(tabs=pl.col("record_kind").unique().sort()).sort("entity")


def _unresolved_hosts(clean: pl.LazyFrame, columns: list[str], tables: building.Built) -> list[pl.DataFrame]:
    """Hypervisor hosts that tabs name and the source does not list, where it lists any."""
    if "rel_host" not in columns:
        return []
    hosts = tables.references.scan().filter(pl.col("kind") == "host")
    known = hosts.collect()
    named = (
        clean.filter(pl.col("rel_host").is_not_null())
        .group_by("source", "rel_host")
        .agg(
            places=PLACE.sort().head(gaps.MOST_PLACES),
            count=pl.len().cast(pl.Int64),
        )
        .join(hosts.select("source").unique(), on="source", how="semi")
        .join(hosts, left_on=["source", "rel_host"], right_on=["source", "reference"], how="anti")
        .sort("source", "rel_host")
        .select(
            what=pl.lit("host"),
            value="rel_host",
            source="source",
            places="places",
            count="count",
        )
        .collect()
    )
    return [gaps.report_unresolved(named, known)]


def _in_scope(rows: pl.LazyFrame, scope: pl.DataFrame | None) -> pl.LazyFrame:
    if scope is None:
        return rows
    return rows.join(
        scope.lazy(), left_on="asset_key", right_on="natural_key", how="semi", maintain_order="left"
    )


def _issues_in_scope(issues: pl.LazyFrame, scope: pl.DataFrame | None) -> pl.LazyFrame:
    if scope is None:
        return issues
    inside = scope["natural_key"].implode()
    related = pl.col("related").list.eval(pl.element().is_in(inside)).list.any().fill_null(False)
    return issues.filter(pl.col("subject").is_in(inside) | related)


def _count(rows: pl.LazyFrame) -> int:
    return int(rows.select(pl.len()).collect().item())


def _summarise(estate: Estate, conflicts: int, raised: int) -> dict[str, Any]:
    narrow = estate.narrow.scan()
    kinds = narrow.group_by("asset_type").len().sort("asset_type").collect()
    reasons = narrow.group_by("not_target_reason").len().drop_nulls().sort("not_target_reason").collect()
    targets = narrow.select(pl.col("is_target").sum()).collect().item()
    return {
        "assets": {
            "total": estate.narrow.rows,
            "by_type": dict(kinds.iter_rows()),
            "migration_targets": int(targets),
            "not_targets": dict(reasons.iter_rows()),
            "out_of_scope": estate.out_of_scope,
        },
        "conflicts": conflicts,
        "gaps": estate.gaps.height,
        "assumptions": int(estate.gaps.filter(pl.col("assumed_cpu_cores").is_not_null())["count"].sum()),
        "inventory_issues": raised,
        "unassigned_groups": estate.unassigned_groups,
        "server_pools": estate.pools,
    }


def _count_deciders(
    context: PhaseContext, tables: building.Built, answered: int, settled: list[judging.Settled]
) -> DecidedBy:
    counts = judging.count_deciders(settled)
    people = answered + counts.person + len(context.decided(DecisionKind.CONFLICT))
    every = tables.assets.rows + tables.conflicts.rows
    return DecidedBy(rule=max(0, every - people - counts.crew), crew=counts.crew, person=people)
