"""Tables of facts that are in force for a client.

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Code that knows nothing of the column goes on: it has a default."""
    op.execute("alter table client_accounts add column reference_tables jsonb not null default '{}'::jsonb")
    op.execute(
        "comment on column client_accounts.reference_tables is"
        " 'DatasetManifest by name of the tables of facts in force for it'"
    )


def downgrade() -> None:
    op.execute("alter table client_accounts drop column reference_tables")
