"""The result tables of flows that people look through: rows of one dataset, straight out of its Parquet file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import polars as pl
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from caravan_common.artifacts import ArtifactStore
from caravan_orchestrator.store.reads._rows import one, rows
from caravan_orchestrator.store.reads.estates import current_estate
from caravan_orchestrator.store.reads.parquet import UnknownColumn, with_file
from caravan_orchestrator.store.tables.data import datasets
from caravan_orchestrator.store.tables.flow import flow_phases, migration_flows

_d, _p, _f = datasets.c, flow_phases.c, migration_flows.c
_BETWEEN_PARTS = "#/:._-"
_SEARCHED = ("natural_key", "name", "application")


@dataclass(frozen=True)
class Wanted:
    """Which rows, in which order: `equal` by column (one of several values), `q` beginnings of words, `sort` a column,
    with a minus for the largest first; else the file's order."""

    equal: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    q: tuple[str, ...] = ()
    sort: str | None = None

    def applied(self, frame: pl.LazyFrame) -> pl.LazyFrame:
        """Raises UnknownColumn."""
        known = frame.collect_schema()
        for name, values in self.equal.items():
            if name not in known:
                raise UnknownColumn(name)
            frame = frame.filter(pl.col(name).is_in(list(values)))
        searched = [pl.col(name) for name in _SEARCHED if known.get(name) == pl.String()]
        for word in self.q if searched else ():
            wanted = " " + word.translate(str.maketrans(_BETWEEN_PARTS, " " * len(_BETWEEN_PARTS)))
            begins = [_spaced(column).str.contains(wanted, literal=True) for column in searched]
            frame = frame.filter(pl.any_horizontal(begins))
        if self.sort is None:
            return frame
        name = self.sort.removeprefix("-")
        if name not in known:
            raise UnknownColumn(name)
        return frame.sort(name, descending=self.sort.startswith("-"), nulls_last=True, maintain_order=True)


def _spaced(column: pl.Expr) -> pl.Expr:
    """In lower case, a blank before every part of the name."""
    return " " + column.fill_null("").str.to_lowercase().str.replace_all(r"[#/:._-]", " ")


async def shown_dataset(
    connection: AsyncConnection,
    engagement: UUID,
    name: str,
    flow: UUID | None = None,
    *,
    estate: UUID | None = None,
) -> dict[str, Any] | None:
    """The active dataset of this name: of that flow, else of the newest one that has it on the estate (the current
    one when none is named)."""
    statement = (
        select(
            _d.id, _d.flow_id, _d.phase, _d.name, _d.artifact_key, _d.rows, _f.estate_id, _p.decisions_upto
        )
        .join_from(
            datasets, flow_phases, (_p.active_attempt_id == _d.attempt_id) & (_p.flow_id == _d.flow_id)
        )
        .join(migration_flows, _f.id == _d.flow_id)
        .where(_d.name == name, _f.engagement_id == engagement, _f.deleted_at.is_(None))
        .order_by(_f.id.desc(), _p.position.desc())
        .limit(1)
    )
    if flow is not None:
        return await one(connection, statement.where(_f.id == flow))
    estate = estate or await current_estate(connection, engagement)
    return None if estate is None else await one(connection, statement.where(_f.estate_id == estate))


async def datasets_of(connection: AsyncConnection, flow_id: UUID) -> dict[str, dict[str, Any]]:
    """The flow's active datasets by name."""
    statement = (
        select(_d.id, _d.phase, _d.name, _d.artifact_key, _d.rows, _p.summary)
        .join_from(
            datasets, flow_phases, (_p.active_attempt_id == _d.attempt_id) & (_p.flow_id == _d.flow_id)
        )
        .where(_d.flow_id == flow_id)
    )
    return {row["name"]: row for row in await rows(connection, statement)}


async def read_table(
    store: ArtifactStore,
    key: str,
    wanted: Wanted,
    *,
    fields: tuple[str, ...] | None = None,
    start: int = 0,
    limit: int,
) -> list[dict[str, Any]]:
    """`limit` and one more, from position `start` among those that match; with `natural_key`. Raises UnknownColumn."""

    def read(path: Path) -> list[dict[str, Any]]:
        frame = pl.scan_parquet(path)
        known = frame.collect_schema().names()
        if unknown := [name for name in fields or () if name not in known]:
            raise UnknownColumn(unknown[0])
        shown = [name for name in known if fields is None or name in fields or name == "natural_key"]
        return wanted.applied(frame).slice(start, limit + 1).select(shown).collect().to_dicts()

    return await with_file(store, key, read)
