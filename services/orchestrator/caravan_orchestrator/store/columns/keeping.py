"""Keeps the columns of those large estates that were asked for last, within a limit of memory.

An estate's counts are dropped by whoever changes an asset, and counted anew by the fold, in the same transactions
(`asset_counts`). So while the counts are of one version, so are the assets and their search terms.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

import asyncpg
import structlog
from sqlalchemy import Text, Uuid, bindparam, func, literal_column, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from caravan_common.contracts import Tenant
from caravan_orchestrator.store.columns.estate import EstateColumns, Places
from caravan_orchestrator.store.columns.reading import read_columns
from caravan_orchestrator.store.database import SqlDatabase, SqlTransaction
from caravan_orchestrator.store.reads._made import Made
from caravan_orchestrator.store.reads.search import BEHIND_ALL
from caravan_orchestrator.store.tables.assets import asset_counts
from caravan_orchestrator.store.tables.data import search_terms

log = structlog.get_logger()

# Of fewer assets the database finds and counts as fast.
LARGE = 5_000
# Of all estates together; a million assets take 116 to 128 MB.
MOST_BYTES = 256 << 20
MOST_WORDS = 64
MOST_ORDERS = 4
_c, _t = asset_counts.c, search_terms.c
_ENGAGEMENT = bindparam("engagement", type_=Uuid())
_OF_ESTATE = (_c.engagement_id == _ENGAGEMENT, _c.estate_id == bindparam("estate", type_=Uuid()))
_VERSION = Made(select(_c.version).where(*_OF_ESTATE).limit(1))
_SIZE = Made(select(func.sum(_c.count)).where(*_OF_ESTATE, _c.facet == ""))
# Of the engagement: what is of another estate is told apart by the columns.
_FOUND = Made(
    select(func.string_agg(func.uuid_send(_t.entity_id), literal_column("''::bytea"))).where(
        _t.engagement_id == _ENGAGEMENT,
        _t.entity_kind == literal_column("'asset'"),
        _t.term >= bindparam("word", type_=Text()),
        _t.term < bindparam("end", type_=Text()),
    )
)
Key = tuple[UUID, UUID, UUID]


@dataclass(frozen=True)
class Kept:
    """The columns of one estate, what was found in it by words, and the orders it was listed in."""

    estate: UUID
    columns: EstateColumns
    words: OrderedDict[str, Places] = field(default_factory=OrderedDict)
    orders: OrderedDict[tuple[str, bool], Places] = field(default_factory=OrderedDict)

    def know(self, words: Sequence[str]) -> bool:
        """Whether all of them were found before: then nothing can have changed since the columns were asked for."""
        return all(word in self.words for word in words)

    async def found(self, transaction: SqlTransaction, words: Sequence[str]) -> list[Places]:
        """The assets of each word. Unless the columns `know` them: only right if they `still_are` afterwards."""
        found = []
        for word in words:
            places = self.words.get(word)
            if places is None:
                engagement = transaction.tenant.engagement_id
                ids = await _FOUND.value(
                    transaction.connection, engagement=engagement, word=word, end=word + BEHIND_ALL
                )
                places = self.columns.places(ids or b"")
                self.words[word] = places
            self.words.move_to_end(word)
            found.append(places)
        self._forget()
        return found

    def _forget(self) -> None:
        """What was found by the words asked for longest ago: of all together twice the estate is kept."""
        kept = sum(map(len, self.words.values()))
        while self.words and (len(self.words) > MOST_WORDS or kept > 2 * self.columns.size):
            kept -= len(self.words.popitem(last=False)[1])

    async def order(self, attribute: str, *, descending: bool) -> Places:
        """Sorted once, by a thread beside the event loop; the orders asked for last are kept."""
        key = (attribute, descending)
        places = self.orders.get(key)
        if places is None:
            places = await asyncio.to_thread(self.columns.order, attribute, descending=descending)
            self.orders[key] = places
        self.orders.move_to_end(key)
        while len(self.orders) > MOST_ORDERS:
            self.orders.popitem(last=False)
        return places

    @property
    def memory(self) -> int:
        """About how many bytes it may take."""
        return self.columns.memory + (8 + 4 * MOST_ORDERS) * self.columns.size

    async def still_are(self, transaction: SqlTransaction) -> bool:
        """Whether the estate is as the columns have it, and was from the moment on at which they were asked for."""
        engagement = transaction.tenant.engagement_id
        return await _version(transaction.connection, engagement, self.estate) == self.columns.version


class KeptColumns:
    """Of one gateway: by client, engagement and estate. Which version counts, each request reads under its own
    row-level security."""

    def __init__(self, database: SqlDatabase, large: int = LARGE) -> None:
        self._database, self.large = database, large
        self._kept: OrderedDict[Key, Kept] = OrderedDict()
        self._small: dict[Key, int] = {}
        self._reading: dict[Key, asyncio.Task[None]] = {}

    async def of(self, transaction: SqlTransaction, estate: UUID) -> Kept | None:
        """None where the database must be asked: the estate is small, is just being changed, or its columns have not
        been read yet. They are then on their way, for who asks next."""
        tenant = transaction.tenant
        key = (tenant.client_account_id, tenant.engagement_id, estate)
        version = await _version(transaction.connection, tenant.engagement_id, estate)
        if version is None or self._small.get(key) == version:
            return None
        kept = self._kept.get(key)
        if kept is not None and kept.columns.version == version:
            self._kept.move_to_end(key)
            return kept
        if key not in self._reading:
            task = asyncio.create_task(self._read(tenant, key), name="columns")
            self._reading[key] = task
            task.add_done_callback(lambda _: self._reading.pop(key, None))
        return None

    async def settled(self) -> None:
        """What is being read has been read."""
        await asyncio.gather(*self._reading.values())

    async def _read(self, tenant: Tenant, key: Key) -> None:
        engagement, estate = key[1:]
        try:
            async with self._database.transaction(tenant) as transaction:
                connection = transaction.connection
                version = await _version(connection, engagement, estate)
                if version is None:
                    return
                size = await _SIZE.value(connection, engagement=engagement, estate=estate)
                if size is None or size < self.large:
                    self._small[key] = version
                    return
                columns = await read_columns(transaction, estate, version)
                if await _version(connection, engagement, estate) != version:
                    return
        except (
            SQLAlchemyError,
            asyncpg.PostgresError,
            asyncpg.InterfaceError,
            OSError,
            TimeoutError,
        ) as error:
            # Who asks goes on asking the database, and the next one has it tried again.
            log.warning("gateway.columns_not_read", estate=str(estate), error=repr(error))
            return
        self._keep(key, Kept(estate, columns))

    def _keep(self, key: Key, kept: Kept) -> None:
        self._kept[key] = kept
        self._kept.move_to_end(key)
        while len(self._kept) > 1 and sum(each.memory for each in self._kept.values()) > MOST_BYTES:
            self._kept.popitem(last=False)


async def _version(connection: AsyncConnection, engagement: UUID, estate: UUID) -> int | None:
    """Of the estate's counts; None while there are none."""
    found: int | None = await _VERSION.value(connection, engagement=engagement, estate=estate)
    return found
