"""What a platform is as a whole: its id, the artifact store it belongs with, and the ids of its clients.

Revision ID: 0008
Revises: 0007
"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_UP = (
    """
    create table running.platform (
      one boolean not null default true,
      id uuid not null default gen_random_uuid(),
      store_id uuid,
      constraint pk_platform primary key (one))
    """,
    "comment on column running.platform.one is 'there is one row'",
    "comment on column running.platform.id is 'of this database, for as long as it lives; a restored one has another'",
    "comment on column running.platform.store_id is 'mark of its artifact store, from the first start on'",
    "insert into running.platform default values",
    """
    create table running.clients (
      client_account_id uuid not null,
      constraint pk_clients primary key (client_account_id))
    """,
    "comment on column running.clients.client_account_id is 'ids only, for what goes through all clients one by one'",
    # Nobody sees the rows of all clients, not even the owner, and nobody may but in this very transaction.
    "alter table client_accounts no force row level security",
    "insert into running.clients select client_account_id from client_accounts",
    "alter table client_accounts force row level security",
    """
    create function running.note_client() returns trigger language plpgsql as $$
    begin
      insert into running.clients values (new.client_account_id) on conflict do nothing;
      return null;
    end $$
    """,
    """
    create trigger note_client after insert on client_accounts
    for each row execute function running.note_client()
    """,
    "grant select, insert on running.clients to caravan_app",
    "grant select on running.clients to caravan_dispatch",
    "grant select, update on running.platform to caravan_dispatch",
)


def upgrade() -> None:
    """Code that knows nothing of them goes on: clients are noted by the database itself."""
    for statement in _UP:
        op.execute(statement)


def downgrade() -> None:
    op.execute("drop trigger note_client on client_accounts")
    op.execute("drop function running.note_client()")
    op.execute("drop table running.clients, running.platform")
