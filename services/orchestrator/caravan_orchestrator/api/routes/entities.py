"""Index rows of a flow's active datasets, and where each comes from."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.responses import Response

from caravan_orchestrator.api.access import Viewer
from caravan_orchestrator.api.answers import Json
from caravan_orchestrator.api.pages import (
    DEFAULT_LIMIT,
    Cursor,
    Limit,
    Q,
    decode_cursor,
    encode_cursor,
    page,
    words,
)
from caravan_orchestrator.api.privacy import veiled
from caravan_orchestrator.api.routes._common import problems, require_flow
from caravan_orchestrator.api.shapes.base import Page
from caravan_orchestrator.api.shapes.data import EntityView
from caravan_orchestrator.api.shapes.lineage import LineageView
from caravan_orchestrator.domain.errors import DoesNotExist
from caravan_orchestrator.store.reads.entities import (
    active_datasets,
    find_entities,
    get_entity,
    list_entities,
)
from caravan_orchestrator.store.reads.judgements import judgements, known_judgements
from caravan_orchestrator.store.reads.lineage import sources, walk

router = APIRouter(tags=["data"], responses=problems(404, 422))


@router.get("/flows/{flow_id}/entities", summary="List a flow's entities", response_model=Page[EntityView])
async def entities(
    flow_id: UUID,
    access: Viewer,
    *,
    entity_type: Annotated[str | None, Query(max_length=100)] = None,
    q: Q = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Response:
    """Of datasets that are active and indexed; `indexed_rows` of a dataset tells how far that is."""
    given = decode_cursor("entities", cursor, UUID, str, str)
    last = None if given is None else (given[0], given[1], given[2])
    asked = words(q)
    async with access.transaction() as transaction:
        connection = transaction.connection
        await require_flow(transaction, flow_id)
        active = await active_datasets(connection, flow_id)
        datasets = [dataset["id"] for dataset in active if dataset["indexed_at"] is not None]
        if asked:
            found, place = await find_entities(
                connection,
                datasets,
                asked,
                entity_type=entity_type,
                personal=access.sees_personal,
                last=last,
                limit=limit,
            )
            shown: dict[str, Any] = {
                "items": found,
                "next_cursor": place and encode_cursor("entities", place),
            }
        else:
            found = await list_entities(connection, datasets, entity_type=entity_type, last=last, limit=limit)
            shown = page(
                "entities", found, limit, lambda e: [e["dataset_id"], e["entity_type"], e["natural_key"]]
            )
    items = shown["items"]
    await access.note_reading(transaction.tenant, "entities", flow_id, [row["id"] for row in items], items)
    return Json(shown if access.sees_personal else veiled(shown))


@router.get(
    "/entities/{entity_id}/lineage",
    summary="Trace an entity to its cells",
    response_model=LineageView,
    responses=problems(410),
)
async def lineage(
    entity_id: UUID,
    access: Viewer,
    *,
    direction: Annotated[
        Literal["up", "down"], Query(description="what it was made from, or what from it")
    ] = "up",
) -> Response:
    """Entities on the way, rows of the delivered files with their cells, what people decided about any of them, and
    how contested cases about them were judged: facts, options, verdict, model, prompt version, tokens."""
    async with access.transaction() as transaction:
        entity = await get_entity(transaction.connection, transaction.tenant.engagement_id, entity_id)
        if entity is None:
            raise DoesNotExist("entity")
        found = await walk(transaction.connection, entity, direction)
        subjects, connection = found.subjects(entity), transaction.connection
        known = [await known_judgements(connection, flow_id, subjects) for flow_id in found.flow_ids]
    store = access.services.store
    shown = {
        "entity": entity,
        "steps": found.steps,
        "sources": await sources(store, found),
        "decisions": found.decisions,
        "judgements": [each for of_flow in known for each in await judgements(store, of_flow)],
    }
    await access.note_reading(transaction.tenant, "lineage", entity["flow_id"], [entity_id], shown)
    return Json(shown if access.sees_personal else veiled(shown))
