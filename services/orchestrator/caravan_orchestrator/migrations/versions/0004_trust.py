"""Whose broker user speaks for which flow type, and a record of what was refused that belongs to no tenant.

Revision ID: 0004
Revises: 0003
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_UPGRADE = """
create table flow_type_users (
    flow_type text not null,
    broker_user text not null,
    created_at timestamp with time zone default now() not null,
    constraint pk_flow_type_users primary key (flow_type)
);
comment on column flow_type_users.flow_type is 'name of the flow type';
comment on column flow_type_users.broker_user is 'whose announcements, replies and heartbeats count for it';
comment on column flow_type_users.created_at is 'when the row was written';
create table running.platform_audit (
    id uuid not null,
    sequence bigint not null,
    actor text not null,
    action text not null,
    subject text not null,
    details jsonb default '{}'::jsonb not null,
    at timestamp with time zone not null,
    previous text not null,
    hash text not null,
    constraint pk_platform_audit primary key (id),
    constraint uq_platform_audit_sequence unique (sequence)
);
comment on column running.platform_audit.id is 'UUIDv7, made by the service';
comment on column running.platform_audit.sequence is 'position in the one chain, from 1';
comment on column running.platform_audit.previous is 'hash of the row before; empty for the first';
comment on column running.platform_audit.hash is 'SHA-256 over previous and this row''s canonical JSON';
alter table running.dead_letters add column said_by text;
comment on column running.dead_letters.said_by is 'broker user that published it, as the broker verified';
alter table running.attempt_tenants add column traceparent text;
comment on column running.attempt_tenants.traceparent is 'trace that every run of the attempt goes on with';
grant select on flow_type_users to caravan_app, caravan_dispatch;
grant select, insert on running.platform_audit to caravan_app;
grant select on running.platform_audit to caravan_dispatch
"""


def upgrade() -> None:
    """Code that knows nothing of it goes on: tables of their own, and a column that may be null.

    Only the owner writes the mapping: an orchestrator that was taken over can't give a flow type away.
    """
    for statement in _UPGRADE.split(";\n"):
        op.execute(statement.replace(":", r"\:"))


def downgrade() -> None:
    op.execute("alter table running.attempt_tenants drop column traceparent")
    op.execute("alter table running.dead_letters drop column said_by")
    op.execute("drop table running.platform_audit")
    op.execute("drop table flow_type_users")
