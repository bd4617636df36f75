"""Open questions are counted in their index alone: it holds whether they hold up their flow.

Revision ID: 0017
Revises: 0016
"""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_ON = "on questions (client_account_id, engagement_id, created_at, id)"


def upgrade() -> None:
    """Code that knows nothing of it goes on: it has all that the old one had."""
    op.execute(f"create index ix_questions_asked {_ON} include (blocking) where status = 'open'")
    op.execute("drop index ix_questions_open")


def downgrade() -> None:
    op.execute(f"create index ix_questions_open {_ON} where status = 'open'")
    op.execute("drop index ix_questions_asked")
