"""A secret to seal cursors with; assets are found by treatment, wave and target out of their indexes.

Revision ID: 0014
Revises: 0013
"""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_LISTED = ("asset_type", "environment", "is_target")
_COUNTED = (
    "asset_type",
    "environment",
    "not_target_reason",
    "operating_system",
    "business_criticality",
    "location",
    "treatment",
    "wave",
)
_TENANT = "client_account_id, engagement_id, estate_id"


def _indexes(listed: tuple[str, ...], counted: tuple[str, ...]) -> tuple[str, ...]:
    length = " + ".join(f"coalesce(octet_length({name}), 0)" for name in counted)
    return (
        "drop index ix_assets_listed",
        f"create index ix_assets_listed on assets ({_TENANT}, name, id) include ({', '.join(listed)})",
        "drop index ix_assets_counted",
        (
            f"create index ix_assets_counted on assets ({_TENANT}, id)"
            f" include (is_target, {', '.join(counted)}) where {length} <= 1000"
        ),
        "drop index ix_assets_counted_long",
        f"create index ix_assets_counted_long on assets ({_TENANT}) where {length} > 1000",
    )


_UP = (
    "alter table running.platform add column cursor_key uuid not null default gen_random_uuid()",
    "comment on column running.platform.cursor_key is 'secret: what gateways seal cursors with'",
    *_indexes((*_LISTED, "treatment", "wave", "target_type"), (*_COUNTED, "target_type")),
    # The next fold of an estate counts target_type as well; until then its facets are counted when asked.
    "alter table migration_flows no force row level security",
    "alter table assets no force row level security",
    """
insert into running.due (kind, id, flow_id, client_account_id, engagement_id, at)
select 'fold', f.id, f.id, f.client_account_id, f.engagement_id, now()
from migration_flows f where exists (select from assets a where a.estate_id = f.id)
on conflict (kind, id) do nothing
""",
    "alter table migration_flows force row level security",
    "alter table assets force row level security",
)


def upgrade() -> None:
    """Code that knows nothing of it goes on: it seals nothing, and finds its pages in the same index."""
    for statement in _UP:
        op.execute(statement)


def downgrade() -> None:
    for statement in _indexes(_LISTED, _COUNTED):
        op.execute(statement)
    op.execute("delete from asset_counts where facet = 'target_type'")
    op.execute("alter table running.platform drop column cursor_key")
