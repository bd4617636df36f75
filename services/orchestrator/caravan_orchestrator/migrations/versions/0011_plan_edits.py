"""Edits that people tried on a plan, with what they would cause.

Revision ID: 0011
Revises: 0010
"""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_TENANT = "client_account_id = nullif(current_setting('caravan.client', true), '')::uuid"
_COMMENTS = {
    "id": "the attempt that evaluates it",
    "client_account_id": "whose row it is; forced row-level security compares it",
    "engagement_id": "the engagement within the client",
    "phase": "the phase that carries edits out",
    "plan": "the dataset that was in force when it was asked",
    "base": "DatasetRef of that dataset",
    "edits": "as they were asked, in order",
    "result": "what they would cause; null until it is answered",
    "outcome": "accepted or discarded, once a person has said so",
    "decision": "number of the decision that accepted it",
    "created_at": "when the row was written",
}
_UP = (
    """
    create table plan_edits (
      id uuid not null,
      client_account_id uuid not null,
      engagement_id uuid not null,
      flow_id uuid not null,
      phase text not null,
      plan uuid not null,
      base jsonb,
      edits jsonb not null default '[]'::jsonb,
      result jsonb,
      outcome text,
      decision bigint,
      asked_by text not null,
      settled_by text,
      created_at timestamptz not null default now(),
      answered_at timestamptz,
      settled_at timestamptz,
      constraint pk_plan_edits primary key (id),
      constraint uq_plan_edits_client_account_id_engagement_id_id unique (client_account_id, engagement_id, id),
      constraint fk_plan_edits_client_account_id_engagement_id_id
        foreign key (client_account_id, engagement_id, id)
        references phase_attempts (client_account_id, engagement_id, id),
      constraint fk_plan_edits_client_account_id_engagement_id_flow_id
        foreign key (client_account_id, engagement_id, flow_id)
        references migration_flows (client_account_id, engagement_id, id),
      constraint fk_plan_edits_client_account_id_engagement_id_plan
        foreign key (client_account_id, engagement_id, plan)
        references datasets (client_account_id, engagement_id, id))
    """,
    "create index ix_plan_edits_flow_id_id on plan_edits (flow_id, id)",
    *(f"comment on column plan_edits.{name} is '{words}'" for name, words in _COMMENTS.items()),
    "alter table plan_edits enable row level security",
    "alter table plan_edits force row level security",
    f"create policy tenant on plan_edits using ({_TENANT}) with check ({_TENANT})",
    "grant select, insert, update, delete on plan_edits to caravan_app",
)


def upgrade() -> None:
    """Code that knows nothing of it goes on: nobody edits plans there."""
    for statement in _UP:
        op.execute(statement)


def downgrade() -> None:
    op.execute("drop table plan_edits")
