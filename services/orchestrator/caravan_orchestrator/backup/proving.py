"""Whether a platform is whole: audit chains, index rows and artifacts by their hashes. It changes nothing."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

from caravan_common.artifacts import ArtifactDoesNotExist, ArtifactStore, file_sha256
from caravan_common.contracts import Tenant
from caravan_orchestrator.store.audit import verify_audit
from caravan_orchestrator.store.database import SqlDatabase

_CLIENTS = "select client_account_id from running.clients order by 1"
_ENGAGEMENTS = "select id from engagements order by id"
# docs/proof.md, 3, for every dataset that is indexed.
_INDEX = """
select d.id::text, d.name, d.rows, d.index_hash, count(e.*) as found,
  encode(sha256(coalesce(string_agg(sha256(convert_to(
    '[' || to_json(e.entity_type)::text || ',' || to_json(e.natural_key)::text || ',' || e.data::text || ']', 'UTF8')),
    ''::bytea order by e.entity_type collate "C", e.natural_key collate "C"), ''::bytea)), 'hex') as found_hash
from datasets d left join flow_data_entities e on e.dataset_id = d.id
where d.index = 'rows' and d.indexed_at is not null group by d.id
"""
_REFERRED_TO = """
select artifact_key, sha256 from artifacts union select artifact_key, sha256 from datasets
union select artifact_key, sha256 from uploads
union select transcript ->> 'key', transcript ->> 'sha256' from phase_attempts where transcript ->> 'key' is not null
"""


@dataclass
class Proof:
    """What was looked at, and what is not as it was written: `faults` is empty when it holds."""

    clients: int = 0
    chains: int = 0
    datasets: int = 0
    artifacts: int = 0
    faults: list[str] = field(default_factory=list)
    index: dict[str, str] = field(default_factory=dict)
    """Hash of the index rows by dataset."""

    @property
    def holds(self) -> bool:
        return not self.faults


async def prove(database: SqlDatabase, store: ArtifactStore) -> Proof:
    """Reads everything there is, once: time grows with the store."""
    proof = Proof()
    async with database.dispatch.connect() as connection:
        clients: Sequence[UUID] = (await connection.exec_driver_sql(_CLIENTS)).scalars().all()
    for client in clients:
        proof.clients += 1
        anybody = Tenant(client_account_id=client, engagement_id=client)
        async with database.transaction(anybody) as transaction:
            engagements = [row[0] for row in await transaction.run_long(_ENGAGEMENTS)]
            for row in await transaction.run_long(_INDEX):
                _note_index(proof, row)
            referred = [(row[0], row[1]) for row in await transaction.run_long(_REFERRED_TO)]
        for engagement in engagements:
            tenant = Tenant(client_account_id=client, engagement_id=engagement)
            faults = await verify_audit(database, tenant)
            proof.chains += 1
            proof.faults += [f"audit chain {fault.chain}: {fault.problem}" for fault in faults]
        proof.artifacts += len(referred)
        proof.faults += await asyncio.to_thread(_lost, store, referred)
    proof.faults = list(dict.fromkeys(proof.faults))
    return proof


def _note_index(proof: Proof, row: Any) -> None:
    id_, name, rows, wanted, found, found_hash = row
    proof.datasets += 1
    proof.index[id_] = found_hash
    if (rows, wanted) != (found, found_hash):
        proof.faults.append(f"index of dataset {name} ({id_}): {found} rows of {rows}, or their hash differs")


def _lost(store: ArtifactStore, referred: Sequence[tuple[str, str]]) -> list[str]:
    faults = []
    with TemporaryDirectory(prefix="caravan-proof-") as folder:
        for key, sha256 in referred:
            try:
                path = store.get_path(key, Path(folder))
            except ArtifactDoesNotExist:
                faults.append(f"artifact {key} is missing")
                continue
            if file_sha256(path) != sha256:
                faults.append(f"artifact {key} has another content than its row says")
            if not store.local:
                path.unlink()
    return faults
