"""The proof of a rollback, as SQL over what is stored now. docs/proof.md shows the same statements."""

from typing import Any
from uuid import UUID

from caravan_orchestrator.store.database import SqlTransaction
from caravan_orchestrator.store.fold import REFOLD_DIFFERENCE

POINTERS = """
select p.flow_id::text, p.name, p.active_attempt_id::text as now, b.plan->'targets'->>p.name as recorded
from flow_rollbacks b join flow_phases p on p.flow_id = b.flow_id
where $1 in (b.id, b.cascade_id) and b.plan->'targets' ? p.name
  and p.active_attempt_id::text is distinct from b.plan->'targets'->>p.name
"""

INDEX = """
select d.id::text, d.name, d.rows, d.index_hash, count(e.*) as found,
  encode(sha256(coalesce(string_agg(sha256(convert_to(
    '[' || to_json(e.entity_type)::text || ',' || to_json(e.natural_key)::text || ',' || e.data::text || ']', 'UTF8')),
    ''::bytea order by e.entity_type collate "C", e.natural_key collate "C"), ''::bytea)), 'hex') as found_hash
from flow_rollbacks b
join migration_flows f on f.id = b.flow_id
join flow_phases p on p.flow_id = f.id
join datasets d on d.attempt_id = p.active_attempt_id and d.index = 'rows'
left join flow_data_entities e on e.dataset_id = d.id
where $1 in (b.id, b.cascade_id)
group by d.id
"""

EFFECTS = """
select b.flow_id::text, s.subject, s.status from rollback_steps s join flow_rollbacks b on b.id = s.rollback_id
where $1 in (b.id, b.cascade_id) and s.kind = 'effect' and not (s.status in ('undone', 'nothing_to_do')
  or (s.status = 'irreversible' and exists (
    select 1 from phase_attempts a where a.id = s.attempt_id
      and b.accepted_irreversible ? coalesce(a.unit->>'irreversible_name', a.unit_key))))
"""

ROWS = """
with asked as (
  select b.plan->'selection'->>'key_column' as key_column, b.plan->'selection'->'keys' as keys,
         (b.plan->'selection'->>'before')::uuid as earlier, (b.plan->'selection'->>'replaced')::uuid as replaced,
         (b.plan->'targets'->>b.phase)::uuid as built
  from flow_rollbacks b where b.id = $1 and b.plan ? 'selection'),
chosen as materialized (select distinct k.key from asked a, jsonb_array_elements_text(a.keys) as k(key)),
versions as (
  select d.attempt_id, d.name, e.entity_type, e.natural_key, e.data::text as data,
         case a.key_column when 'natural_key' then e.natural_key else e.data->>a.key_column end
           in (select key from chosen) as is_chosen
  from asked a join datasets d on d.attempt_id in (a.earlier, a.replaced, a.built) and d.index = 'rows'
  join flow_data_entities e on e.dataset_id = d.id),
wanted as (
  select v.name, v.entity_type, v.natural_key, v.data from versions v join asked a
  on (v.attempt_id = a.earlier and v.is_chosen) or (v.attempt_id = a.replaced and v.is_chosen is not true)),
found as (
  select v.name, v.entity_type, v.natural_key, v.data from versions v join asked a on v.attempt_id = a.built)
select x.name, x.natural_key, 'missing' as what from (select * from wanted except all select * from found) x
union all
select y.name, y.natural_key, 'extra' from (select * from found except all select * from wanted) y
order by 1, 2, 3 limit 100
"""

# A selective version is held against the two that it was made of.
PENDING = """
select exists (select 1 from running.due where kind = 'fold' and id = $2)
  or exists (select 1 from flow_rollbacks b join flow_phases p on p.flow_id = b.flow_id
             join datasets d on d.attempt_id = p.active_attempt_id
             where $1 in (b.id, b.cascade_id) and d.index = 'rows' and d.indexed_at is null)
  or exists (select 1 from flow_rollbacks b
             join datasets d on d.flow_id = b.flow_id and d.attempt_id::text in (
               b.plan->'selection'->>'before', b.plan->'selection'->>'replaced')
             where b.id = $1 and d.index = 'rows' and d.indexed_at is null)
"""


async def compute_proof(
    transaction: SqlTransaction, rollback_id: UUID, estate_id: UUID
) -> dict[str, Any] | None:
    """Over every flow of the rollback; none while the index or the fold has not caught up.

    `holds` is true when every condition does.
    """
    run = transaction.connection.exec_driver_sql
    if (await run(PENDING, (rollback_id, estate_id))).scalar_one():
        return None
    pointers = [dict(row) for row in (await run(POINTERS, (rollback_id,))).mappings()]
    [refold] = [dict(row) for row in await transaction.run_long(REFOLD_DIFFERENCE, estate_id)]
    if refold.pop("behind"):
        # Another flow of the estate has changed since: what it did says nothing about this rollback.
        return None
    index = [dict(row) for row in await transaction.run_long(INDEX, rollback_id)]
    wrong = [d for d in index if d["found"] != d["rows"] or d["found_hash"] != d["index_hash"]]
    rows = [dict(row) for row in await transaction.run_long(ROWS, rollback_id)]
    effects = [dict(row) for row in (await run(EFFECTS, (rollback_id,))).mappings()]
    [[flows]] = await run("select count(*) from flow_rollbacks where $1 in (id, cascade_id)", (rollback_id,))
    return {
        "holds": not (pointers or wrong or rows or effects or refold["missing"] or refold["extra"]),
        "flows_checked": flows,
        "pointers_that_differ": pointers,
        "assets": refold,
        "datasets_checked": len(index),
        "datasets_that_differ": wrong,
        "effects_not_settled": effects,
        "rows_that_differ": rows,
    }
