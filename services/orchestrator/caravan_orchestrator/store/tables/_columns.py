"""Column and constraint shapes that most tables share."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    ForeignKeyConstraint,
    MetaData,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, UUID

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
RUNNING = "running"


def identifier(name: str = "id", **options: Any) -> Column[Any]:
    return Column(name, UUID(as_uuid=True), nullable=options.pop("nullable", False), **options)


def key() -> Column[Any]:
    return identifier("id", primary_key=True, comment="UUIDv7, made by the service")


def tenant() -> tuple[Column[Any], Column[Any]]:
    return (
        identifier("client_account_id", comment="whose row it is; forced row-level security compares it"),
        identifier("engagement_id", comment="the engagement within the client"),
    )


def moment(name: str, comment: str = "", **options: Any) -> Column[Any]:
    return Column(name, DateTime(timezone=True), comment=comment or None, **options)


def created() -> Column[Any]:
    return moment("created_at", "when the row was written", nullable=False, server_default=text("now()"))


def json(name: str, comment: str = "", default: str | None = "{}", **options: Any) -> Column[Any]:
    default_clause = None if default is None else text(f"'{default}'::jsonb")
    return Column(
        name,
        JSONB,
        comment=comment or None,
        nullable=default is None,
        server_default=default_clause,
        **options,
    )


def words(name: str, comment: str = "", *, required: bool = True, default: str | None = None) -> Column[Any]:
    return Column(
        name,
        Text,
        comment=comment or None,
        nullable=not required,
        server_default=None if default is None else text(f"'{default}'"),
    )


def number(name: str, comment: str = "", default: int | None = 0) -> Column[Any]:
    return Column(
        name,
        BigInteger,
        comment=comment or None,
        nullable=default is None,
        server_default=None if default is None else text(str(default)),
    )


def tenant_key() -> UniqueConstraint:
    """What composite foreign keys point at: a row can't reference another tenant's, even by mistake."""
    return UniqueConstraint("client_account_id", "engagement_id", "id")


def within_tenant(column: str, target: str) -> ForeignKeyConstraint:
    """A foreign key that carries the tenant."""
    return ForeignKeyConstraint(
        ["client_account_id", "engagement_id", column],
        [f"{target}.client_account_id", f"{target}.engagement_id", f"{target}.id"],
    )
