"""From an entity to the cells it came from, and back, along a chain of flows: by natural keys and file#sheet#row."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from caravan_common.artifacts import ArtifactStore
from caravan_common.masking import MASK, mask_secrets, names_secret
from caravan_orchestrator.store.reads.entities import (
    chain_datasets,
    decisions_on,
    entities_by_key,
    entities_made_from,
)
from caravan_orchestrator.store.reads.parquet import PLACE, column_names, headers_of, rows_at

Direction = Literal["up", "down"]
_LEVELS = 12
_MOST_STEPS = 200
_HEADER = frozenset({"file", "sheet", "column_index", "column"})


@dataclass(frozen=True)
class Walk:
    """What the database knows of the way. `references` are all source references met, `flow_ids` the flows it may
    lead through, in order."""

    datasets: list[dict[str, Any]]
    steps: list[dict[str, Any]]
    references: list[str]
    decisions: list[dict[str, Any]]
    flow_ids: list[UUID]

    def subjects(self, entity: dict[str, Any]) -> set[str]:
        """All that a decision or a judgement about the way may name."""
        return {entity["natural_key"], *(step["natural_key"] for step in self.steps), *self.references}


async def walk(connection: AsyncConnection, entity: dict[str, Any], direction: Direction) -> Walk:
    """`up`: what it was made from, in flows that handed it over too; `down`: what was made from it. One statement per
    level, at most twelve levels. Flows name things alike: nothing was made from what was made after it."""
    datasets = await chain_datasets(connection, entity["flow_id"], direction)
    flow_ids = list(dict.fromkeys(dataset["flow_id"] for dataset in datasets))
    ids = [dataset["id"] for dataset in datasets if dataset["indexed_at"] is not None]
    names = {dataset["id"]: dataset["name"] for dataset in datasets}
    seen, level = {entity["id"]}, [entity]
    steps: list[dict[str, Any]] = []
    references: list[str] = list(entity["source_entities"])
    for depth in range(1, _LEVELS + 1):
        room = _MOST_STEPS - len(steps)
        found = (
            [
                e
                for e in await _next(connection, _reachable(ids, level, direction), level, direction, room)
                if e["id"] not in seen
            ]
            if room
            else []
        )
        if not found:
            break
        seen |= {e["id"] for e in found}
        steps += [{**e, "dataset": names[e["dataset_id"]], "depth": depth} for e in found]
        level = found
        if direction == "up":
            references += [ref for e in found for ref in e["source_entities"] if ref not in references]
    way = Walk(datasets, steps, references, [], flow_ids)
    return replace(way, decisions=await decisions_on(connection, flow_ids, way.subjects(entity)))


def _reachable(ids: Sequence[UUID], level: Sequence[dict[str, Any]], direction: Direction) -> Sequence[UUID]:
    """Of datasets in the order they were made, those not after (up) or not before (down) the level's own."""
    places = [ids.index(e["dataset_id"]) for e in level if e["dataset_id"] in ids]
    if not places:
        return ids
    return ids[: max(places) + 1] if direction == "up" else ids[min(places) :]


async def _next(
    connection: AsyncConnection,
    ids: Collection[UUID],
    level: Sequence[dict[str, Any]],
    direction: str,
    limit: int,
) -> list[dict[str, Any]]:
    if direction == "down":
        return await entities_made_from(connection, ids, {e["natural_key"] for e in level}, limit)
    keys = {key for e in level for key in e["source_entities"]}
    return await entities_by_key(connection, ids, keys, limit) if keys else []


def place_of(reference: str) -> tuple[str, str, int] | None:
    """file#sheet#row; the file's own name may hold a #."""
    parts = reference.rsplit("#", 2)
    if len(parts) != 3 or not parts[2].isdigit():
        return None
    return parts[0], parts[1], int(parts[2])


async def sources(store: ArtifactStore, found: Walk) -> list[dict[str, Any]]:
    """By reference: the rows that any active dataset keeps of that place; cells under their headers."""
    places = {place: ref for ref in found.references[:_MOST_STEPS] if (place := place_of(ref)) is not None}
    if not places:
        return [{"reference": ref, "rows": []} for ref in found.references]
    by_reference: dict[str, list[dict[str, Any]]] = {ref: [] for ref in found.references}
    headers: dict[tuple[str, str], list[str]] = {}
    columns = {d["id"]: await column_names(store, d["artifact_key"]) for d in found.datasets}
    for dataset in found.datasets:
        if columns[dataset["id"]] >= _HEADER and "row_number" not in columns[dataset["id"]]:
            sheets = {(file, sheet) for file, sheet, _ in places}
            for row in await headers_of(store, dataset["artifact_key"], sheets):
                headers.setdefault((row["file"], row["sheet"] or ""), []).append(row["column"])
    for dataset in found.datasets:
        if columns[dataset["id"]].issuperset(PLACE):
            for row in await rows_at(store, dataset["artifact_key"], places.keys()):
                place = (row.pop("file"), row.pop("sheet") or "", row.pop("row_number"))
                shown = _row(dataset, place, row, headers.get(place[:2], []))
                by_reference[places[place]].append(shown)
    return [{"reference": ref, **_place(place_of(ref)), "rows": kept} for ref, kept in by_reference.items()]


def _place(place: tuple[str, str, int] | None) -> dict[str, Any]:
    return {} if place is None else dict(zip(PLACE, place, strict=True))


def masked(header: str, cell: str | None) -> str | None:
    """As everywhere that people read: a password in a cell is shown to nobody."""
    if cell is None or cell == "":
        return cell
    return MASK if names_secret(header) else mask_secrets(cell)


def _row(
    dataset: dict[str, Any], place: tuple[str, str, int], row: dict[str, Any], header: Sequence[str]
) -> dict[str, Any]:
    cells = row.get("cells")
    if isinstance(cells, list) and header:
        row["cells"] = {name: masked(name, cell) for name, cell in zip(header, cells, strict=False)}
    elif isinstance(cells, list):
        row["cells"] = [masked("", cell) for cell in cells]
    kept = {name: value for name, value in row.items() if value is not None}
    return {"dataset": dataset["name"], "phase": dataset["phase"], **_place(place), "values": kept}
