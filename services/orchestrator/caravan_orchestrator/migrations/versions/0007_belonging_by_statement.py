"""What index rows and search terms belong to is checked once a statement instead of once a row.

Revision ID: 0007
Revises: 0006
"""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_ENTITIES_KEY = "fk_flow_data_entities_client_account_id_engagement_id_d_c16b"
_TERMS_KEY = "fk_search_terms_client_account_id_engagement_id"
# Runs as its invoker: under row-level security a parent of another tenant is as good as none.
_UP = (
    f"alter table flow_data_entities drop constraint {_ENTITIES_KEY}",
    f"alter table search_terms drop constraint {_TERMS_KEY}",
    """
create function refuse_entities_of_no_dataset() returns trigger language plpgsql as $$
begin
  if exists (select from (select distinct dataset_id, client_account_id, engagement_id from written) w
             where not exists (select from datasets d where d.id = w.dataset_id
               and d.client_account_id = w.client_account_id and d.engagement_id = w.engagement_id)) then
    raise foreign_key_violation using message = 'index rows violate the foreign key to their dataset';
  end if;
  return null;
end $$
""",
    """
create function refuse_terms_of_no_engagement() returns trigger language plpgsql as $$
begin
  if exists (select from (select distinct client_account_id, engagement_id from written) w
             where not exists (select from engagements e
               where e.client_account_id = w.client_account_id and e.id = w.engagement_id)) then
    raise foreign_key_violation using message = 'search terms violate the foreign key to their engagement';
  end if;
  return null;
end $$
""",
    """
create function refuse_to_drop_indexed_dataset() returns trigger language plpgsql as $$
begin
  if exists (select from flow_data_entities where dataset_id = old.id) then
    raise foreign_key_violation using message = 'the foreign key of index rows refers to this dataset';
  end if;
  return old;
end $$
""",
    (
        "create trigger of_dataset_on_insert after insert on flow_data_entities referencing new table as written"
        " for each statement execute function refuse_entities_of_no_dataset()"
    ),
    (
        "create trigger of_dataset_on_update after update on flow_data_entities referencing new table as written"
        " for each statement execute function refuse_entities_of_no_dataset()"
    ),
    (
        "create trigger of_engagement_on_insert after insert on search_terms referencing new table as written"
        " for each statement execute function refuse_terms_of_no_engagement()"
    ),
    (
        "create trigger of_engagement_on_update after update on search_terms referencing new table as written"
        " for each statement execute function refuse_terms_of_no_engagement()"
    ),
    (
        "create trigger indexed before delete on datasets"
        " for each row execute function refuse_to_drop_indexed_dataset()"
    ),
)
_DOWN = (
    "drop trigger indexed on datasets",
    "drop trigger of_engagement_on_update on search_terms",
    "drop trigger of_engagement_on_insert on search_terms",
    "drop trigger of_dataset_on_update on flow_data_entities",
    "drop trigger of_dataset_on_insert on flow_data_entities",
    "drop function refuse_to_drop_indexed_dataset()",
    "drop function refuse_terms_of_no_engagement()",
    "drop function refuse_entities_of_no_dataset()",
    (
        f"alter table search_terms add constraint {_TERMS_KEY}"
        " foreign key (client_account_id, engagement_id) references engagements (client_account_id, id)"
    ),
    (
        f"alter table flow_data_entities add constraint {_ENTITIES_KEY}"
        " foreign key (client_account_id, engagement_id, dataset_id)"
        " references datasets (client_account_id, engagement_id, id)"
    ),
)


def upgrade() -> None:
    """Code that knows nothing of it goes on: what was refused is refused, with the same error code."""
    for statement in _UP:
        op.execute(statement)


def downgrade() -> None:
    for statement in _DOWN:
        op.execute(statement)
