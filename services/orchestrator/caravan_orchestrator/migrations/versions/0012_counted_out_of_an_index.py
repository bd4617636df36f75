"""Assets found by a frequent word are counted out of an index.

Revision ID: 0012
Revises: 0011
"""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_TEXTS = (
    "asset_type",
    "environment",
    "not_target_reason",
    "operating_system",
    "business_criticality",
    "location",
    "treatment",
    "wave",
)
_LENGTH = " + ".join(f"coalesce(octet_length({name}), 0)" for name in _TEXTS)


def upgrade() -> None:
    """Code that knows nothing of it goes on: it reads the rows themselves."""
    op.execute(
        "create index ix_assets_counted on assets (client_account_id, engagement_id, estate_id, id)"
        f" include (is_target, {', '.join(_TEXTS)}) where {_LENGTH} <= 1000"
    )
    op.execute(
        "create index ix_assets_counted_long on assets (client_account_id, engagement_id, estate_id)"
        f" where {_LENGTH} > 1000"
    )


def downgrade() -> None:
    op.execute("drop index ix_assets_counted")
    op.execute("drop index ix_assets_counted_long")
