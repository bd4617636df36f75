"""Indexes, counts and search terms for estates of 100,000 assets and engagements of 5,000 flows.

Revision ID: 0006
Revises: 0005
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_TENANT = "client_account_id = nullif(current_setting('caravan.client', true), '')::uuid"
_UP = (
    (
        "create index ix_assets_listed on assets (client_account_id, engagement_id, estate_id, name, id)"
        " include (asset_type, environment, is_target)"
    ),
    "drop index ix_assets_client_account_id_engagement_id_estate_id_name_id",
    (
        "create index ix_assets_overridden on assets (client_account_id, engagement_id, estate_id)"
        " where overridden <> '{}'"
    ),
    (
        "create index ix_search_terms_found on search_terms (client_account_id, engagement_id, entity_kind, term)"
        " include (entity_id)"
    ),
    "drop index ix_search_terms_client_account_id_engagement_id_entity__201e",
    """
create table asset_counts (
  client_account_id uuid not null,
  engagement_id uuid not null,
  estate_id uuid not null,
  facet text not null,
  value text,
  asset_type text,
  environment text,
  is_target boolean,
  count bigint not null default 0,
  constraint fk_asset_counts_client_account_id_engagement_id_estate_id
    foreign key (client_account_id, engagement_id, estate_id)
    references migration_flows (client_account_id, engagement_id, id))
""",
    (
        "create index ix_asset_counts_client_account_id_engagement_id_estate_id"
        " on asset_counts (client_account_id, engagement_id, estate_id)"
    ),
    "comment on column asset_counts.client_account_id is 'whose row it is; forced row-level security compares it'",
    "comment on column asset_counts.engagement_id is 'the engagement within the client'",
    "comment on column asset_counts.estate_id is 'root flow of the chain'",
    "comment on column asset_counts.facet is 'the attribute that is counted; empty: the assets themselves'",
    "comment on column asset_counts.value is 'of that attribute; null: unknown'",
    "comment on column asset_counts.count is 'assets with this value, asset_type, environment and is_target'",
    "alter table asset_counts enable row level security",
    "alter table asset_counts force row level security",
    f"create policy tenant on asset_counts using ({_TENANT}) with check ({_TENANT})",
    "grant select, insert, update, delete on asset_counts to caravan_app",
    # A trigger, so that flows of replicas that are not upgraded yet are found as well. It writes as its invoker.
    r"""
create function add_flow_terms() returns trigger language plpgsql as $$
begin
  insert into search_terms (client_account_id, engagement_id, term, entity_kind, entity_id)
  select distinct new.client_account_id, new.engagement_id, w.term, 'flow', new.id
  from unnest(lower(new.name) || regexp_split_to_array(lower(new.name), '[^[:alnum:]]+')) as w(term)
  where w.term <> '';
  return null;
end $$
""",
    "create trigger flow_terms after insert on migration_flows for each row execute function add_flow_terms()",
    # The owner of a table that is not forced sees all of it, also where it is no superuser.
    "alter table migration_flows no force row level security",
    "alter table assets no force row level security",
    "alter table search_terms no force row level security",
    r"""
insert into search_terms (client_account_id, engagement_id, term, entity_kind, entity_id)
select distinct f.client_account_id, f.engagement_id, w.term, 'flow', f.id
from migration_flows f
cross join lateral unnest(lower(f.name) || regexp_split_to_array(lower(f.name), '[^[:alnum:]]+')) as w(term)
where w.term <> ''
""",
    # The next fold of an estate counts it; until then it is counted when asked.
    """
insert into running.due (kind, id, flow_id, client_account_id, engagement_id, at)
select 'fold', f.id, f.id, f.client_account_id, f.engagement_id, now()
from migration_flows f where exists (select from assets a where a.estate_id = f.id)
on conflict (kind, id) do nothing
""",
    "alter table migration_flows force row level security",
    "alter table assets force row level security",
    "alter table search_terms force row level security",
)
_DOWN = (
    "drop trigger flow_terms on migration_flows",
    "drop function add_flow_terms()",
    "alter table search_terms no force row level security",
    "delete from search_terms where entity_kind = 'flow'",
    "alter table search_terms force row level security",
    "drop table asset_counts",
    (
        "create index ix_search_terms_client_account_id_engagement_id_entity__201e"
        " on search_terms (client_account_id, engagement_id, entity_kind, term)"
    ),
    "drop index ix_search_terms_found",
    (
        "create index ix_assets_client_account_id_engagement_id_estate_id_name_id"
        " on assets (client_account_id, engagement_id, estate_id, name, id)"
    ),
    "drop index ix_assets_listed",
    "drop index ix_assets_overridden",
)


def upgrade() -> None:
    """Code that knows nothing of it goes on: it writes no counts, and its searches of flows read their names."""
    for statement in _UP:
        op.execute(statement.replace(":", r"\:"))


def downgrade() -> None:
    for statement in _DOWN:
        op.execute(statement)
