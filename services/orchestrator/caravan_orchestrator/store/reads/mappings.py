"""What a flow's columns mean, by the datasets that phases point at now; and what people said since."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import polars as pl
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from caravan_common.artifacts import ArtifactStore
from caravan_orchestrator.store.reads._rows import rows
from caravan_orchestrator.store.reads.entities import active_datasets
from caravan_orchestrator.store.reads.parquet import with_file
from caravan_orchestrator.store.tables.flow import human_decisions

_SOURCES, MAPPED = "source_columns", "field_mappings"
_PLACE = ("file", "sheet", "column_index", "column")
_MEANING = ("attribute", "unit", "confidence", "method", "evidence", "decided_by", "custom")
_KEY = pl.format("{}#{}#{}|{}", "file", pl.col("sheet").fill_null(""), "column_index", "column")
_h = human_decisions.c


@dataclass(frozen=True)
class MappingFilter:
    """`below`: a confidence. Absent ones ask nothing."""

    file: str | None = None
    sheet: str | None = None
    attribute: str | None = None
    method: str | None = None
    below: float | None = None
    custom: bool | None = None

    def condition(self) -> pl.Expr:
        found = pl.lit(True)
        for name in ("file", "sheet", "attribute", "method", "custom"):
            wanted = getattr(self, name)
            if wanted is not None:
                column = pl.col(name).fill_null("") if name == "sheet" else pl.col(name)
                found = found & (column == wanted)
        return found if self.below is None else found & (pl.col("confidence") < self.below)


async def column_datasets(connection: AsyncConnection, flow_id: UUID) -> dict[str, dict[str, Any]]:
    """source_columns and field_mappings, those that are active, as `active_datasets` has them."""
    return {
        d["name"]: d for d in await active_datasets(connection, flow_id) if d["name"] in (_SOURCES, MAPPED)
    }


async def read_mappings(
    store: ArtifactStore, datasets: Mapping[str, Mapping[str, Any]], wanted: MappingFilter
) -> list[dict[str, Any]]:
    """One row per source column, sorted by file, sheet and position; its meaning is null until it was computed.

    A million rows of inventory have some hundred columns: this list is small whatever was delivered.
    """
    if _SOURCES not in datasets:
        return []

    def read_sources(path: Path) -> pl.DataFrame:
        frame = pl.scan_parquet(path)
        kept = [name for name in (*_PLACE, "source", "format", "samples") if name in frame.collect_schema()]
        return frame.select(*kept, key=_KEY).collect()

    columns = await with_file(store, datasets[_SOURCES]["artifact_key"], read_sources)
    meanings = pl.DataFrame(
        schema={"key": pl.String}
        | dict.fromkeys(_MEANING, pl.String)
        | {"confidence": pl.Float64, "custom": pl.Boolean}
    )
    if MAPPED in datasets:
        key = datasets[MAPPED]["artifact_key"]
        meanings = await with_file(
            store, key, lambda path: pl.scan_parquet(path).select(*_MEANING, key="natural_key").collect()
        )
    joined = columns.join(meanings, on="key", how="left", maintain_order="left")
    return joined.filter(wanted.condition()).sort("file", "sheet", "column_index").to_dicts()


async def standing_decisions(
    connection: AsyncConnection,
    flow_id: UUID,
    subjects: Mapping[str, str],
    kinds: Collection[str],
    *,
    taken_in: int,
) -> dict[str, dict[str, Any]]:
    """The newest decision by key that no rollback withdrew. `subjects`: what a decision may name → the key.

    `pending`: the result that is shown was computed without it. `taken_in` is its `decisions_upto`, read together with
    it: the phase may have run again since.
    """
    names = ("number", "kind", "value", "actor", "reason", "decided_at")
    statement = (
        select(_h.subject, *(_h[name] for name in names))
        .where(_h.flow_id == flow_id, _h.withdrawn_by.is_(None), _h.kind.in_(kinds))
        .where(_h.subject.in_(list(subjects)))
        .order_by(_h.number)
    )
    return {
        subjects[row["subject"]]: {
            **{name: row[name] for name in names},
            "pending": row["number"] > taken_in,
        }
        for row in await rows(connection, statement)
    }


def question_subjects(keys: Sequence[str]) -> dict[str, str]:
    """What decisions about these columns name: the column, or the question about it."""
    return {subject: key for key in keys for subject in (key, f"mapping:{key}")}
