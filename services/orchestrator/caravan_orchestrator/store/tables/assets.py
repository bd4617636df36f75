"""The asset table: one typed column per canonical attribute, a fold over active datasets and decisions."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Double,
    Index,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.types import TypeEngine

from caravan_common.contracts.attributes import ATTRIBUTES
from caravan_orchestrator.store.tables._columns import (
    identifier,
    json,
    key,
    metadata,
    moment,
    number,
    tenant,
    within_tenant,
    words,
)

_TYPES: dict[str, type[TypeEngine[Any]] | TypeEngine[Any]] = {
    "String": Text,
    "Float64": Double,
    "Int64": BigInteger,
    "Boolean": Boolean,
    "Datetime": DateTime(timezone=True),
    "List(String)": ARRAY(Text),
}
# These have a column of their own below.
_OURS = frozenset({"custom_attributes", "source_flow_id", "discovery_data_entity_id"})

ATTRIBUTE_COLUMNS: tuple[str, ...] = tuple(a.name for a in ATTRIBUTES if a.name not in _OURS)

# Counted by these, and by what lists filter by: `asset_counts` keeps both.
COUNTED_BY = (
    "not_target_reason",
    "operating_system",
    "business_criticality",
    "location",
    "treatment",
    "wave",
    "target_type",
)
# What lists mostly filter by, and cells that are short: an index of names holds them all.
LISTED_BY = ("asset_type", "environment", "treatment", "wave", "target_type")
# Lists, facets and batches are narrowed by these and by `is_target`: by all that facets count.
NARROWED_BY = (*LISTED_BY, "operating_system", "business_criticality", "location", "not_target_reason")

# An index holds no rows of any length, and nothing says how long a text may be that is counted.
_COUNTED_TEXTS = ("asset_type", "environment", *COUNTED_BY)
_LENGTH = " + ".join(f"coalesce(octet_length({name}), 0)" for name in _COUNTED_TEXTS)
SHORT = f"{_LENGTH} <= 1000"
LONG = f"{_LENGTH} > 1000"

assets = Table(
    "assets",
    metadata,
    key(),
    *tenant(),
    identifier("estate_id", comment="root flow of the chain"),
    words("natural_key", "identity key chosen by inventory; id is UUIDv5 of it within the estate"),
    Column("is_target", Boolean, nullable=True, comment="a migration target"),
    words("not_target_reason", required=False),
    *(
        Column(a.name, _TYPES[a.dtype], nullable=True, comment=a.unit)
        for a in ATTRIBUTES
        if a.name not in _OURS
    ),
    identifier("source_flow_id", nullable=True),
    identifier("discovery_data_entity_id", nullable=True),
    Column("custom_attributes", JSONB, nullable=True),
    json("overridden", "attribute → number of the human decision that set it"),
    moment("updated_at", nullable=True),
    # No tenant_key(): nothing refers to an asset, and each index by its id is written all over for a new estate.
    UniqueConstraint("estate_id", "natural_key"),
    within_tenant("estate_id", "migration_flows"),
    # With what lists filter by, so that a page is found without reading the wide rows that are not on it.
    Index(
        "ix_assets_listed",
        "client_account_id",
        "engagement_id",
        "estate_id",
        "name",
        "id",
        postgresql_include=["asset_type", "environment", "is_target", "treatment", "wave", "target_type"],
    ),
    Index(
        "ix_assets_overridden",
        "client_account_id",
        "engagement_id",
        "estate_id",
        postgresql_where=text("overridden <> '{}'"),
    ),
    # What is counted of assets found by a word, without reading the wide rows: `SHORT` ones here, the rest there.
    Index(
        "ix_assets_counted",
        "client_account_id",
        "engagement_id",
        "estate_id",
        "id",
        postgresql_include=["is_target", *_COUNTED_TEXTS],
        postgresql_where=text(SHORT),
    ),
    Index(
        "ix_assets_counted_long",
        "client_account_id",
        "engagement_id",
        "estate_id",
        postgresql_where=text(LONG),
    ),
)

asset_counts = Table(
    "asset_counts",
    metadata,
    *tenant(),
    identifier("estate_id", comment="root flow of the chain"),
    words("facet", "the attribute that is counted; empty: the assets themselves"),
    words("value", "of that attribute; null: unknown", required=False),
    words("asset_type", required=False),
    words("environment", required=False),
    Column("is_target", Boolean, nullable=True),
    number("count", "assets with this value, asset_type, environment and is_target"),
    Column(
        "version",
        BigInteger,
        nullable=False,
        server_default=text("(pg_current_xact_id()::text)::bigint"),
        comment="the transaction that has counted: another one after each change",
    ),
    within_tenant("estate_id", "migration_flows"),
    Index(None, "client_account_id", "engagement_id", "estate_id"),
)
