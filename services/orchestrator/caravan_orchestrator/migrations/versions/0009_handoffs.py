"""What a handoff is asked for with, and the indexes that a flow's handoffs, and all that failed, are found by.

Revision ID: 0009
Revises: 0008
"""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_COLUMNS = {
    "target_version": ("text", "of the definition whose inputs are wanted"),
    "wanted": ("jsonb", "HandoffInput list of that definition; null until it is known"),
    "requested_by": ("text", "null: the chain goes on by itself"),
    "ended_at": ("timestamptz", "accepted, failed or withdrawn"),
}
_STATUS = "requested, building, accepted, failed, withdrawn, replaced, revoked"
_FAILED = "(client_account_id, engagement_id, ended_at, id) where status = 'failed'"
_INDEXED = ("source_flow_id", "target_flow_id")


def upgrade() -> None:
    """Code that knows nothing of them goes on: it writes no handoffs."""
    for name, (kind, comment) in _COLUMNS.items():
        op.execute(f"alter table flow_handoffs add column {name} {kind}")
        op.execute(f"comment on column flow_handoffs.{name} is '{comment}'")
    op.execute(f"comment on column flow_handoffs.status is '{_STATUS}'")
    for name in _INDEXED:
        op.execute(f"create index ix_flow_handoffs_{name} on flow_handoffs ({name})")
    op.execute(f"create index ix_flow_handoffs_failed on flow_handoffs {_FAILED}")


def downgrade() -> None:
    op.execute("drop index ix_flow_handoffs_failed")
    for name in _INDEXED:
        op.execute(f"drop index ix_flow_handoffs_{name}")
    for name in _COLUMNS:
        op.execute(f"alter table flow_handoffs drop column {name}")
