"""What a client has taught, as the input dataset `learned`: equal patterns give equal bytes under one key."""

import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

import polars as pl
from sqlalchemy import select, update

from caravan_common.artifacts import ArtifactStore
from caravan_common.contracts import LEARNED, ColumnSpec, DatasetManifest, DatasetSpec, Tenant
from caravan_common.phases.datasets import write_dataset
from caravan_orchestrator.store.database import SqlTransaction
from caravan_orchestrator.store.tables.data import learned_patterns
from caravan_orchestrator.store.tables.identity import client_accounts

_SCHEMA = pl.Schema({"kind": pl.String(), "pattern": pl.String(), "value": pl.String()})
_SPEC = DatasetSpec(
    name=LEARNED, columns=tuple(ColumnSpec(name=name, dtype=str(dtype)) for name, dtype in _SCHEMA.items())
)
_l = learned_patterns.c


async def lock_learned(transaction: SqlTransaction) -> None:
    """Of two who teach a client at once the second waits, and sees what the first has taught."""
    mine = client_accounts.c.client_account_id == transaction.tenant.client_account_id
    await transaction.connection.execute(
        select(client_accounts.c.name).where(mine).with_for_update(key_share=True)
    )


async def renew_learned(transaction: SqlTransaction, store: ArtifactStore) -> None:
    """Makes the dataset of the patterns that count now, and what later attempts are given. Under `lock_learned`.

    The object is written before the commit: should that fail, nobody refers to it. Raises ArtifactStoreUnavailable.
    """
    connection, tenant = transaction.connection, transaction.tenant
    columns = (_l.kind, _l.pattern, _l.normal_form, _l.value)
    mine = (_l.client_account_id == tenant.client_account_id, _l.unlearned_at.is_(None))
    rows = (await connection.execute(select(*columns).where(*mine))).all()
    patterns = sorted((row.kind, row.normal_form, row.pattern, str(row.value)) for row in rows)
    manifest = None
    if patterns:
        table = [(kind, pattern, value) for kind, _, pattern, value in patterns]
        manifest = await asyncio.to_thread(_put, store, tenant, table)
    kept = None if manifest is None else manifest.model_dump(mode="json")
    client = client_accounts.c.client_account_id == tenant.client_account_id
    await connection.execute(update(client_accounts).where(client).values(learned=kept))


def _put(store: ArtifactStore, tenant: Tenant, rows: Sequence[tuple[str, str, str]]) -> DatasetManifest:
    with tempfile.TemporaryDirectory(prefix="caravan-") as folder:
        written = write_dataset(_SPEC, pl.DataFrame(rows, schema=_SCHEMA, orient="row"), Path(folder))
        key = f"{tenant.client_account_id}/{tenant.engagement_id}/{LEARNED}/{written.sha256}.parquet"
        store.put_file(key, written.path, sha256=written.sha256)
    return written.manifest(_SPEC, key)


async def unlearn_pattern(transaction: SqlTransaction, kind: str, normal_form: str) -> UUID | None:
    """Marks the pattern that counts now, if there is one, and returns its id."""
    statement = (
        update(learned_patterns)
        .where(
            _l.client_account_id == transaction.tenant.client_account_id,
            _l.kind == kind,
            _l.normal_form == normal_form,
            _l.unlearned_at.is_(None),
        )
        .values(unlearned_at=transaction.now)
        .returning(_l.id)
    )
    found: UUID | None = (await transaction.connection.execute(statement)).scalar()
    return found
