"""Writes what a finished chain left: exports from its datasets and the asset table, and the HTML report."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import polars as pl
from sqlalchemy import func, select

from caravan.api import Api
from caravan.embedded import EmbeddedPlatform
from caravan.exports import (
    ExportedDataset,
    assets_frame,
    export_dataset,
    questions_frame,
    write_both,
)
from caravan.failures import BadInput
from caravan.hints import find_hints
from caravan.installed import installed_service
from caravan.output import Steps
from caravan.tenants import DEMO
from caravan.whole_files import whole
from caravan_common.contracts.attributes import BY_NAME
from caravan_common.reporting import render_flows
from caravan_orchestrator.store.tables.assets import ATTRIBUTE_COLUMNS, assets
from caravan_orchestrator.store.tables.data import datasets
from caravan_orchestrator.store.tables.running import due

ASSETS = "assets"
_BATCH = 5000
# Hints take all datasets into memory: beyond this that would cost more than three sentences are worth.
_MOST_HINTED = 50_000
# Column of the export → column of the table and type; the canonical attributes follow.
_LEADING = {
    "entity_id": ("discovery_data_entity_id", "String"),
    "asset_id": ("id", "String"),
    "natural_key": ("natural_key", "String"),
    "is_target": ("is_target", "Boolean"),
    "not_target_reason": ("not_target_reason", "String"),
}
_ASSETS = (
    _LEADING
    | {name: (name, BY_NAME[name].dtype) for name in ATTRIBUTE_COLUMNS}
    | {"custom_attributes": ("custom_attributes", "String")}
)


def asset_columns() -> list[str]:
    """Of the asset table, in their order in the export."""
    return list(_ASSETS)


@dataclass(frozen=True)
class Wanted:
    """A folder for exports, a file for the report, and whether things worth looking at are to be found."""

    export: Path | None = None
    report: Path | None = None
    hints: bool = False


def checked_targets(wanted: Wanted) -> Wanted:
    """Makes the folders, before anything is computed. Raises BadInput when a place can't be written to."""
    try:
        if wanted.export is not None:
            wanted.export.mkdir(parents=True, exist_ok=True)
            _try_to_write(wanted.export / f"{ASSETS}.csv")
        if wanted.report is not None:
            wanted.report.parent.mkdir(parents=True, exist_ok=True)
            _try_to_write(wanted.report)
    except OSError as error:
        raise BadInput(
            f"{error.filename} can't be written to ({error.strerror}); name another place."
        ) from None
    return wanted


def _try_to_write(file: Path) -> None:
    """Nothing is left of the trial: a journey that is interrupted leaves no empty file. Raises OSError."""
    there = file.exists()
    file.open("ab").close()
    if not there:
        file.unlink()


async def write_results(
    api: Api, platform: EmbeddedPlatform, answer: Mapping[str, Any], wanted: Wanted, told: Steps
) -> list[str]:
    """The hints. For exports it waits for index and asset table, which follow a flow's end by moments."""
    if wanted == Wanted():
        return []
    told.tell("writing the results")
    flows = [await api.get(f"/flows/{flow['id']}") for flow in answer["flows"]]
    exported = [each for flow in flows for each in await _exported(api, platform, flow)]
    try:
        if wanted.export is not None:
            await _until_folded(platform, [UUID(flow["id"]) for flow in flows])
            await _write_exports(api, platform, flows, exported, wanted.export)
        hinted = wanted.hints and (answer.get("assets") or {}).get("total", 0) <= _MOST_HINTED
        if wanted.report is None and not hinted:
            return []
        frames = await asyncio.to_thread(_read_frames, platform, exported)
        if wanted.report is not None:
            await asyncio.to_thread(_write_report, flows, frames, answer, wanted.report)
    except OSError as error:
        where = error.filename or wanted.export or wanted.report
        raise BadInput(
            f"{where} can't be written to ({error.strerror or error}); name another place."
        ) from error
    return find_hints(frames) if hinted else []


async def _exported(api: Api, platform: EmbeddedPlatform, flow: Mapping[str, Any]) -> list[ExportedDataset]:
    """The flow's current datasets that have an export name, in the order of its phases."""
    definition = installed_service(flow["flow_type"]).definition
    names = {(p.name, o.name): o.export for p in definition.phases for o in p.outputs if o.export}
    current = [d async for d in api.pages(f"/flows/{flow['id']}/datasets", active=True)]
    ids = {UUID(d["id"]): names[d["phase"], d["name"]] for d in current if (d["phase"], d["name"]) in names}
    table = datasets.c
    async with platform.database.transaction(DEMO.tenant) as transaction:
        rows = await transaction.connection.execute(
            select(table.id, table.artifact_key).where(table.id.in_(ids))
        )
        keys = {row.id: row.artifact_key for row in rows}
    return [ExportedDataset(name, id_, keys[id_]) for id_, name in ids.items()]


async def _write_exports(
    api: Api,
    platform: EmbeddedPlatform,
    flows: Sequence[Mapping[str, Any]],
    exported: list[ExportedDataset],
    folder: Path,
) -> None:
    for dataset in exported:
        if dataset.name == ASSETS:
            table = await _read_assets(platform, UUID(flows[0]["estate_id"]))
            rows = await asyncio.to_thread(_with_findings, table, platform, dataset)
            await asyncio.to_thread(write_both, rows.lazy(), folder, ASSETS)
        else:
            await asyncio.to_thread(export_dataset, platform.store, dataset, folder)
    questions = questions_frame(
        [q for flow in flows async for q in api.pages(f"/flows/{flow['id']}/questions")]
    )
    await asyncio.to_thread(write_both, questions.lazy(), folder, "questions")


async def _read_assets(platform: EmbeddedPlatform, estate: UUID) -> pl.DataFrame:
    """The asset table as it stands, people's decisions included."""
    columns = {name: dtype for name, (_, dtype) in _ASSETS.items()}
    statement = (
        select(*(assets.c[column] for column, _ in _ASSETS.values()))
        .where(assets.c.estate_id == estate)
        .order_by(assets.c.natural_key)
    )
    frames = [assets_frame([], columns)]
    async with platform.database.transaction(DEMO.tenant) as transaction:
        result = await transaction.connection.stream(statement)
        frames.extend([assets_frame(rows, columns) async for rows in result.partitions(_BATCH)])
    return pl.concat(frames)


def _with_findings(table: pl.DataFrame, platform: EmbeddedPlatform, dataset: ExportedDataset) -> pl.DataFrame:
    """Beside the asset table, what the flow found out about an asset that is no attribute of it."""
    rows = _read_frames(platform, [dataset])[ASSETS]
    more = [name for name in rows.columns if name not in table.columns and name != "entity_type"]
    return table.join(rows.select("natural_key", *more), on="natural_key", how="left", maintain_order="left")


async def _until_folded(platform: EmbeddedPlatform, flow_ids: Sequence[UUID]) -> None:
    """Each kind of work asks for the next in its own transaction, so nothing due means that all is done."""
    statement = select(func.count()).where(due.c.flow_id.in_(flow_ids), due.c.kind.in_(("index", "fold")))
    while True:
        async with platform.database.transaction(DEMO.tenant) as transaction:
            if not (await transaction.connection.execute(statement)).scalar_one():
                return
        platform.check()
        await asyncio.sleep(0.05)


def _read_frames(platform: EmbeddedPlatform, exported: Sequence[ExportedDataset]) -> dict[str, pl.DataFrame]:
    with TemporaryDirectory(prefix="caravan-frames-") as scratch:
        paths = {each.name: platform.store.get_path(each.artifact_key, Path(scratch)) for each in exported}
        return {name: pl.read_parquet(path) for name, path in paths.items()}


def _write_report(
    flows: Sequence[Mapping[str, Any]],
    frames: Mapping[str, pl.DataFrame],
    answer: Mapping[str, Any],
    report: Path,
) -> None:
    """A part of each flow of the chain that has one."""
    first, kinds = flows[0], [flow["flow_type"] for flow in flows]
    page = render_flows(
        first["name"], date.fromisoformat(first["configuration"]["as_of"]), kinds, answer, frames
    )
    if page is None:
        raise BadInput(f"No flow of these has a report ({', '.join(kinds)}); leave --report out.")
    with whole(report) as part:
        part.write_text(page, encoding="utf-8")
