"""Indexes for what waits for a person.

Revision ID: 0005
Revises: 0004
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_OPEN = "(client_account_id, engagement_id, created_at, id) where status = 'open'"


def upgrade() -> None:
    """Code that knows nothing of them goes on. Flows get none: what is found by it changes with every decision."""
    op.execute("create index ix_approvals_flow_id_status on approvals (flow_id, status)")
    for table in ("approvals", "questions"):
        op.execute(f"create index ix_{table}_open on {table} {_OPEN}")


def downgrade() -> None:
    for name in ("ix_questions_open", "ix_approvals_open", "ix_approvals_flow_id_status"):
        op.execute(f"drop index {name}")
