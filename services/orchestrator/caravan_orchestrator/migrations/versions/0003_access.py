"""Service accounts, and the platform operator's list of clients.

Revision ID: 0003
Revises: 0002
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_MINE = "client_account_id = nullif(current_setting('caravan.client', true), '')::uuid"
_COMMENTS = {
    "id": "UUIDv7, made by the service",
    "client_account_id": "whose row it is; forced row-level security compares it",
    "engagement_id": "the engagement within the client",
    "name": "unique among those of the client that are not revoked",
    "roles": "of viewer, operator: machines neither approve nor manage",
    "key_digest": "SHA-256 of the key; the key itself is kept nowhere",
    "expires_at": "its key is good until then",
    "revoked_at": "null: not revoked",
    "last_used_at": "to the minute; null: never",
    "created_by": "subject of who made it",
    "created_at": "when the row was written",
}


def upgrade() -> None:
    """Code that knows nothing of the table or the policy goes on."""
    op.execute(
        "create table service_accounts ("
        " id uuid not null, client_account_id uuid not null, engagement_id uuid not null, name text not null,"
        " roles text[] not null, key_digest text not null, expires_at timestamptz not null,"
        " revoked_at timestamptz, last_used_at timestamptz, created_by text not null,"
        " created_at timestamptz not null default now(),"
        " constraint pk_service_accounts primary key (id),"
        " constraint ck_service_accounts_known_roles check (roles <@ array['viewer','operator']),"
        " constraint fk_service_accounts_client_account_id_engagement_id foreign key"
        " (client_account_id, engagement_id) references engagements (client_account_id, id))"
    )
    op.execute(
        "create unique index uq_service_accounts_living on service_accounts (client_account_id, name)"
        " where revoked_at is null"
    )
    for column, words in _COMMENTS.items():
        op.execute(f"comment on column service_accounts.{column} is '{words}'")
    op.execute("alter table service_accounts enable row level security")
    op.execute("alter table service_accounts force row level security")
    op.execute(f"create policy tenant on service_accounts using ({_MINE}) with check ({_MINE})")
    op.execute("grant select, insert, update, delete on service_accounts to caravan_app")
    # Names and quotas of all clients, for who runs the platform: shown, never changed, and nothing else of them.
    op.execute(
        "create policy platform on client_accounts for select"
        " using (coalesce(current_setting('caravan.platform', true), '') = 'on')"
    )


def downgrade() -> None:
    op.execute("drop policy platform on client_accounts")
    op.execute("drop table service_accounts")
