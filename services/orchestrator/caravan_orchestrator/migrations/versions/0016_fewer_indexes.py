"""Indexes that nothing is found by are not written: of index rows by their number, of assets by tenant and id.

Revision ID: 0016
Revises: 0015
"""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_BY_KEY = "ix_flow_data_entities_dataset_id_entity_type_natural_key"
_UP = (
    "alter table flow_data_entities drop constraint pk_flow_data_entities",
    # Nothing is built: the index that there is gets the constraint's name.
    f"alter table flow_data_entities add constraint pk_flow_data_entities primary key using index {_BY_KEY}",
    "alter table assets drop constraint uq_assets_client_account_id_engagement_id_id",
)
_DOWN = (
    (
        "alter table assets add constraint uq_assets_client_account_id_engagement_id_id"
        " unique (client_account_id, engagement_id, id)"
    ),
    "alter table flow_data_entities drop constraint pk_flow_data_entities",
    f"create unique index {_BY_KEY} on flow_data_entities (dataset_id, entity_type, natural_key)",
    (
        "alter table flow_data_entities"
        " add constraint pk_flow_data_entities primary key (dataset_id, row_number)"
    ),
)


def upgrade() -> None:
    """Code that knows nothing of it goes on: it neither looks rows up by their number nor assets by tenant and id."""
    for statement in _UP:
        op.execute(statement)


def downgrade() -> None:
    for statement in _DOWN:
        op.execute(statement)
