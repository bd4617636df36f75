"""What the steps and the end of a selective rollback are called.

Revision ID: 0013
Revises: 0012
"""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_STATUS = "queued, undoing, restored, proving, completed, operator"


def upgrade() -> None:
    """Comments only: code that knows nothing of it never orders a selective rollback, and of one that another
    replica has ordered it undoes the effects and leaves the step that it does not know."""
    op.execute("comment on column rollback_steps.kind is 'effect, version'")
    op.execute(f"comment on column flow_rollbacks.status is '{_STATUS}, failed'")


def downgrade() -> None:
    op.execute("comment on column rollback_steps.kind is 'effect, pointer, decision, handoff'")
    op.execute(f"comment on column flow_rollbacks.status is '{_STATUS}'")
