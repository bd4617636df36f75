"""Whether the artifact store is there, is the database's own, and has room."""

import asyncio
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import UUID

from caravan.checks._check import ABSENT, BROKEN, FINE, LOOK, Check

_LITTLE_BYTES = 1 << 30
_WHAT = "artifact store"


async def look_at_store(url: str, dispatch_url: str | None) -> Check:
    """The folder of a `file://` store is not made: an absent one is a finding."""
    from caravan_common.artifacts import ArtifactStore, ArtifactStoreUnavailable, read_mark
    from caravan_orchestrator.store.binding import mismatch

    parts = urlsplit(url)
    folder = Path(unquote(parts.path)) if parts.scheme == "file" else None
    if folder is not None and not await asyncio.to_thread(folder.is_dir):
        return Check(BROKEN, _WHAT, f"{folder} is no folder", "Mount it, or mend CARAVAN_ARTIFACTS_URL.")
    try:
        found = await asyncio.to_thread(lambda: read_mark(ArtifactStore.open(url)))
    except (ArtifactStoreUnavailable, OSError, ValueError) as error:
        return Check(BROKEN, _WHAT, str(error), "Look at the store's address, its keys and its network.")
    bound = await _bound(dispatch_url) if dispatch_url is not None else None
    if bound is not None and bound != found:
        return Check(BROKEN, _WHAT, mismatch(url, found, bound), "docs/operating.md, The artifact store.")
    if folder is not None and (free := shutil.disk_usage(folder).free) < _LITTLE_BYTES:
        words = f"{url}: {free >> 20} MiB free"
        return Check(LOOK, _WHAT, words, "Make room: attempts fail and are retried while it is full.")
    if bound is None:
        return _unbound(url, found, alone=dispatch_url is None)
    return Check(FINE, _WHAT, f"{url}: the database's own ({bound})")


def _unbound(url: str, mark: UUID | None, *, alone: bool) -> Check:
    """`alone`: no database is named, as where a worker runs."""
    if mark is not None:
        return Check(FINE if alone else ABSENT, _WHAT, f"{url}: reachable, marked {mark}")
    words = f"{url}: reachable, without the mark that the first orchestrator makes"
    if not alone:
        return Check(ABSENT, _WHAT, words)
    todo = "Where one has started already this is another store, or not mounted: workers wait for the mark."
    return Check(LOOK, _WHAT, words, todo)


async def _bound(dispatch_url: str) -> UUID | None:
    """None also when the database can't say: that is another line's finding."""
    import asyncpg

    from caravan_orchestrator.store.connecting import connect

    try:
        connection: Any = await connect(dispatch_url, timeout=5)
        try:
            found: UUID | None = await connection.fetchval("select store_id from running.platform")
            return found
        finally:
            await connection.close()
    except (OSError, TimeoutError, asyncpg.PostgresError):
        return None
