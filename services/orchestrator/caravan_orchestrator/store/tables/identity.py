"""Who may see and do what: clients, engagements, users and their roles."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
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
    tenant,
    words,
)

client_accounts = Table(
    "client_accounts",
    metadata,
    identifier("client_account_id", primary_key=True, comment="the tenant"),
    words("name", "unique, shown to people"),
    json("quotas", "limits of this client: flows running, upload bytes, tokens"),
    json("learned", "DatasetManifest of what it has taught by now; null: nothing", default=None),
    created(),
    json("reference_tables", "DatasetManifest by name of the tables of facts in force for it"),
    UniqueConstraint("name"),
)

engagements = Table(
    "engagements",
    metadata,
    key(),
    identifier("client_account_id", comment="the tenant"),
    words("name", "unique within the client"),
    identifier(
        "current_estate_id", nullable=True, comment="root flow whose assets the engagement shows by default"
    ),
    created(),
    UniqueConstraint("client_account_id", "id"),
    UniqueConstraint("client_account_id", "name"),
    ForeignKeyConstraint(["client_account_id"], ["client_accounts.client_account_id"]),
)

users = Table(
    "users",
    metadata,
    key(),
    identifier("client_account_id", comment="the tenant"),
    words("subject", "the `sub` claim"),
    words("display_name", required=False),
    created(),
    UniqueConstraint("client_account_id", "subject"),
    UniqueConstraint("client_account_id", "id"),
    ForeignKeyConstraint(["client_account_id"], ["client_accounts.client_account_id"]),
)

memberships = Table(
    "memberships",
    metadata,
    key(),
    identifier("client_account_id", comment="the tenant"),
    identifier("engagement_id"),
    identifier("user_id"),
    Column("roles", ARRAY(Text), nullable=False, comment="of viewer, operator, approver, admin"),
    moment("expires_at", "null: never", nullable=True),
    created(),
    UniqueConstraint("client_account_id", "engagement_id", "user_id"),
    CheckConstraint("roles <@ array['viewer','operator','approver','admin']", name="known_roles"),
    ForeignKeyConstraint(
        ["client_account_id", "engagement_id"], ["engagements.client_account_id", "engagements.id"]
    ),
    ForeignKeyConstraint(["client_account_id", "user_id"], ["users.client_account_id", "users.id"]),
)

service_accounts = Table(
    "service_accounts",
    metadata,
    key(),
    *tenant(),
    words("name", "unique among those of the client that are not revoked"),
    Column(
        "roles",
        ARRAY(Text),
        nullable=False,
        comment="of viewer, operator: machines neither approve nor manage",
    ),
    words("key_digest", "SHA-256 of the key; the key itself is kept nowhere"),
    moment("expires_at", "its key is good until then", nullable=False),
    moment("revoked_at", "null: not revoked", nullable=True),
    moment("last_used_at", "to the minute; null: never", nullable=True),
    words("created_by", "subject of who made it"),
    created(),
    CheckConstraint("roles <@ array['viewer','operator']", name="known_roles"),
    Index(
        "uq_service_accounts_living",
        "client_account_id",
        "name",
        unique=True,
        postgresql_where=text("revoked_at is null"),
    ),
    ForeignKeyConstraint(
        ["client_account_id", "engagement_id"], ["engagements.client_account_id", "engagements.id"]
    ),
)
