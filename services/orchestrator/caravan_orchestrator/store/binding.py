"""Which artifact store belongs with a database: a mark in the store, its id in the database. Two stores on one
database would take each other's datasets for lost."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncEngine

from caravan_common.artifacts import STORE_MARK, ArtifactStore, read_mark
from caravan_orchestrator.store.durable import durable

_BIND = "update running.platform set store_id = $1 where store_id is null"
_BOUND = "select store_id from running.platform"


class StoreIsOfAnother(Exception):
    """One sentence for people: what is wrong and what to do."""


async def bind_store(dispatch: AsyncEngine, store: ArtifactStore) -> UUID:
    """Binds them at the first start; of several that start at once one binds, and the others must agree.

    Raises StoreIsOfAnother.
    """
    bound = await bound_store(dispatch)
    if bound is None:
        mark = await asyncio.to_thread(_make_mark, store)
        async with durable(dispatch) as connection:
            await connection.exec_driver_sql(_BIND, (mark,))
        bound = await bound_store(dispatch)
    found = await asyncio.to_thread(read_mark, store)
    if bound is None or found != bound:
        raise StoreIsOfAnother(mismatch(store.url, found, bound))
    return bound


def mismatch(url: str, found: UUID | None, bound: UUID | None) -> str:
    there = "has no mark of Caravan's: it is empty, new, or not mounted" if found is None else f"is {found}"
    return (
        f"The artifact store {url} is not the one of this database ({bound}): it {there}."
        " Set CARAVAN_ARTIFACTS_URL to the store that the other orchestrators use, or mount it."
    )


async def bound_store(dispatch: AsyncEngine) -> UUID | None:
    """The mark of the store that the database belongs with; None before the first start."""
    async with dispatch.connect() as connection:
        found: Any = (await connection.exec_driver_sql(_BOUND)).scalar_one()
    return None if found is None else UUID(str(found))


async def cursor_key(dispatch: AsyncEngine) -> UUID:
    """What all gateways on this database seal their cursors with."""
    async with dispatch.connect() as connection:
        found: Any = (
            await connection.exec_driver_sql("select cursor_key from running.platform")
        ).scalar_one()
    return UUID(str(found))


def _make_mark(store: ArtifactStore) -> UUID:
    """The store's own where it has one: a database brought back by other means than ours knows of none."""
    store.put_if_absent(STORE_MARK, str(uuid4()).encode())
    found = read_mark(store)
    if found is None:
        raise StoreIsOfAnother(
            f"{STORE_MARK} in the artifact store {store.url} holds no id; look who wrote it, and remove it."
        )
    return found
