"""What sources disagree about: the dataset `conflicts` of a flow, straight out of its Parquet file."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import polars as pl
from sqlalchemy.ext.asyncio import AsyncConnection

from caravan_common.artifacts import ArtifactStore
from caravan_orchestrator.store.reads.entities import active_datasets
from caravan_orchestrator.store.reads.parquet import with_file

CONFLICTS = "conflicts"
FIELDS = (
    "natural_key",
    "asset_key",
    "attribute",
    "winner",
    "winner_source",
    "winner_row",
    "losers",
    "loser_rows",
    "loser_sources",
    "reason",
    "decided_by",
)


@dataclass(frozen=True)
class ConflictFilter:
    """Absent ones ask nothing. `source`: the winning one."""

    attribute: str | None = None
    asset_key: str | None = None
    decided_by: str | None = None
    reason: str | None = None
    winner_source: str | None = None

    def condition(self) -> pl.Expr:
        found = pl.lit(True)
        for name in ("attribute", "asset_key", "decided_by", "reason", "winner_source"):
            wanted = getattr(self, name)
            if wanted is not None:
                found = found & (pl.col(name) == wanted)
        return found


async def conflict_dataset(connection: AsyncConnection, flow_id: UUID) -> dict[str, Any] | None:
    found = [d for d in await active_datasets(connection, flow_id) if d["name"] == CONFLICTS]
    return found[-1] if found else None


async def read_conflicts(
    store: ArtifactStore, dataset: dict[str, Any], wanted: ConflictFilter, start: int, limit: int
) -> list[dict[str, Any]]:
    """By asset and attribute, from position `start` among those that match; one more than `limit` for the next page.

    `id` is that of the index row, so that it can be resolved by it.
    """

    def read(path: Path) -> list[dict[str, Any]]:
        frame = pl.scan_parquet(path)
        if "loser_sources" not in frame.collect_schema():  # a result of an older worker
            frame = frame.with_columns(loser_sources=pl.lit([], pl.List(pl.String)))
        frame = frame.select(FIELDS).filter(wanted.condition())
        return frame.slice(start, limit + 1).collect().to_dicts()

    found = await with_file(store, dataset["artifact_key"], read)
    return [{"id": str(uuid5(dataset["id"], row["natural_key"])), **row} for row in found]
