"""Datasets and the rows in their Parquet files."""

import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.responses import Response

from caravan_orchestrator.api.access import Access, Viewer
from caravan_orchestrator.api.answers import Json
from caravan_orchestrator.api.pages import DEFAULT_LIMIT, Cursor, Limit, decode_cursor, encode_cursor
from caravan_orchestrator.api.privacy import Column, is_personal, tells_of_persons, veiled, veiled_cells
from caravan_orchestrator.api.problems import Problem
from caravan_orchestrator.api.routes._common import problems
from caravan_orchestrator.api.shapes.data import DatasetView, RowsView
from caravan_orchestrator.domain.errors import DoesNotExist
from caravan_orchestrator.store.reads.flow_parts import get_dataset
from caravan_orchestrator.store.reads.mappings import MappingFilter, column_datasets, read_mappings
from caravan_orchestrator.store.reads.parquet import UnknownColumn, column_names, read_rows
from caravan_orchestrator.usecases.audit import append_audit

router = APIRouter(prefix="/datasets", tags=["data"], responses=problems(404, 422))
_SHEET = ("file", "sheet")
# By file and sheet, in order of the columns.
Headers = dict[tuple[str, str], list[Column]]


@router.get("/{dataset_id}", summary="Read what is known about a dataset", response_model=DatasetView)
async def dataset(dataset_id: UUID, access: Viewer) -> Response:
    """Phase, version, rows and hash; `indexed_rows` says how far its rows can be listed as entities."""
    found = await _dataset(access, dataset_id)
    return Json({name: value for name, value in found.items() if name != "artifact_key"})


@router.get(
    "/{dataset_id}/rows", summary="Read rows of a dataset", response_model=RowsView, responses=problems(410)
)
async def rows(
    dataset_id: UUID,
    access: Viewer,
    columns: Annotated[
        str | None, Query(description="names, comma-separated; all when absent", max_length=4000)
    ] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Response:
    """In the order of the file, which never changes; no database connection is held while it is read. Secrets are
    masked; what tells of persons (owners, contacts, e-mail addresses) is shown to operators and admins, and that they
    read it is audited."""
    kind = f"rows {dataset_id}"
    last = decode_cursor(kind, cursor, int)
    start = 0 if last is None else max(0, last[0])
    found = await _dataset(access, dataset_id)
    wanted = [name.strip() for name in (columns or "").split(",") if name.strip()] or None
    headers = await _headers(access, found)
    asked = wanted if wanted is None or headers is None else list(dict.fromkeys((*wanted, *_SHEET)))
    try:
        names, read = await read_rows(
            access.services.store, found["artifact_key"], columns=asked, start=start, limit=limit
        )
    except UnknownColumn as error:
        raise Problem("unknown_field", f"The dataset has no column {str(error)!r}.", status=422) from error
    end = start + len(read)
    following = encode_cursor(kind, [end]) if end < found["rows"] and read else None
    shown, persons = _shown(read, headers, personal=access.sees_personal)
    if wanted is not None:
        names = [name for name in names if name in wanted]
        shown = [{name: row[name] for name in names} for row in shown]
    if persons and access.sees_personal:
        await _note_reading(access, dataset_id, start, len(shown), sorted(persons))
    return Json({"columns": names, "items": shown, "next_cursor": following})


async def _headers(access: Access, found: Mapping[str, Any]) -> Headers | None:
    """The columns of the sheets that raw rows were read from; None for a dataset whose columns have names."""
    if "cells" not in await column_names(access.services.store, found["artifact_key"]):
        return None
    async with access.transaction() as transaction:
        datasets = await column_datasets(transaction.connection, found["flow_id"])
    headers: Headers = {}
    for row in await read_mappings(access.services.store, datasets, MappingFilter()):
        headers.setdefault((row["file"], row["sheet"] or ""), []).append((row["column"], row["attribute"]))
    return headers


def _shown(
    rows: Sequence[dict[str, Any]], headers: Headers | None, *, personal: bool
) -> tuple[list[dict[str, Any]], set[str]]:
    """The rows as this reader may see them, and the names of columns that tell of persons."""
    if headers is None:
        named = {name for row in rows[:1] for name in row if is_personal(name)}
        return (list(rows) if personal else veiled(rows)), named
    shown: list[dict[str, Any]] = []
    persons: set[str] = set()
    for row in rows:
        cells = row.get("cells")
        if isinstance(cells, list):
            columns = headers.get((row.get("file") or "", row.get("sheet") or ""))
            persons |= {column[0] for column in columns or () if tells_of_persons(column)}
            shown.append({**row, "cells": veiled_cells(cells, columns, personal=personal)})
        else:
            # A rejected row: JSON by header, its secrets masked when it was read.
            persons |= {name for name in json.loads(cells or "{}") if is_personal(name)}
            shown.append(row if personal else veiled(row))
    return shown, persons


async def _note_reading(access: Access, dataset: UUID, start: int, rows: int, columns: list[str]) -> None:
    async with access.transaction() as transaction:
        details = {"from_row": start, "rows": rows, "columns": columns}
        await append_audit(transaction, access.actor, "personal_data.read", str(dataset), details)


async def _dataset(access: Access, dataset_id: UUID) -> dict[str, Any]:
    async with access.transaction() as transaction:
        found = await get_dataset(transaction.connection, transaction.tenant.engagement_id, dataset_id)
    if found is None:
        raise DoesNotExist("dataset")
    return found
