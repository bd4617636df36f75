"""What a client's crews may still spend this month. Asked only for flows with a budget, of clients with a quota."""

QUOTAS = "select array(select jsonb_object_keys(quotas)) from client_accounts where client_account_id = $1"

# Whoever gives out the client's tokens waits here for whoever does already, so that none are given out twice.
LOCK_QUOTA = """
select 1 from client_accounts where client_account_id = $1 and quotas ? 'llm_tokens' for no key update
"""

# $1 client, $2 flows: (flow, tokens left). A month of UTC. What a flow's own open attempt has reserved is not counted:
# the flow has one at a time, and its next command replaces it. Of others what they have not spent of it yet is.
QUOTA_LEFT = """
with spent as (
  select coalesce(sum(u.prompt_tokens + u.completion_tokens + u.reserved_tokens), 0) as tokens
  from llm_usage u
  where u.client_account_id = $1 and u.updated_at >= date_trunc('month', now() at time zone 'UTC') at time zone 'UTC'),
reserved as (
  select a.flow_id, greatest(0, a.budget_tokens - coalesce(sum(
           u.prompt_tokens + u.completion_tokens + u.reserved_tokens), 0)) as tokens
  from phase_attempts a left join llm_usage u on u.attempt_id = a.id and u.epoch = a.epoch
  where a.client_account_id = $1 and a.status in ('held','dispatched','running','delayed') and a.budget_tokens > 0
  group by a.id)
select f.id, ((c.quotas ->> 'llm_tokens')::bigint - spent.tokens
              - (select coalesce(sum(r.tokens), 0) from reserved r where r.flow_id <> f.id))::bigint
from migration_flows f, client_accounts c, spent
where f.id = any($2) and c.client_account_id = $1
"""
