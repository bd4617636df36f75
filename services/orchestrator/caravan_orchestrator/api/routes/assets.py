"""The estate's assets: lists and facets by index, and what people set on them."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from caravan_orchestrator.api.access import Access, Operator, Viewer
from caravan_orchestrator.api.answers import Answer, Json, check_match, digest_tag, etag
from caravan_orchestrator.api.asset_filters import Filters
from caravan_orchestrator.api.asset_order import Sort, asked_order, decode_position, page_of
from caravan_orchestrator.api.pages import DEFAULT_LIMIT, Cursor, Fields, Limit, chosen
from caravan_orchestrator.api.privacy import veiled, veiled_counts
from caravan_orchestrator.api.routes._common import problems
from caravan_orchestrator.api.routes.people import decision_view
from caravan_orchestrator.api.shapes.bodies import PatchAsset
from caravan_orchestrator.api.shapes.data import AssetPageView, AssetView, FacetsView, PatchedAssetView
from caravan_orchestrator.api.values import checked_value
from caravan_orchestrator.domain.errors import DoesNotExist
from caravan_orchestrator.store.columns.estate import Places
from caravan_orchestrator.store.columns.keeping import Kept, KeptColumns
from caravan_orchestrator.store.database import SqlTransaction
from caravan_orchestrator.store.reads import assets as reads
from caravan_orchestrator.store.reads.assets_sorted import USUAL, Order, Position, list_sorted
from caravan_orchestrator.store.reads.estates import current_estate
from caravan_orchestrator.store.reads.facets import (
    FACETS,
    Counts,
    counted_facets,
    kept_facets,
    most,
)
from caravan_orchestrator.store.reads.flows import flow_exists
from caravan_orchestrator.usecases.overrides import lock_owners, override_asset

router = APIRouter(tags=["assets"], responses=problems(404, 422))
Estate = Annotated[
    UUID | None, Query(description="its root flow; the engagement's current estate when absent")
]


async def _estate(transaction: SqlTransaction, wanted: UUID | None) -> dict[str, Any]:
    """Which one is shown, and which is the engagement's current one."""
    engagement = transaction.tenant.engagement_id
    current = await current_estate(transaction.connection, engagement)
    if wanted is not None and not await flow_exists(transaction.connection, engagement, wanted):
        raise DoesNotExist("estate")
    id_ = wanted or current
    return {"estate_id": id_, "current_estate_id": current}


@router.get("/assets", summary="List assets", response_model=AssetPageView)
async def assets(
    access: Viewer,
    *,
    filters: Annotated[Filters, Depends()],
    estate: Estate = None,
    sort: Sort = None,
    fields: Fields = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Response:
    """By name, or as `sort` says. `q` finds beginnings of words and of parts of names."""
    order = asked_order(sort)
    last = decode_position(order, cursor)
    async with access.transaction() as transaction:
        which = await _estate(transaction, estate)
        wanted = chosen(fields, reads.ASSET_FIELDS)
        found: list[dict[str, Any]] = []
        if (id_ := which["estate_id"]) is not None:
            listed = await _listed(access, transaction, filters, id_, order, wanted, last, limit + 1)
            if listed is None:
                listed = await _out_of_tables(access, transaction, filters, id_, order, wanted, last, limit)
            found = listed
    shown = page_of(order, found, limit)
    items = shown["items"]
    if not access.sees_personal:
        shown["items"] = veiled(items)
    await access.note_reading(
        transaction.tenant, "assets", which["estate_id"], [row["id"] for row in items], items
    )
    return Json({**which, **shown})


async def _out_of_tables(
    access: Access,
    transaction: SqlTransaction,
    filters: Filters,
    estate: UUID,
    order: Order,
    fields: tuple[str, ...],
    last: Position | None,
    limit: int,
) -> list[dict[str, Any]]:
    connection, engagement = transaction.connection, transaction.tenant.engagement_id
    conditions = await filters.conditions(access, transaction)
    if not order.is_usual:
        return await list_sorted(
            connection,
            engagement,
            estate,
            order,
            fields=fields,
            conditions=conditions,
            last=last,
            limit=limit,
            without_addresses=not access.sees_personal,
        )
    return await reads.list_assets(
        connection,
        engagement,
        estate,
        fields=fields,
        conditions=conditions,
        last=None if last is None else last[1:],
        limit=limit,
    )


async def _listed(
    access: Access,
    transaction: SqlTransaction,
    filters: Filters,
    estate: UUID,
    order: Order,
    fields: tuple[str, ...],
    last: Position | None,
    rows: int,
) -> list[dict[str, Any]] | None:
    """Out of the estate's columns; None where they can't tell."""
    kept = await _columns(access, transaction, filters, estate, order)
    if kept is None:
        return None
    begin = None if last is None else kept.columns.place(last[2])
    if last is not None and begin is None:
        return None
    places = None
    if not order.is_usual:
        places = await kept.order(order.attribute, descending=order.descending)
    ids = kept.columns.page(await _chosen(access, transaction, filters, kept), begin, rows, places)
    asked = ids if last is None else [last[2], *ids]
    engagement = transaction.tenant.engagement_id
    found = await reads.assets_of(
        transaction.connection, engagement, estate, asked, fields, sorted_by=order.attribute
    )
    still = found[0]["_version"] == kept.columns.version if found else await kept.still_are(transaction)
    if not still:
        return None
    for row in found:
        del row["_version"]
    if last is None:
        return found
    # Behind one that is called otherwise by now, or has another value, begins another page.
    return found[1:] if found and (found[0]["_sort"], found[0]["_name"]) == last[:2] else None


async def _columns(
    access: Access, transaction: SqlTransaction, filters: Filters, estate: UUID, order: Order = USUAL
) -> Kept | None:
    """Where they know all that is asked for. For those who may not see addresses, they don't know whose names hold
    some, and have no order without them."""
    if (order.is_usual and not filters.narrow) or (filters.words and not access.sees_personal):
        return None
    columns: KeptColumns = access.request.app.state.columns
    kept = await columns.of(transaction, estate)
    if kept is None or access.sees_personal:
        return kept
    sorted_by = kept.columns.columns.get(order.attribute)
    return None if sorted_by is not None and sorted_by.holds_addresses else kept


async def _chosen(access: Access, transaction: SqlTransaction, filters: Filters, kept: Kept) -> Places | None:
    """The places of what was asked for; None: all."""
    texts, is_target = filters.asked(access)
    return kept.columns.chosen(texts, is_target, await kept.found(transaction, filters.words))


async def _facets_of_columns(
    access: Access, transaction: SqlTransaction, filters: Filters, estate: UUID
) -> Counts | None:
    kept = await _columns(access, transaction, filters, estate)
    if kept is None:
        return None
    known = kept.know(filters.words)
    places = await _chosen(access, transaction, filters, kept)
    if not known and not await kept.still_are(transaction):
        return None
    return {name: most(kept.columns.columns[name].count(places)) for name in FACETS}


@router.get("/assets:facets", summary="Count assets by value", response_model=FacetsView)
async def facets(access: Viewer, filters: Annotated[Filters, Depends()], estate: Estate = None) -> Response:
    """The most frequent values first, at most 200 of each facet; null is unknown."""
    async with access.transaction() as transaction:
        which = await _estate(transaction, estate)
        found: Counts = {name: [] for name in FACETS}
        if (id_ := which["estate_id"]) is not None:
            found = await _counted(access, transaction, filters, id_)
    if not access.sees_personal:
        found = {name: veiled_counts(values) for name, values in found.items()}
    return Json({**which, "facets": found})


async def _counted(access: Access, transaction: SqlTransaction, filters: Filters, estate: UUID) -> Counts:
    """As the fold has counted; live where it has not, or what was asked for is not among its counts."""
    connection, engagement = transaction.connection, transaction.tenant.engagement_id
    kept = None
    if filters.are_counted:
        texts, is_target = filters.asked(access)
        kept = await kept_facets(connection, engagement, estate, texts, is_target)
    if kept is not None:
        return kept
    if (found := await _facets_of_columns(access, transaction, filters, estate)) is not None:
        return found
    return await counted_facets(connection, engagement, estate, await filters.conditions(access, transaction))


@router.get("/assets/{asset_id}", summary="Read an asset", response_model=AssetView)
async def asset(asset_id: UUID, access: Viewer) -> Response:
    """`overridden` names the attributes that people set, with the number of the decision."""
    async with access.transaction() as transaction:
        found = await _asset(transaction, asset_id)
    shown = found if access.sees_personal else veiled(found)
    await access.note_reading(transaction.tenant, "assets", found["estate_id"], [asset_id], found)
    return Json(shown, headers={"ETag": etag(digest_tag(found))})


async def _asset(transaction: SqlTransaction, asset_id: UUID) -> dict[str, Any]:
    found = await reads.get_asset(transaction.connection, transaction.tenant.engagement_id, asset_id)
    if found is None:
        raise DoesNotExist("asset")
    return found


@router.patch(
    "/assets/{asset_id}",
    summary="Set attributes of an asset",
    response_model=PatchedAssetView,
    responses=problems(400, 409, 412),
)
async def patch(asset_id: UUID, body: PatchAsset, access: Operator) -> Response:
    """A human decision: it stands above what any phase computes until the phase that owns it is rolled back."""
    values = {name: checked_value(name, value) for name, value in body.set.items()}

    async def effect(transaction: SqlTransaction) -> Answer:
        estate = (await _asset(transaction, asset_id))["estate_id"]
        owners = await lock_owners(transaction, estate, values)
        # Under the locks: of two who saw the same asset, the second is told.
        found = await _asset(transaction, asset_id)
        check_match(access.if_match, digest_tag(found))
        decisions = []
        for owner, names in owners.items():
            mine = {name: values[name] for name in names}
            # If-Match is about the asset here, not about the flow.
            guard = access.without_match().on_flow
            made = await override_asset(
                transaction,
                found,
                owner=owner,
                values=mine,
                reason=body.reason,
                actor=access.actor,
                guard=guard,
            )
            decisions.append(decision_view(made))
        changed = await _asset(transaction, asset_id)
        return Answer({"asset": changed, "decisions": decisions}, headers={"ETag": etag(digest_tag(changed))})

    return await access.change(effect)
