"""Loads flow aggregates in one statement, as JSON in the shape of domain.model.Flow."""

from caravan_orchestrator.store.codec import ATTEMPT_COLUMNS, FLOW_CHANGING, PHASE_COLUMNS

_FLOW_FIELDS = (
    "id",
    "flow_type",
    "definition_version",
    "name",
    "estate_id",
    "configuration",
    "uploads",
    "parent_flow_id",
    *FLOW_CHANGING,
)


def _object(alias: str, columns: tuple[str, ...]) -> str:
    return "jsonb_build_object(" + ", ".join(f"'{name}', {alias}.{name}" for name in columns) + ")"


_MANIFEST = """jsonb_build_object('name', d.name, 'version', d.version, 'rows', d.rows, 'index', d.index,
    'index_hash', d.index_hash, 'entity_type', d.entity_type, 'assets', d.assets,
    'artifact', jsonb_build_object('key', d.artifact_key, 'sha256', d.sha256, 'size', d.bytes))"""

_DATASET = f"""jsonb_build_object('id', d.id, 'phase', d.phase, 'attempt_id', d.attempt_id, 'manifest', {_MANIFEST})"""

_DECISION_COLUMNS = ("number", "kind", "phase", "subject", "value", "old", "actor", "reason", "decided_at")
_SPENDING = """jsonb_build_object('attempt_id', u.attempt_id, 'epoch', u.epoch, 'run_id', u.run_id,
    'model', u.model, 'phase', u.phase, 'calls', u.calls, 'reserved_tokens', u.reserved_tokens,
    'tokens', u.prompt_tokens + u.completion_tokens + u.reserved_tokens,
    'cost_usd', u.cost_usd + u.reserved_cost_usd)"""

_HANDOFF_COLUMNS = (
    "id",
    "target_flow_type",
    "status",
    "requested_by",
    "target_version",
    "wanted",
    "target_flow_id",
    "package",
    "rules",
    "digest",
    "error",
    "ended_at",
)
_EDIT = """jsonb_build_object('edit', (select jsonb_build_object('base', e.base, 'edits', e.edits)
                                          from plan_edits e where e.id = a.id))"""
_STEP_COLUMNS = ("id", "position", "kind", "subject", "status", "attempt_id", "compensation_id", "details")
_ROLLBACK_COLUMNS = (
    "id",
    "kind",
    "phase",
    "status",
    "digest",
    "plan",
    "requested_by",
    "reason",
    "accepted_irreversible",
    "cascade_id",
)

# $1 flow ids, $2 attempt ids to load beside the open ones, $3 load all attempts
LOAD = f"""
select coalesce(json_agg(
  {_object("f", _FLOW_FIELDS)}
  || jsonb_build_object(
    'tenant', jsonb_build_object('client_account_id', f.client_account_id, 'engagement_id', f.engagement_id),
    'learned', (select nullif(c.learned, 'null') from client_accounts c
                where c.client_account_id = f.client_account_id),
    'reference_tables', (select c.reference_tables from client_accounts c
                         where c.client_account_id = f.client_account_id),
    'phases', (select coalesce(jsonb_agg({_object("p", PHASE_COLUMNS)} || case when p.stale then
                    jsonb_build_object('inputs', (select s.inputs from phase_attempts s
                                                  where s.id = p.active_attempt_id))
                    else '{{}}' end order by p.position), '[]')
               from flow_phases p where p.flow_id = f.id),
    'attempts', (select coalesce(jsonb_object_agg(a.id, {_object("a", ATTEMPT_COLUMNS)}
                   || case when a.kind = 'edit' then {_EDIT} else '{{}}' end), '{{}}')
                 from phase_attempts a where a.flow_id = f.id and
                   ($3 or a.status in ('held','dispatched','running','delayed')
                    or a.kind in ('unit','compensate','selective') or a.result is not null or a.id = any($2)
                    or exists (select 1 from flow_phases p where p.flow_id = f.id and p.status = 'waiting'
                               and p.active_attempt_id = a.id))),
    'datasets', (select coalesce(jsonb_agg({_DATASET} order by p.position, d.name), '[]')
                 from flow_phases p join datasets d on d.attempt_id = p.active_attempt_id and d.flow_id = f.id
                 where p.flow_id = f.id),
    'earlier', case when not ($3 or f.status = 'rolling_back') then '[]' else
                (select coalesce(jsonb_agg({_DATASET} order by d.name), '[]') from datasets d
                 where d.flow_id = f.id
                   and not exists (select 1 from flow_phases p
                                   where p.flow_id = f.id and p.active_attempt_id = d.attempt_id)
                   and ($3 or d.attempt_id = (
                     select (b.plan->'selection'->>'before')::uuid from flow_rollbacks b
                     where b.flow_id = f.id and b.status not in ('completed', 'failed')
                     order by b.created_at desc limit 1))) end,
    'asked_about', case when f.decision_sequence = 0 or not $3 then '{{}}' else
                (select coalesce(jsonb_object_agg(q.key, q.subject), '{{}}') from questions q
                 where q.flow_id = f.id and q.status = 'answered') end,
    'decisions', case when f.decision_sequence = 0 then '[]' else
                 (select coalesce(jsonb_agg({_object("h", _DECISION_COLUMNS)} order by h.number), '[]')
                  from human_decisions h where h.flow_id = f.id and h.withdrawn_by is null) end,
    'blocking', case when f.reason is distinct from 'questions' then '{{}}' else
                (select coalesce(jsonb_object_agg(b.phase, b.n), '{{}}') from
                   (select q.phase, count(*) n from questions q
                    where q.flow_id = f.id and q.blocking and q.status = 'open' group by q.phase) b) end,
    'spending', case when not f.configuration ? 'budget_tokens' then '[]' else
                (select coalesce(jsonb_agg({_SPENDING}), '[]') from llm_usage u where u.flow_id = f.id) end,
    'quota_left', case when not f.configuration ? 'budget_tokens' then null else
                (select 0 from client_accounts c
                 where c.client_account_id = f.client_account_id and c.quotas ? 'llm_tokens') end,
    'handoffs', (select coalesce(jsonb_agg({_object("h", _HANDOFF_COLUMNS)} || jsonb_build_object('child_lives',
                   coalesce(c.status not in ('cancelled', 'rolled_back') and c.deleted_at is null, false))
                   order by h.id), '[]')
                 from flow_handoffs h left join migration_flows c on c.id = h.target_flow_id
                 where h.source_flow_id = f.id and h.status in ('requested', 'building', 'accepted')),
    'handed', case when f.parent_flow_id is null then '[]' else coalesce(
                (select h.package->'datasets' from flow_handoffs h
                 where h.target_flow_id = f.id and h.status = 'accepted' order by h.id desc limit 1), '[]') end,
    'rollback', case when f.status <> 'rolling_back' then null else
                (select {_object("b", _ROLLBACK_COLUMNS)} || jsonb_build_object('steps',
                    (select coalesce(jsonb_agg({_object("s", _STEP_COLUMNS)} order by s.position), '[]')
                     from rollback_steps s where s.rollback_id = b.id))
                 from flow_rollbacks b where b.flow_id = f.id and b.status not in ('completed', 'failed')
                 order by b.created_at desc limit 1) end,
    'handoff_revoked', case when f.parent_flow_id is null or f.status <> 'rolled_back' then false else
                exists (select 1 from flow_handoffs o where o.target_flow_id = f.id and o.status = 'revoked') end,
    'superseded', case when f.parent_flow_id is null or f.status <> 'rolled_back' then false else
                exists (select 1 from flow_handoffs o join migration_flows s on s.id = o.target_flow_id
                        where o.source_flow_id = f.parent_flow_id and o.status = 'accepted' and s.id <> f.id
                          and s.flow_type = f.flow_type and s.status not in ('cancelled', 'rolled_back')
                          and s.deleted_at is null) end)
), '[]')::text
from migration_flows f where f.id = any($1)
"""

# What follows in the transaction goes by key, and planning LOAD anew each time costs several times its execution.
LOCK = """
select id, set_config('plan_cache_mode', 'force_generic_plan', true)
from migration_flows where id = any($1) order by id for update
"""

GROWN_FROM = """
with recursive grown as (
  select id from migration_flows where id = $1
  union select f.id from migration_flows f join grown g on f.parent_flow_id = g.id)
select id from grown
"""
FLOWS_IN_ROLLBACK = "select flow_id from flow_rollbacks where $1 in (id, cascade_id)"
