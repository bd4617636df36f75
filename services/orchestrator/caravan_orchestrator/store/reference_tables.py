"""Tables of facts in force for a client, as datasets of the artifact store: equal facts are equal bytes."""

import asyncio
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import polars as pl
from sqlalchemy import select, update

from caravan_common.artifacts import ArtifactStore
from caravan_common.contracts import (
    REFERENCE,
    REFERENCE_COLUMNS,
    ColumnSpec,
    DatasetManifest,
    DatasetSpec,
    FlowDefinition,
    Tenant,
)
from caravan_common.phases.datasets import write_dataset
from caravan_orchestrator.store.database import SqlTransaction
from caravan_orchestrator.store.tables.flow import flow_phases, flow_types, migration_flows, phase_attempts
from caravan_orchestrator.store.tables.identity import client_accounts

_SCHEMA = pl.Schema(dict.fromkeys(REFERENCE_COLUMNS, pl.String()))
_COLUMNS = tuple(ColumnSpec(name=name, dtype=str(dtype)) for name, dtype in _SCHEMA.items())


async def in_force(transaction: SqlTransaction, *, locked: bool = False) -> dict[str, DatasetManifest]:
    """By name. With `locked`, of two who change a client's tables at once the second waits."""
    wanted = select(client_accounts.c.reference_tables).where(_mine(transaction.tenant))
    if locked:
        wanted = wanted.with_for_update(key_share=True)
    kept = (await transaction.connection.execute(wanted)).scalar() or {}
    return {name: DatasetManifest.model_validate(manifest) for name, manifest in kept.items()}


async def put_in_force(transaction: SqlTransaction, tables: Mapping[str, DatasetManifest]) -> None:
    """Instead of those before."""
    kept = {name: manifest.model_dump(mode="json") for name, manifest in tables.items()}
    statement = update(client_accounts).where(_mine(transaction.tenant)).values(reference_tables=kept)
    await transaction.connection.execute(statement)


async def write_reference_table(
    store: ArtifactStore, tenant: Tenant, name: str, rows: Mapping[str, str]
) -> DatasetManifest:
    """Raises ArtifactStoreUnavailable. Should the transaction fail, an object is left that nobody names."""
    return await asyncio.to_thread(_put, store, tenant, name, rows)


def _put(store: ArtifactStore, tenant: Tenant, name: str, rows: Mapping[str, str]) -> DatasetManifest:
    spec = DatasetSpec(name=name, columns=_COLUMNS)
    with tempfile.TemporaryDirectory(prefix="caravan-") as folder:
        table = pl.DataFrame(sorted(rows.items()), schema=_SCHEMA, orient="row")
        written = write_dataset(spec, table, Path(folder))
        key = f"{tenant.client_account_id}/{tenant.engagement_id}/{REFERENCE}/{written.sha256}.parquet"
        store.put_file(key, written.path, sha256=written.sha256)
    return written.manifest(spec, key)


async def read_reference_table(store: ArtifactStore, manifest: DatasetManifest) -> dict[str, str]:
    """Raises ArtifactStoreUnavailable."""
    content = await asyncio.to_thread(store.get_bytes, manifest.artifact.key)
    return dict(pl.read_parquet(content).select(REFERENCE_COLUMNS).iter_rows())


async def flow_types_reading(transaction: SqlTransaction, name: str) -> frozenset[tuple[str, str]]:
    """Flow types with their versions, of which a phase declares the reference table."""
    rows = (await transaction.connection.execute(select(flow_types.c.definition))).scalars()
    definitions = map(FlowDefinition.model_validate, rows)
    return frozenset(
        (each.flow_type, each.version)
        for each in definitions
        if any(wanted.reference and wanted.name == name for phase in each.phases for wanted in phase.inputs)
    )


async def flows_of(transaction: SqlTransaction, types: frozenset[tuple[str, str]]) -> list[UUID]:
    """The client's flows of these types that are not deleted, in all its engagements, in the order of their locks."""
    flows = migration_flows.c
    statement = select(flows.id, flows.flow_type, flows.definition_version).where(
        flows.client_account_id == transaction.tenant.client_account_id,
        flows.deleted_at.is_(None),
        flows.status != "cancelled",
    )
    found = (await transaction.connection.execute(statement.order_by(flows.id))).all()
    return [row.id for row in found if (row.flow_type, row.definition_version) in types]


async def recorded_with_results(
    transaction: SqlTransaction, flow_id: UUID
) -> dict[str, Mapping[str, Any] | None]:
    """By phase of the flow: the digests recorded with the result it shows; null where none were."""
    phases, attempts = flow_phases.c, phase_attempts.c
    statement = select(phases.name, attempts.inputs).where(
        phases.flow_id == flow_id, attempts.flow_id == flow_id, attempts.id == phases.active_attempt_id
    )
    return {row.name: row.inputs for row in (await transaction.connection.execute(statement)).all()}


def _mine(tenant: Tenant) -> Any:
    return client_accounts.c.client_account_id == tenant.client_account_id
