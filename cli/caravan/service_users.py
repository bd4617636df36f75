"""Gives a flow service its own broker user and maps the flow type to it; the same steps add, repeat and repair."""

import getpass
import os
import re
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from caravan.broker_users import Management, add_to_definitions, is_password
from caravan.failures import BadInput, PlatformUnavailable
from caravan_common.bus import Permissions, service_permissions

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

_NAME = re.compile(r"[a-z][a-z0-9_]{1,39}")
# Names whose permissions are not a service's; taking one over would lock its owner out.
_RESERVED = frozenset({"admin", "guest", "orchestrator"})
_PASSWORD_BYTES = 32


@dataclass
class Outcome:
    """What was done, or with `dry_run` would be. `password` only when it was made now and is written nowhere."""

    flow_type: str
    user: str
    vhost: str
    permissions: dict[str, str]
    dry_run: bool
    changes: list[str] = field(default_factory=list)
    password: str | None = None


@dataclass(frozen=True)
class Wish:
    """What is to hold afterwards."""

    flow_type: str
    user: str
    vhost: str
    permissions: Permissions
    password_file: Path | None
    rotate: bool
    dry_run: bool

    @classmethod
    def of(
        cls,
        flow_type: str,
        user: str | None,
        vhost: str,
        password_file: Path | None = None,
        *,
        rotate: bool = False,
        dry_run: bool = False,
    ) -> "Wish":
        """Raises BadInput."""
        check_name(flow_type)
        name = user or flow_type
        check_user(name)
        permissions = service_permissions(flow_type)
        return cls(flow_type, name, vhost, permissions, password_file, rotate, dry_run)

    def outcome(self) -> Outcome:
        return Outcome(self.flow_type, self.user, self.vhost, self.permissions._asdict(), self.dry_run)


def check_name(flow_type: str) -> None:
    """Raises BadInput."""
    if not _NAME.fullmatch(flow_type):
        raise BadInput(
            f"{flow_type!r} is no name of a flow type: small letters, digits and _, 2 to 40 of them."
        )


def check_user(name: str) -> None:
    """Raises BadInput."""
    if name in _RESERVED:
        raise BadInput(f"The broker user {name} is not a service's; name another with --user.")


def add_by_management(wish: Wish, broker: Management, outcome: Outcome) -> None:
    """Changes only what differs. An existing user keeps its password unless one is given or `rotate` asks for it."""
    found = broker.user(wish.user)
    _check_tags(wish.user, found)
    given = _given_password(wish)
    if given is not None:
        changes = found is None or not is_password(given, found["password_hash"])
    else:
        changes = found is None or wish.rotate
    if changes:
        outcome.changes.append("user made" if found is None else "password changed")
        if not wish.dry_run:
            broker.set_user(wish.user, given or _new_password(wish, outcome))
    if broker.permissions(wish.user) != wish.permissions:
        outcome.changes.append("permissions set")
        if not wish.dry_run:
            broker.set_permissions(wish.user, wish.permissions)


def remove_by_management(user: str, broker: Management, *, dry_run: bool) -> bool:
    """Whether there was one."""
    check_user(user)
    found = broker.user(user)
    _check_tags(user, found)
    if found is not None and not dry_run:
        broker.remove_user(user)
    return found is not None


def _check_tags(user: str, found: Mapping[str, Any] | None) -> None:
    if found is not None and found.get("tags"):
        raise BadInput(f"The broker user {user} administers the broker: it is not a service's.")


def add_by_definitions(wish: Wish, file: Path, outcome: Outcome) -> None:
    """For a broker that is started with a file."""
    outcome.changes.append(f"user written to {file}")
    if not wish.dry_run:
        password = _given_password(wish) or _new_password(wish, outcome)
        add_to_definitions(file, wish.vhost, wish.user, password, wish.permissions)


def _given_password(wish: Wish) -> str | None:
    """Raises BadInput."""
    file = wish.password_file
    if file is None or not file.exists():
        return None
    if wish.rotate:
        raise BadInput(f"--rotate makes a password; {file} holds one already.")
    password = file.read_text(encoding="utf-8").strip()
    if not password:
        raise BadInput(f"{file} is empty; remove it and a password is made.")
    return password


def _new_password(wish: Wish, outcome: Outcome) -> str:
    """Kept in the file, else told once."""
    password = secrets.token_urlsafe(_PASSWORD_BYTES)
    if wish.password_file is None:
        outcome.password = password
        return password
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    with os.fdopen(os.open(wish.password_file, flags, 0o600), "w", encoding="utf-8") as file:
        file.write(password + "\n")
    outcome.changes.append(f"password written to {wish.password_file}")
    return password


async def map_flow_type(owner_url: str, wish: Wish, outcome: Outcome) -> None:
    """Changes the database only when another user, or none, was mapped; and writes that down."""
    from caravan_orchestrator.store.flow_type_users import map_user
    from caravan_orchestrator.usecases.audit import append_platform_audit

    async with _owner(owner_url) as connection:
        transaction = await connection.begin()
        if await map_user(connection, wish.flow_type, wish.user):
            outcome.changes.append("flow type mapped")
            details = {"broker_user": wish.user}
            await append_platform_audit(connection, _actor(), "service.added", wish.flow_type, details)
        await (transaction.rollback() if wish.dry_run else transaction.commit())


async def unmap_flow_type(owner_url: str, flow_type: str, *, dry_run: bool) -> str | None:
    """The broker user it was mapped to."""
    from caravan_orchestrator.store.flow_type_users import unmap_user
    from caravan_orchestrator.usecases.audit import append_platform_audit

    async with _owner(owner_url) as connection:
        transaction = await connection.begin()
        user = await unmap_user(connection, flow_type)
        if user is not None:
            details = {"broker_user": user}
            await append_platform_audit(connection, _actor(), "service.removed", flow_type, details)
        await (transaction.rollback() if dry_run else transaction.commit())
    return user


def _actor() -> str:
    try:
        return f"operator:{getpass.getuser()}"
    except (KeyError, OSError):  # a container's user may have no name
        return f"operator:{os.getuid()}"


@asynccontextmanager
async def _owner(url: str) -> AsyncIterator["AsyncConnection"]:
    """Raises PlatformUnavailable."""
    import asyncpg
    from sqlalchemy.exc import SQLAlchemyError

    from caravan_orchestrator.store.connecting import open_single

    engine = open_single(url)
    try:
        async with engine.connect() as connection:
            yield connection
    except (OSError, TimeoutError, SQLAlchemyError, asyncpg.PostgresError) as error:
        words = str(error).strip().partition("\n")[0]
        raise PlatformUnavailable(
            f"The mapping could not be changed ({words}); check the database's address and owner, and that it has"
            " the current schema."
        ) from error
    finally:
        await engine.dispose()


async def known_services(owner_url: str) -> list[dict[str, Any]]:
    """By flow type: its user, the versions that were announced, and the replicas heard of within five minutes."""
    async with _owner(owner_url) as connection:
        rows = await connection.exec_driver_sql(
            "select coalesce(u.flow_type, t.flow_type) as flow_type, u.broker_user as user,"
            " coalesce(array_agg(t.version order by t.announced_at) filter (where t.version is not null), '{}')"
            "   as versions,"
            " (select count(*) from flow_types f, jsonb_each(f.replicas) as r(k, v)"
            "  where f.flow_type = coalesce(u.flow_type, t.flow_type)"
            "    and (v->>'at')::timestamptz > now() - interval '5 minutes') as replicas,"
            " max(t.announced_at) as announced_at"
            " from flow_type_users u full join flow_types t on t.flow_type = u.flow_type"
            " group by 1, 2, u.flow_type, t.flow_type order by 1"
        )
        return [dict(row) for row in rows.mappings()]
