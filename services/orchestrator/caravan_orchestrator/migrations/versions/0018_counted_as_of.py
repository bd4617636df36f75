"""Counts of an estate say of which transaction they are; flows are found by their estate.

Revision ID: 0018
Revises: 0017
"""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_UP = (
    "alter table asset_counts add column version bigint not null default 0",
    # By the column itself: code that knows nothing of it writes it too.
    "alter table asset_counts alter column version set default (pg_current_xact_id()::text)::bigint",
    "comment on column asset_counts.version is 'the transaction that has counted: another one after each change'",
    "create index ix_migration_flows_estate_id on migration_flows (estate_id)",
)
_DOWN = (
    "drop index ix_migration_flows_estate_id",
    "alter table asset_counts drop column version",
)


def upgrade() -> None:
    for statement in _UP:
        op.execute(statement)


def downgrade() -> None:
    for statement in _DOWN:
        op.execute(statement)
