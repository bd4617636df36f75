"""The asset table as a fold: what active, indexed datasets and standing decisions say, and nothing else."""

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

# $1 estate. Later phases win over earlier ones, later flows over earlier ones, people over all.
_FOLDED = f"""
active as (
  select d.id, row_number() over (order by f.created_at, f.id, p.position) as rank
  from migration_flows f
  join flow_phases p on p.flow_id = f.id
  join datasets d on d.attempt_id = p.active_attempt_id
  where f.estate_id = $1 and d.assets and d.indexed_at is not null),
several as (select count(*) > 1 as yes from active),
merged as (
  -- Of one dataset there is nothing to merge, and of a million rows no group to make.
  select e.asset_id, e.natural_key, e.client_account_id, e.engagement_id, e.flow_id, e.id as entity_id,
         e.data::jsonb as data
  from active a join flow_data_entities e on e.dataset_id = a.id
  where not (select yes from several)
  union all
  select e.asset_id, e.natural_key, e.client_account_id, e.engagement_id,
         (array_agg(e.flow_id order by a.rank))[1] as flow_id, (array_agg(e.id order by a.rank))[1] as entity_id,
         case when count(*) = 1 then (array_agg(e.data::jsonb))[1]
              else merge_json(array_agg(e.data::jsonb order by a.rank)) end as data
  from active a join flow_data_entities e on e.dataset_id = a.id
  where (select yes from several)
  group by 1, 2, 3, 4),
overrides as (
  select h.subject, merge_json(array_agg(h.value order by h.number)) as value,
         jsonb_object_agg(k.key, h.number order by h.number) as numbers
  from human_decisions h join migration_flows f on f.id = h.flow_id
  cross join lateral jsonb_object_keys(h.value) as k(key)
  where f.estate_id = $1 and h.kind = 'override' and h.withdrawn_by is null and jsonb_typeof(h.value) = 'object'
  group by 1),
folded as (
  select m.asset_id as id, m.client_account_id, m.engagement_id, $1::uuid as estate_id, m.natural_key,
         {quoted(_COMPUTED, "r.")},
         case jsonb_typeof(w.data->'custom_attributes') when 'string' then (w.data->>'custom_attributes')::jsonb
              else w.data->'custom_attributes' end as custom_attributes,
         m.flow_id as source_flow_id, m.entity_id as discovery_data_entity_id,
         coalesce(o.numbers, '{{}}') as overridden
  from merged m
  left join overrides o on o.subject = m.natural_key
  cross join lateral (select m.data || coalesce(o.value, '{{}}') as data) w
  cross join lateral jsonb_populate_record(null::assets, w.data - 'custom_attributes') r)
"""

FOLD = f"""
with {_FOLDED},
gone as (delete from assets t where t.estate_id = $1 and not exists (
  select 1 from active a join flow_data_entities e on e.dataset_id = a.id where e.asset_id = t.id)
  returning t.client_account_id, t.id),
unnamed as (delete from search_terms s using gone g
            where s.client_account_id = g.client_account_id and s.entity_id = g.id and s.entity_kind = 'asset')
insert into assets as t ({quoted(COLUMNS)}, "updated_at") select {quoted(COLUMNS, "f.")}, now() from folded f
on conflict (id) do update set {", ".join(f'"{c}" = excluded."{c}"' for c in _CHANGING)}, updated_at = now()
where ({quoted(_CHANGING, "t.")}) is distinct from ({quoted(_CHANGING, "excluded.")})
"""

# Both must be 0. The refold starts from nothing but datasets, pointers and decisions.
REFOLD_DIFFERENCE = f"""
with {_FOLDED},
kept as (select {quoted(COLUMNS)} from assets where estate_id = $1)
select (select count(*) from (select {quoted(COLUMNS)} from folded except select * from kept) x) as missing,
       (select count(*) from (select * from kept except select {quoted(COLUMNS)} from folded) y) as extra,
       (select count(*) from kept) as assets
"""

# A word or a part of a name, in lower case: what the beginning of a search must match.
SEARCH_TERMS = """
with words as (
  select distinct a.client_account_id, a.engagement_id, a.id, w.term
  from assets a cross join lateral unnest(
    array[lower(a.name), lower(a.hostname), lower(a.fqdn), lower(a.application_name)]
    || regexp_split_to_array(lower(concat_ws(' ', a.name, a.hostname, a.application_name)), '[^[:alnum:]]+')) as w(term)
  where a.estate_id = $1 and w.term <> ''),
gone as (delete from search_terms s using assets a
         where a.estate_id = $1 and s.entity_id = a.id and s.entity_kind = 'asset'
           and not exists (select 1 from words w where w.id = s.entity_id and w.term = s.term))
insert into search_terms (client_account_id, engagement_id, term, entity_kind, entity_id)
select w.client_account_id, w.engagement_id, w.term, 'asset', w.id from words w
where not exists (select 1 from search_terms s where s.client_account_id = w.client_account_id
                  and s.entity_id = w.id and s.term = w.term)
"""

# Assets by value, for facets that need not read them all. An estate whose values hardly repeat keeps no counts. Held by
# whoever changes them, so that no counts of a moment before outlive a change that was committed meanwhile.
LOCK_COUNTS = "select pg_advisory_xact_lock(hashtextextended('counts ' || $1::uuid, 0))"
DROP_COUNTS = "delete from asset_counts where estate_id = $1"
_MOST_COUNTS = 20_000
_VALUES = ", ".join(f"('{name}', a.{name})" for name in COUNTED_BY)
COUNTS = f"""
with counted as (
  select a.client_account_id, a.engagement_id, a.estate_id, f.facet, f.value, a.asset_type, a.environment, a.is_target,
         count(*) as count
  from assets a cross join lateral (values ('', null), {_VALUES}) as f(facet, value)
  where a.estate_id = $1 group by 1, 2, 3, 4, 5, 6, 7, 8)
insert into asset_counts (client_account_id, engagement_id, estate_id, facet, value, asset_type, environment, is_target,
  count)
select * from counted where (select count(*) from counted) <= {_MOST_COUNTS}
"""
