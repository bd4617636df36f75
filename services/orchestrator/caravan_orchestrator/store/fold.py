"""The asset table as a fold: what active, indexed datasets and standing decisions say, and nothing else."""

from caravan_orchestrator.store.json_rows import quoted
from caravan_orchestrator.store.tables.assets import ATTRIBUTE_COLUMNS

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
  from active a join flow_data_entities e on e.dataset_id = a.id join overrides o on o.subject = e.natural_key
  where not (select yes from several)
  union all
  select m.asset_id, m.natural_key, m.client_account_id, m.engagement_id, m.flow_id, m.entity_id,
         m.data || coalesce(o.value, '{{}}') as data, o.numbers
  from (
    select e.asset_id, e.natural_key, e.client_account_id, e.engagement_id,
           (array_agg(e.flow_id order by a.rank))[1] as flow_id, (array_agg(e.id order by a.rank))[1] as entity_id,
           case when count(*) = 1 then (array_agg(e.data::jsonb))[1]
                else merge_json(array_agg(e.data::jsonb order by a.rank)) end as data
    from active a join flow_data_entities e on e.dataset_id = a.id
    where (select yes from several)
    group by 1, 2, 3, 4) m
  left join overrides o on o.subject = m.natural_key),
folded as (
  -- What nothing is merged into goes from its text into columns: jsonb in between takes twice the time.
  select e.asset_id as id, e.client_account_id, e.engagement_id, $1::uuid as estate_id, e.natural_key,
         {quoted(_COMPUTED, "r.")},
         case jsonb_typeof(r.custom_attributes) when 'string' then (r.custom_attributes #>> '{{}}')::jsonb
              else r.custom_attributes end as custom_attributes,
         e.flow_id as source_flow_id, e.id as discovery_data_entity_id, '{{}}'::jsonb as overridden
  from active a join flow_data_entities e on e.dataset_id = a.id
  left join overrides o on o.subject = e.natural_key
  cross join lateral json_populate_record(null::assets, e.data) r
  where o.subject is null and not (select yes from several)
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

FOLD = f"""
with {_FOLDED},
gone as (delete from assets t where t.estate_id = $1 and not exists (
  select 1 from active a join flow_data_entities e on e.dataset_id = a.id where e.asset_id = t.id)
  returning t.client_account_id, t.id),
unnamed as (delete from search_terms s using gone g
            where s.client_account_id = g.client_account_id and s.entity_id = g.id and s.entity_kind = 'asset')
insert into assets as t ({quoted(COLUMNS)}, "updated_at") select {quoted(COLUMNS, "f.")}, now()
from folded f left join assets k on k.id = f.id
-- An upsert locks each row it meets, which writes it: what did not change must not come that far.
where k.id is null or ({quoted(_CHANGING, "k.")}) is distinct from ({quoted(_CHANGING, "f.")})
on conflict (id) do update set {", ".join(f'"{c}" = excluded."{c}"' for c in _CHANGING)}, updated_at = now()
"""

# Both must be 0. The refold starts from nothing but datasets, pointers and decisions.
REFOLD_DIFFERENCE = f"""
with {_FOLDED},
kept as (select {quoted(COLUMNS)} from assets where estate_id = $1)
select (select count(*) from (select {quoted(COLUMNS)} from folded except select * from kept) x) as missing,
       (select count(*) from (select * from kept except select {quoted(COLUMNS)} from folded) y) as extra,
       (select count(*) from kept) as assets
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

# Of the assets that FOLD has written in this transaction. Terms are compared asset by asset, through the index: no
# join that could be planned as one of all with all while the tables have no statistics.
SEARCH_TERMS = f"""
with changed as materialized (
  select a.client_account_id, a.engagement_id, a.id, {_TERMS} as wanted,
         array(select s.term from search_terms s where s.client_account_id = a.client_account_id
               and s.entity_id = a.id and s.entity_kind = 'asset') as had
  from assets a where a.estate_id = $1 and a.updated_at = now()),
gone as (
  delete from search_terms s using changed c cross join lateral unnest(c.had) as h(term)
  where h.term collate "C" <> all(c.wanted)
    and s.client_account_id = c.client_account_id and s.entity_id = c.id and s.entity_kind = 'asset'
    and s.term = h.term)
insert into search_terms (client_account_id, engagement_id, term, entity_kind, entity_id)
select c.client_account_id, c.engagement_id, w.term, 'asset', c.id
from changed c cross join lateral unnest(c.wanted) as w(term) where w.term collate "C" <> all(c.had)
order by w.term collate "C" -- as in their index, which then need not lie in memory
"""
