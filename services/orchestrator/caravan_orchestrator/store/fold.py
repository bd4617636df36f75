"""The asset table as a fold: what active, indexed datasets and standing decisions say, and nothing else."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from caravan_orchestrator.store.database import SqlTransaction
from caravan_orchestrator.store.json_rows import quoted
from caravan_orchestrator.store.tables.assets import ATTRIBUTE_COLUMNS, COUNTED_BY

_COMPUTED = ("is_target", "not_target_reason", *ATTRIBUTE_COLUMNS)
COLUMNS = (
    "id",
    "client_account_id",
    "engagement_id",
    "estate_id",
    "natural_key",
    *_COMPUTED,
    "custom_attributes",
    "source_flow_id",
    "discovery_data_entity_id",
    "overridden",
)
_CHANGING = COLUMNS[5:]
_FOLD_KEY = "hashtextextended('fold ' || $1::uuid, 0)"

# $1 estate. Later phases win over earlier ones, later flows over earlier ones, people over all. `own`: the columns that
# a flow grown out of another says of known assets; null for the estate's root, which says all of those it found.
_ACTIVE = """
  select d.id, row_number() over (order by f.created_at, f.id, p.position) as rank,
         case when f.parent_flow_id is not null
              then array(select jsonb_array_elements_text(t.definition->'asset_columns')) end as own
  from migration_flows f
  left join flow_types t on t.flow_type = f.flow_type and t.version = f.definition_version
  join flow_phases p on p.flow_id = f.id
  join datasets d on d.attempt_id = p.active_attempt_id
  where f.estate_id = $1 and d.assets and d.indexed_at is not null"""
_SAID = """case when a.own is null then e.data::jsonb else coalesce(
  (select jsonb_object_agg(k.key, k.value) from jsonb_each(e.data::jsonb) k where k.key = any(a.own)), '{}') end"""
_FOLDED = f"""
several as (select count(*) > 1 or coalesce(bool_or(own is not null), false) as yes from active),
overrides as (
  select h.subject, merge_json(array_agg(h.value order by h.number)) as value,
         jsonb_object_agg(k.key, h.number order by h.number) as numbers
  from human_decisions h join migration_flows f on f.id = h.flow_id
  cross join lateral jsonb_object_keys(h.value) as k(key)
  where f.estate_id = $1 and h.kind = 'override' and h.withdrawn_by is null and jsonb_typeof(h.value) = 'object'
  group by 1),
merged as (
  -- Of one dataset there is nothing to merge, and of a million rows no group to make.
  select e.asset_id, e.natural_key, e.client_account_id, e.engagement_id, e.flow_id, e.id as entity_id,
         e.data::jsonb || o.value as data, o.numbers
  from flow_data_entities e join active a on a.id = e.dataset_id join overrides o on o.subject = e.natural_key
  where e.dataset_id = any(array(select id from active)) and not (select yes from several)
  union all
  select m.asset_id, m.natural_key, m.client_account_id, m.engagement_id, m.flow_id, m.entity_id,
         m.data || coalesce(o.value, '{{}}') as data, o.numbers
  from (
    select e.asset_id, e.natural_key, e.client_account_id, e.engagement_id,
           (array_agg(e.flow_id order by a.rank))[1] as flow_id, (array_agg(e.id order by a.rank))[1] as entity_id,
           case when count(*) = 1 then (array_agg(e.data::jsonb))[1]
                else merge_json(array_agg({_SAID} order by a.rank)) end as data
    from flow_data_entities e join active a on a.id = e.dataset_id
    where e.dataset_id = any(array(select id from active)) and (select yes from several)
    group by 1, 2, 3, 4 having bool_or(a.own is null)) m
  left join overrides o on o.subject = m.natural_key),
folded as (
  -- What nothing is merged into goes from its text into columns: jsonb in between takes twice the time.
  select e.asset_id as id, e.client_account_id, e.engagement_id, $1::uuid as estate_id, e.natural_key,
         {quoted(_COMPUTED, "r.")},
         case jsonb_typeof(r.custom_attributes) when 'string' then (r.custom_attributes #>> '{{}}')::jsonb
              else r.custom_attributes end as custom_attributes,
         e.flow_id as source_flow_id, e.id as discovery_data_entity_id, '{{}}'::jsonb as overridden
  from flow_data_entities e join active a on a.id = e.dataset_id
  left join overrides o on o.subject = e.natural_key
  cross join lateral json_populate_record(null::assets, e.data) r
  where o.subject is null and e.dataset_id = any(array(select id from active)) and not (select yes from several)
  union all
  select m.asset_id as id, m.client_account_id, m.engagement_id, $1::uuid as estate_id, m.natural_key,
         {quoted(_COMPUTED, "r.")},
         case jsonb_typeof(m.data->'custom_attributes') when 'string' then (m.data->>'custom_attributes')::jsonb
              else m.data->'custom_attributes' end as custom_attributes,
         m.flow_id as source_flow_id, m.entity_id as discovery_data_entity_id,
         coalesce(m.numbers, '{{}}') as overridden
  from merged m
  cross join lateral jsonb_populate_record(null::assets, m.data - 'custom_attributes') r)
"""

# $2 what _ACTIVE says of the root, in its order: flows grown out of it find no assets.
_GONE = """
with gone as (delete from assets t where t.estate_id = $1 and not exists (
  select from flow_data_entities e where e.dataset_id = any($2::uuid[]) and e.asset_id = t.id) returning t.id)
insert into gone_assets select id from gone
"""
# Terms are looked up asset by asset (`offset 0` keeps it so), and deleted where they were found: a join of the two
# could be planned as one of all with all while the statistics are of a time before the estate.
_GONE_TERMS = """
delete from search_terms where ctid = any(array(
  select s.place from gone_assets g cross join lateral (
    select t.ctid as place from search_terms t where t.entity_id = g.id and t.entity_kind = 'asset' offset 0) s))
"""
_FOLD = f"""
with active as (select a.id, a.rank, k.own from unnest($2::uuid[]) with ordinality as a(id, rank)
                join ({_ACTIVE}) k on k.id = a.id), {_FOLDED}
insert into assets as t ({quoted(COLUMNS)}, "updated_at") select {quoted(COLUMNS, "f.")}, now()
from folded f left join assets k on k.id = f.id
-- An upsert locks each row it meets, which writes it: what did not change must not come that far.
where k.id is null or ({quoted(_CHANGING, "k.")}) is distinct from ({quoted(_CHANGING, "f.")})
on conflict (id) do update set {", ".join(f'"{c}" = excluded."{c}"' for c in _CHANGING)}, updated_at = now()
"""
# $2 the dataset of an estate that has no asset yet, with which nothing can conflict.
_FIRST = f"""
with active as (select $2::uuid as id, 1 as rank, null::text[] as own), {_FOLDED}
insert into assets ({quoted(COLUMNS)}, "updated_at") select {quoted(COLUMNS, "f.")}, now() from folded f
"""

# $1 estate. Datasets that are to be shown and whose rows are on their way into the index: the last of them asks for a
# fold when it has come, in the same transaction.
_ON_THEIR_WAY = """exists (
  select from migration_flows f join flow_phases p on p.flow_id = f.id
  join datasets d on d.attempt_id = p.active_attempt_id
  join running.due i on i.kind = 'index' and i.id = d.id
  where f.estate_id = $1 and d.assets and d.indexed_at is null)"""

# Both must be 0, unless the asset table has not caught up yet. The refold starts from nothing but datasets, pointers
# and decisions.
REFOLD_DIFFERENCE = f"""
with active as ({_ACTIVE}), {_FOLDED},
kept as (select {quoted(COLUMNS)} from assets where estate_id = $1)
select (select count(*) from (select {quoted(COLUMNS)} from folded except select * from kept) x) as missing,
       (select count(*) from (select * from kept except select {quoted(COLUMNS)} from folded) y) as extra,
       (select count(*) from kept) as assets,
       exists (select from running.due where kind = 'fold' and id = $1) or {_ON_THEIR_WAY} as behind
"""

# Words and parts of names, in lower case: what the beginning of a search must match. Of terms that begin alike the
# longest is enough; in this order it stands behind those it begins with.
_TERMS = """array(
    select w.term from (
      select u.term, lead(u.term) over (order by u.term) as next
      from (select x.term collate "C" as term from unnest(
        array[lower(a.name), lower(a.hostname), lower(a.fqdn), lower(a.application_name)]
        || regexp_split_to_array(lower(concat_ws(' ', a.name, a.hostname, a.application_name)), '[^[:alnum:]]+')
      ) as x(term)) u) w
    where w.term <> '' and (w.next is null or not starts_with(w.next, w.term)))"""

# Terms are compared asset by asset, as above. A FROM list goes in between, whose `a` are the assets.
_COMPARED = f"""
with changed as materialized (
  select a.client_account_id, a.engagement_id, a.id, {_TERMS} as wanted, coalesce(s.terms, '{{}}') as had, s.places
  from %s cross join lateral (
    select array_agg(t.term) as terms, array_agg(t.ctid) as places from search_terms t
    where t.client_account_id = a.client_account_id and t.entity_id = a.id and t.entity_kind = 'asset') s),
gone as (
  delete from search_terms where ctid = any(array(
    select h.place from changed c cross join lateral unnest(c.had, c.places) as h(term, place)
    where h.term collate "C" <> all(c.wanted))))
insert into search_terms (client_account_id, engagement_id, term, entity_kind, entity_id)
select c.client_account_id, c.engagement_id, w.term, 'asset', c.id
from changed c cross join lateral unnest(c.wanted) as w(term) where w.term collate "C" <> all(c.had)
order by w.term collate "C" -- as in their index, which then need not lie in memory
"""
# Of the assets that _FOLD has written in this transaction.
_SEARCH_TERMS = _COMPARED % "(select * from assets where estate_id = $1 and updated_at = now()) a"
# $1 a dataset whose rows become assets as they are.
_FIRST_TERMS = (
    _COMPARED
    % """(
    select e.client_account_id, e.engagement_id, e.asset_id as id, r.* from flow_data_entities e
    cross join lateral json_to_record(e.data) as r(name text, hostname text, fqdn text, application_name text)
    where e.dataset_id = $1) a"""
)

# Assets by value, for facets that need not read them all. An estate whose values hardly repeat keeps no counts. Held by
# whoever changes them, so that no counts of a moment before outlive a change that was committed meanwhile.
_LOCK_COUNTS = "select pg_advisory_xact_lock(hashtextextended('counts ' || $1::uuid, 0))"
_DROP_COUNTS = "delete from asset_counts where estate_id = $1"
_MOST_COUNTS = 20_000
_VALUES = ", ".join(f"('{name}', a.{name})" for name in COUNTED_BY)
_ALIKE = ", ".join(("asset_type", "environment", "is_target", *COUNTED_BY))
# Assets alike in all of it are few, and each is then counted seven times.
_COUNTS = f"""
with alike as materialized (
  select {_ALIKE}, count(*) as count from assets where estate_id = $1 group by {_ALIKE}),
counted as (
  select f.facet, f.value, a.asset_type, a.environment, a.is_target, sum(a.count) as count
  from alike a cross join lateral (values ('', null), {_VALUES}) as f(facet, value) group by 1, 2, 3, 4, 5)
insert into asset_counts (client_account_id, engagement_id, estate_id, facet, value, asset_type, environment, is_target,
  count)
select e.client_account_id, e.engagement_id, e.id, c.*
from counted c cross join migration_flows e where e.id = $1 and (select count(*) from counted) <= {_MOST_COUNTS}
"""

# Fewer assets have their terms in less time than a second connection takes to be of use.
LARGE = 20_000
_LARGE_AND_FIRST = f"""
with active as ({_ACTIVE})
select d.id from active a join datasets d on d.id = a.id
where d.rows >= $2 and a.own is null and (select count(*) from active) = 1
  and not exists (select from assets where estate_id = $1) and not exists (
    select from human_decisions h join migration_flows f on f.id = h.flow_id
    where f.estate_id = $1 and h.kind = 'override' and h.withdrawn_by is null)
"""
# Words of a million names are sorted: by default that goes through files.
_MEMORY = "set local work_mem = '128MB'"
# The index that searches use has the entities too: read for each asset by client alone, it would be all with all.
_BY_ENTITY = "set local enable_indexonlyscan = off"


async def fold(transaction: SqlTransaction, estate: UUID, *, prefix: str = "") -> list[Sequence[Any]]:
    """Makes the asset table, its search terms and its counts what is active now. The caller holds the estate's lock.

    A new database has no statistics, and under row-level security the planner then expects a row where a million
    are: it would look through all of one side for each of the other. So joins of an estate may only be hashed or
    merged. `prefix` goes before the statements that compare, for `explain`; what they return is handed back.
    """
    run = transaction.run_long
    found = await run(f"select id, own is null from ({_ACTIVE}) a order by rank", estate)
    active, of_root = [row[0] for row in found], [row[0] for row in found if row[1]]
    await run(_MEMORY)
    await run("create temporary table gone_assets (id uuid) on commit drop")
    await run("set local enable_nestloop = off")
    told = [await run(prefix + _GONE, estate, of_root)]
    told.append(await run(prefix + _FOLD, estate, active))
    await run("set local enable_nestloop = on")
    await run(_BY_ENTITY)
    await run("analyze gone_assets")
    told.append(await run(prefix + _GONE_TERMS))
    told.append(await run(prefix + _SEARCH_TERMS, estate))
    await run("set local enable_indexonlyscan = on")
    await _count(transaction, estate)
    return told


async def is_expected(transaction: SqlTransaction, estate: UUID) -> bool:
    """Whether rows of the estate are on their way into the index. A fold before them would take the assets that they
    replace out of the asset table, and the next one put them in again; it is asked for when they have come."""
    [[expected]] = await transaction.run_long(f"select {_ON_THEIR_WAY}", estate)
    return bool(expected)


async def large_first_dataset(transaction: SqlTransaction, estate: UUID) -> UUID | None:
    """The dataset that an estate without assets is to be folded of, if it is large, the only one, and no person's
    decision stands: then assets and terms say what its rows say, whoever folds them."""
    found = await transaction.run_long(_LARGE_AND_FIRST, estate, LARGE)
    return found[0][0] if found else None


async def fold_first(transaction: SqlTransaction, estate: UUID, dataset: UUID) -> None:
    """As `fold`, of what `large_first_dataset` returned, without terms. The caller holds the estate's lock.

    The transaction may stand idle afterwards for as long as the terms take.
    """
    run = transaction.run_long
    await run("set local idle_in_transaction_session_timeout = '600s'")
    await run(_MEMORY)
    await run("set local enable_nestloop = off")
    await run(_FIRST, estate, dataset)
    await run("set local enable_nestloop = on")
    await _count(transaction, estate)


async def write_first_terms(
    transaction: SqlTransaction, dataset: UUID, *, prefix: str = ""
) -> list[Sequence[Any]]:
    """Those of the assets that `fold_first` makes, in a transaction of its own: terms without an asset find nothing.

    Repeating it changes nothing. `prefix` as with `fold`.
    """
    await transaction.run_long(_MEMORY)
    await transaction.run_long(_BY_ENTITY)
    return [await transaction.run_long(prefix + _FIRST_TERMS, dataset)]


async def lock_fold(transaction: SqlTransaction, estate: UUID) -> None:
    """Waits for a fold of the estate that is under way; none begins until the transaction ends."""
    await transaction.connection.exec_driver_sql(f"select pg_advisory_xact_lock({_FOLD_KEY})", (estate,))


async def try_lock_fold(transaction: SqlTransaction, estate: UUID) -> bool:
    """Until the transaction ends. False: somebody else has it."""
    [[locked]] = await transaction.run_long(f"select pg_try_advisory_xact_lock({_FOLD_KEY})", estate)
    return bool(locked)


async def drop_counts(transaction: SqlTransaction, estate: UUID) -> None:
    """Facets are counted when asked, until the next fold has counted anew."""
    for statement in (_LOCK_COUNTS, _DROP_COUNTS):
        await transaction.connection.exec_driver_sql(statement, (estate,))


async def _count(transaction: SqlTransaction, estate: UUID) -> None:
    for statement in (_LOCK_COUNTS, _DROP_COUNTS, _COUNTS):
        await transaction.run_long(statement, estate)
