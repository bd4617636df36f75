"""Clients, engagements, members and quotas: each change audited where it counts, in its own transaction."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from caravan_common.contracts import new_id
from caravan_orchestrator.domain.errors import DoesNotExist, Refused
from caravan_orchestrator.store.database import SqlTransaction
from caravan_orchestrator.store.reads.identity import get_client, get_member
from caravan_orchestrator.store.tables.identity import client_accounts, engagements, memberships, users
from caravan_orchestrator.usecases.audit import append_audit


async def create_client(
    transaction: SqlTransaction, name: str, engagement: str, actor: str
) -> dict[str, Any]:
    """The client of the transaction, with its first engagement, in whose audit its making stands. Raises Refused."""
    tenant = transaction.tenant
    row = upsert(client_accounts).values(client_account_id=tenant.client_account_id, name=name)
    made = await transaction.connection.execute(
        row.on_conflict_do_nothing().returning(client_accounts.c.client_account_id)
    )
    if made.first() is None:
        raise Refused("name_taken", f"There is a client {name!r} already.", pointer="/name")
    await _insert_engagement(transaction, tenant.engagement_id, engagement)
    await append_audit(transaction, actor, "client.created", str(tenant.client_account_id), {"name": name})
    found = await get_client(transaction.connection, tenant.client_account_id)
    assert found is not None
    return found


async def create_engagement(transaction: SqlTransaction, id_: UUID, name: str, actor: str) -> None:
    """Of the transaction's client. Raises Refused."""
    await _insert_engagement(transaction, id_, name)
    await append_audit(transaction, actor, "engagement.created", str(id_), {"name": name})


async def _insert_engagement(transaction: SqlTransaction, id_: UUID, name: str) -> None:
    row = {"id": id_, "client_account_id": transaction.tenant.client_account_id, "name": name}
    statement = upsert(engagements).values(**row).on_conflict_do_nothing().returning(engagements.c.id)
    if (await transaction.connection.execute(statement)).first() is None:
        raise Refused("name_taken", f"The client has an engagement {name!r} already.", pointer="/name")


async def set_quotas(transaction: SqlTransaction, quotas: Mapping[str, int | None], actor: str) -> None:
    """Of the transaction's client; those not named stay, null takes one away."""
    table, client = client_accounts, transaction.tenant.client_account_id
    mine = table.c.client_account_id == client
    before = (
        await transaction.connection.execute(
            select(table.c.quotas).where(mine).with_for_update(key_share=True)
        )
    ).scalar_one()
    merged = {**before, **quotas}
    after = {name: limit for name, limit in merged.items() if limit is not None}
    await transaction.connection.execute(update(table).where(mine).values(quotas=after))
    await append_audit(transaction, actor, "quotas.changed", str(client), {"old": before, "new": after})


async def add_member(
    transaction: SqlTransaction,
    subject: str,
    *,
    display_name: str | None,
    roles: Sequence[str],
    expires_at: datetime | None,
    actor: str,
) -> dict[str, Any]:
    """In the transaction's engagement. From now on the subject has in this client what its memberships say, at most.

    Raises Refused.
    """
    _not_oneself(subject, actor)
    run, tenant, id_ = transaction.connection.execute, transaction.tenant, new_id()
    client = tenant.client_account_id
    row = {"id": new_id(), "client_account_id": client, "subject": subject, "display_name": display_name}
    await run(upsert(users).values(**row).on_conflict_do_nothing())
    mine = (users.c.client_account_id == client, users.c.subject == subject)
    # The lock keeps two who add the same member at once apart.
    user = (await run(select(users.c.id).where(*mine).with_for_update(key_share=True))).scalar_one()
    if display_name is not None:
        await run(update(users).where(users.c.id == user).values(display_name=display_name))
    there = (memberships.c.engagement_id == tenant.engagement_id, memberships.c.user_id == user)
    if (await run(select(memberships.c.id).where(*there))).first() is not None:
        raise Refused("already_a_member", "The subject is a member already; change the membership instead.")
    given = {"roles": sorted(set(roles)), "expires_at": expires_at}
    await run(insert(memberships).values(**tenant.model_dump(), id=id_, user_id=user, **given))
    await append_audit(transaction, actor, "membership.created", subject, _told(given))
    return await _member(transaction, id_)


async def change_member(
    transaction: SqlTransaction, membership: UUID, changes: Mapping[str, Any], actor: str
) -> dict[str, Any]:
    """`changes` of roles and expires_at. Raises DoesNotExist, Refused."""
    before = await _member(transaction, membership, locked=True)
    _not_oneself(before["subject"], actor)
    if changes:
        row = update(memberships).where(memberships.c.id == membership).values(**changes)
        await transaction.connection.execute(row)
        old = {name: before[name] for name in changes}
        details = {"old": _told(old), "new": _told(changes)}
        await append_audit(transaction, actor, "membership.changed", before["subject"], details)
    return await _member(transaction, membership)


async def remove_member(transaction: SqlTransaction, membership: UUID, actor: str) -> None:
    """The subject stays enrolled: without a membership it may do nothing, whatever its token says.

    Raises DoesNotExist, Refused.
    """
    before = await _member(transaction, membership, locked=True)
    _not_oneself(before["subject"], actor)
    await transaction.connection.execute(delete(memberships).where(memberships.c.id == membership))
    old = _told({name: before[name] for name in ("roles", "expires_at")})
    await append_audit(transaction, actor, "membership.removed", before["subject"], {"old": old})


async def _member(transaction: SqlTransaction, id_: UUID, *, locked: bool = False) -> dict[str, Any]:
    engagement = transaction.tenant.engagement_id
    if locked:
        mine = (memberships.c.id == id_, memberships.c.engagement_id == engagement)
        await transaction.connection.execute(select(memberships.c.id).where(*mine).with_for_update())
    found = await get_member(transaction.connection, engagement, id_)
    if found is None:
        raise DoesNotExist("membership")
    return found


def _not_oneself(subject: str, actor: str) -> None:
    """Four eyes: whoever manages members gives no role to themselves."""
    if subject == actor:
        raise Refused("own_membership", "Somebody else must change your own membership.", status=403)


def _told(given: Mapping[str, Any]) -> dict[str, Any]:
    """As JSON holds it: the audit is hashed as JSON."""
    return {
        name: value.isoformat() if isinstance(value, datetime) else value for name, value in given.items()
    }
