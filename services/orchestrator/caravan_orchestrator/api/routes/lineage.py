"""From any attribute of any asset back to the cells it was read from."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.responses import Response

from caravan_orchestrator.api.access import Viewer
from caravan_orchestrator.api.answers import Json
from caravan_orchestrator.api.privacy import veiled, veiled_origin
from caravan_orchestrator.api.problems import Problem
from caravan_orchestrator.api.routes._common import problems
from caravan_orchestrator.api.shapes.discovery import AssetLineageView
from caravan_orchestrator.domain.errors import DoesNotExist
from caravan_orchestrator.store.database import SqlTransaction
from caravan_orchestrator.store.reads.assets import get_asset
from caravan_orchestrator.store.reads.cells import Cells, read_cells
from caravan_orchestrator.store.reads.entities import active_datasets, decisions_on, get_entity
from caravan_orchestrator.store.reads.joins import asked_keys, questions_of, records
from caravan_orchestrator.store.reads.judgements import judgements, known_judgements
from caravan_orchestrator.store.reads.lineage import place_of
from caravan_orchestrator.store.reads.origins import column_key, origins
from caravan_orchestrator.store.tables.assets import ATTRIBUTE_COLUMNS

router = APIRouter(tags=["assets"], responses=problems(404, 410, 422))
_READ_IN = (
    "raw_rows",
    "field_mappings",
    "column_targets",
    "clean_rows",
    "changes",
    "conflicts",
    "identities",
)
_OWN = ("is_target", "not_target_reason", "custom_attributes")
# What the row says of itself, and no source says.
_NO_ATTRIBUTES = frozenset({"natural_key", "entity_type", "source_entities", "transformation_log"})


@router.get(
    "/assets/{asset_id}/lineage",
    summary="Trace attributes of an asset to their cells",
    response_model=AssetLineageView,
)
async def asset_lineage(
    asset_id: UUID,
    access: Viewer,
    attribute: Annotated[
        list[str] | None, Query(max_length=100, description="one or several; all that are known when absent")
    ] = None,
) -> Response:
    """For each attribute every cell that serves it: file with hash, sheet, row, column, the value as it stood there
    (secrets masked), what the column was taken to mean and why, each change with its rule, the cleansed value, and its
    part in the result; then the conflict with its winner and reason, and what people decided. `computed`: no source
    says it, the phase that made the asset concluded it. `judgements`: contested cases about the asset and its columns,
    with what the crew was shown. `records`: the asset's rows by source, and for each source what joined it with the
    others: identifiers of equal value, or a person's answer to a question."""
    async with access.transaction() as transaction:
        asset, entity, keys = await _asset(transaction, asset_id)
    values = {**entity["data"], **asset}
    wanted = _wanted(attribute, values)
    places = [place for ref in entity["source_entities"] if (place := place_of(ref)) is not None]
    cells = await read_cells(access.services.store, keys, places, asset["natural_key"])
    async with access.transaction() as transaction:
        subjects = _subjects(asset["natural_key"], cells)
        decisions = await decisions_on(transaction.connection, [entity["flow_id"]], subjects)
        known = await known_judgements(transaction.connection, entity["flow_id"], subjects)
        asked = await questions_of(transaction.connection, entity["flow_id"], asked_keys(cells))
    found = origins(values, wanted, entity["source_entities"], cells, decisions)
    judged = await judgements(access.services.store, known)
    joined = records(places, cells, decisions, asked)
    read = {"attributes": found, "judgements": judged, "records": joined}
    await access.note_reading(transaction.tenant, "lineage", asset["estate_id"], [asset_id], read)
    return Json(
        {
            "asset": {name: asset[name] for name in ("id", "natural_key", "name", "asset_type", "estate_id")},
            "flow_id": entity["flow_id"],
            "attributes": found if access.sees_personal else [veiled_origin(each) for each in found],
            "judgements": judged if access.sees_personal else veiled(judged),
            "records": joined if access.sees_personal else veiled(joined),
        }
    )


async def _asset(
    transaction: SqlTransaction, asset_id: UUID
) -> tuple[dict[str, Any], dict[str, Any], dict[str, str]]:
    """The asset, the row it was folded from, and the artifacts of the datasets behind it. Raises DoesNotExist."""
    connection, engagement = transaction.connection, transaction.tenant.engagement_id
    asset = await get_asset(connection, engagement, asset_id)
    if asset is None:
        raise DoesNotExist("asset")
    made = asset["discovery_data_entity_id"]
    entity = None if made is None else await get_entity(connection, engagement, made)
    if entity is None:
        # Its phase was rolled back or ran again, and the fold has not caught up yet.
        raise DoesNotExist("asset")
    datasets = await active_datasets(connection, entity["flow_id"])
    return asset, entity, {d["name"]: d["artifact_key"] for d in datasets if d["name"] in _READ_IN}


def _wanted(attributes: list[str] | None, values: dict[str, Any]) -> list[str]:
    known = dict.fromkeys((*_OWN, *ATTRIBUTE_COLUMNS, *values))
    if attributes is None:
        shown = {*ATTRIBUTE_COLUMNS, *_OWN, *values} - _NO_ATTRIBUTES
        return [name for name in known if name in shown and name in _said(values)]
    for position, name in enumerate(attributes):
        if name not in known or name in _NO_ATTRIBUTES:
            detail = f"There is no attribute {name!r} (the {position + 1}. asked for)."
            raise Problem("unknown_attribute", detail, status=422)
    return list(dict.fromkeys(attributes))


def _said(values: dict[str, Any]) -> set[str]:
    """Attributes with a value; not the columns that only the table has."""
    table = {"id", "estate_id", "source_flow_id", "discovery_data_entity_id", "overridden", "updated_at"}
    return {name for name, value in values.items() if value not in (None, []) and name not in table}


def _subjects(asset_key: str, cells: Cells) -> set[str]:
    """All that a decision may name that has to do with the asset."""
    columns = {
        column_key({**row, "sheet": row["sheet"] or ""})
        for rows in cells.mappings.values()
        for row in rows.values()
    }
    conflicts = {conflict["natural_key"] for conflict in cells.conflicts.values()}
    mapped = {f"mapping:{key}" for key in columns}
    return {asset_key, *conflicts, *columns, *mapped, *asked_keys(cells)}
