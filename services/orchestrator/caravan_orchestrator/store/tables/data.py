"""Uploads, artifacts, datasets, their index rows, and what clients taught."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from caravan_orchestrator.store.tables._columns import (
    created,
    identifier,
    json,
    key,
    metadata,
    moment,
    number,
    tenant,
    tenant_key,
    within_tenant,
    words,
)

uploads = Table(
    "uploads",
    metadata,
    key(),
    *tenant(),
    words("name", "as the client called it: untrusted text"),
    words("artifact_key"),
    words("sha256"),
    number("bytes"),
    words("media_type", required=False),
    words("created_by"),
    created(),
    tenant_key(),
    ForeignKeyConstraint(
        ["client_account_id", "engagement_id"], ["engagements.client_account_id", "engagements.id"]
    ),
)

artifacts = Table(
    "artifacts",
    metadata,
    key(),
    *tenant(),
    identifier("flow_id"),
    identifier("attempt_id"),
    words("artifact_key"),
    words("sha256", "identity"),
    number("bytes"),
    words("media_type"),
    created(),
    tenant_key(),
    within_tenant("flow_id", "migration_flows"),
    within_tenant("attempt_id", "phase_attempts"),
)

datasets = Table(
    "datasets",
    metadata,
    key(),
    *tenant(),
    identifier("flow_id"),
    identifier("attempt_id", comment="active when its phase points at this attempt"),
    words("phase"),
    words("name"),
    Column("version", Integer, nullable=False, comment="major of the schema"),
    words("artifact_key"),
    words("sha256"),
    number("bytes"),
    number("rows"),
    words("index", "rows or none"),
    words("index_hash", "manifest's hash over its index rows: docs/proof.md", required=False),
    words("entity_type", required=False),
    Column(
        "assets", Boolean, nullable=False, server_default=text("false"), comment="its rows fold into assets"
    ),
    number("indexed_rows", "index rows copied so far"),
    moment("indexed_at", "all rows are in the index", nullable=True),
    created(),
    tenant_key(),
    UniqueConstraint("attempt_id", "name"),
    within_tenant("flow_id", "migration_flows"),
    within_tenant("attempt_id", "phase_attempts"),
    Index(None, "flow_id", "phase"),
)

flow_data_entities = Table(
    "flow_data_entities",
    metadata,
    identifier("dataset_id"),
    Column("row_number", BigInteger, nullable=False, comment="order in the dataset, from 0"),
    *tenant(),
    identifier("id", comment="UUIDv5 of dataset and natural key: entity_id in exports"),
    identifier(
        "asset_id", nullable=True, comment="UUIDv5 of estate and natural key, where the dataset is of assets"
    ),
    identifier("flow_id"),
    words("entity_type"),
    words("natural_key"),
    Column("data", JSON, nullable=False, comment="canonical JSON text: hashed as it stands"),
    Column("source_entities", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("transformation_log", JSON, nullable=True),
    Column("quality_score", Double, nullable=True),
    json("validation", default=None),
    # Its dataset is checked by a trigger, once a statement: a foreign key costs half of what copying a row does.
    PrimaryKeyConstraint("dataset_id", "entity_type", "natural_key"),
    Index(None, "client_account_id", "id"),
)

learned_patterns = Table(
    "learned_patterns",
    metadata,
    key(),
    *tenant(),
    words("kind", "mapping, product, application, treatment"),
    words("pattern", "as it was written: a header, a product's name …"),
    words("normal_form", "what two spellings of one pattern have in common"),
    json("value", default=None),
    identifier("decision_id", nullable=True),
    words("created_by"),
    created(),
    moment("unlearned_at", nullable=True),
    tenant_key(),
    within_tenant("decision_id", "human_decisions"),
    Index(
        "uq_learned_patterns_taught",
        "client_account_id",
        "kind",
        "normal_form",
        unique=True,
        postgresql_where=text("unlearned_at is null"),
    ),
)

search_terms = Table(
    "search_terms",
    metadata,
    *tenant(),
    Column("term", Text(collation="C"), nullable=False, comment="lower-case word or part of a name"),
    words("entity_kind", "asset, flow"),
    identifier("entity_id"),
    Index(
        "ix_search_terms_found",
        "client_account_id",
        "engagement_id",
        "entity_kind",
        "term",
        postgresql_include=["entity_id"],
    ),
    Index(None, "client_account_id", "entity_id"),
    # Its engagement is checked by a trigger, once a statement.
)
