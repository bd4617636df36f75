"""A rollback may be a part of another flow's.

Revision ID: 0010
Revises: 0009
"""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_KEY = "fk_flow_rollbacks_client_account_id_engagement_id_cascade_id"
_UP = (
    "alter table flow_rollbacks add column cascade_id uuid",
    "comment on column flow_rollbacks.cascade_id is 'the rollback of another flow that this one is a part of'",
    "comment on column flow_rollbacks.status is 'queued, undoing, restored, proving, completed, operator'",
    (
        f"alter table flow_rollbacks add constraint {_KEY}"
        " foreign key (client_account_id, engagement_id, cascade_id)"
        " references flow_rollbacks (client_account_id, engagement_id, id)"
    ),
    "create index ix_flow_rollbacks_cascade_id on flow_rollbacks (cascade_id)",
)
_DOWN = (
    "drop index ix_flow_rollbacks_cascade_id",
    f"alter table flow_rollbacks drop constraint {_KEY}",
    "alter table flow_rollbacks drop column cascade_id",
    "comment on column flow_rollbacks.status is 'undoing, restoring, proving, completed, operator'",
)


def upgrade() -> None:
    """Code that knows nothing of it goes on: the column may be null, and is for every rollback of one flow."""
    for statement in _UP:
        op.execute(statement)


def downgrade() -> None:
    for statement in _DOWN:
        op.execute(statement)
