"""What is refused again and again is parked once, and counted.

Revision ID: 0015
Revises: 0014
"""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_TABLE = "running.dead_letters"
_UP = (
    (
        f"alter table {_TABLE} add column subject text, add column repeats bigint not null default 0,"
        " add column repeated_at timestamptz"
    ),
    (
        f"comment on column {_TABLE}.subject is"
        " 'what its sender repeats by itself, and who that is; null for what is said once'"
    ),
    f"comment on column {_TABLE}.repeats is 'how often the like came again while this was parked'",
    f"comment on column {_TABLE}.repeated_at is 'when the like came last'",
    (
        f"create unique index uq_dead_letters_queue_subject on {_TABLE} (queue, subject)"
        " where status = 'parked' and subject is not null"
    ),
)
_DOWN = (
    "drop index running.uq_dead_letters_queue_subject",
    f"alter table {_TABLE} drop column subject, drop column repeats, drop column repeated_at",
)


def upgrade() -> None:
    """Code that knows nothing of it goes on: it parks each, without a subject."""
    for statement in _UP:
        op.execute(statement)


def downgrade() -> None:
    for statement in _DOWN:
        op.execute(statement)
