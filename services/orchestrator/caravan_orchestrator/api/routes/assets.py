"""The estate's assets: lists and facets by index, and what people set on them."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from sqlalchemy import ColumnElement
from starlette.responses import Response

from caravan_orchestrator.api.access import Access, Operator, Viewer
from caravan_orchestrator.api.answers import Answer, Json, check_match, digest_tag, etag
from caravan_orchestrator.api.bodies import PatchAsset
from caravan_orchestrator.api.pages import (
    DEFAULT_LIMIT,
    Cursor,
    Fields,
    Limit,
    Q,
    chosen,
    decode_cursor,
    page,
    words,
)
from caravan_orchestrator.api.privacy import veiled, veiled_counts
from caravan_orchestrator.api.routes._common import problems
from caravan_orchestrator.api.routes.people import decision_view
from caravan_orchestrator.api.values import checked_value
from caravan_orchestrator.api.views import AssetPageView, AssetView, FacetsView, PatchedAssetView
from caravan_orchestrator.domain.errors import DoesNotExist
from caravan_orchestrator.store.database import SqlTransaction
from caravan_orchestrator.store.reads import assets as reads
from caravan_orchestrator.store.reads.estates import current_estate
from caravan_orchestrator.store.reads.facets import FACETS, FILTERED_BY, Counts, counted_facets, kept_facets
from caravan_orchestrator.store.reads.flows import flow_exists
from caravan_orchestrator.store.reads.search import find
from caravan_orchestrator.store.tables.assets import asset_counts
from caravan_orchestrator.store.tables.assets import assets as assets_table
from caravan_orchestrator.usecases.batches import attribute_owners
from caravan_orchestrator.usecases.people import override_asset

router = APIRouter(tags=["assets"], responses=problems(404, 422))
Several = Annotated[list[str] | None, Query(max_length=50, description="one or several")]
Estate = Annotated[
    UUID | None, Query(description="its root flow; the engagement's current estate when absent")
]


class Filters:
    """The conditions that list and facets share."""

    def __init__(
        self,
        asset_type: Several = None,
        environment: Several = None,
        treatment: Several = None,
        wave: Annotated[
            list[str] | None, Query(max_length=50, description="one or several, `wave-003`")
        ] = None,
        target_type: Several = None,
        is_target: Annotated[bool | None, Query(description="migration targets, or what is none")] = None,
        q: Q = None,
    ) -> None:
        self._texts = {
            "asset_type": asset_type or (),
            "environment": environment or (),
            "treatment": treatment or (),
            "wave": wave or (),
            "target_type": target_type or (),
        }
        self._is_target = is_target
        self.words = words(q)

    @property
    def are_counted(self) -> bool:
        """Whether the counts that the fold keeps know all that was asked for."""
        named = {name for name, values in self._texts.items() if values}
        return not self.words and named.issubset(FILTERED_BY)

    def on(self, access: Access, columns: Any) -> list[ColumnElement[bool]]:
        """What was asked for but the words, of a table with these columns."""
        texts = {name: [str(access.asked_for(each)) for each in given] for name, given in self._texts.items()}
        return reads.filters(texts, self._is_target, columns)

    async def conditions(self, access: Access, transaction: SqlTransaction) -> list[ColumnElement[bool]]:
        """All that was asked for, of the assets themselves."""
        engagement = transaction.tenant.engagement_id
        found = await find(transaction.connection, "asset", self.words, engagement)
        conditions = self.on(access, assets_table.c) + found.conditions(assets_table.c.id)
        if self.words and not access.sees_personal:
            conditions.append(reads.without_addresses())
        return conditions


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
    fields: Fields = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Response:
    """By name. `q` finds beginnings of words and of parts of names."""
    last = decode_cursor("assets", cursor, _name, UUID)
    async with access.transaction() as transaction:
        which = await _estate(transaction, estate)
        engagement = transaction.tenant.engagement_id
        found = []
        if which["estate_id"] is not None:
            found = await reads.list_assets(
                transaction.connection,
                engagement,
                which["estate_id"],
                fields=chosen(fields, reads.ASSET_FIELDS),
                conditions=await filters.conditions(access, transaction),
                last=None if last is None else (last[0], last[1]),
                limit=limit,
            )
    shown = page("assets", found, limit, lambda row: [row["_name"], row["_id"]])
    for row in shown["items"]:
        del row["_name"], row["_id"]
    items = shown["items"]
    if not access.sees_personal:
        shown["items"] = veiled(items)
    await access.note_reading(
        transaction.tenant, "assets", which["estate_id"], [row["id"] for row in items], items
    )
    return Json({**which, **shown})


def _name(value: Any) -> str | None:
    if value is not None and not isinstance(value, str):
        raise ValueError(value)
    return value


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
        kept = await kept_facets(connection, engagement, estate, filters.on(access, asset_counts.c))
    if kept is not None:
        return kept
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
        found = await _asset(transaction, asset_id)
        check_match(access.if_match, digest_tag(found))
        decisions = []
        for owner, names in (await attribute_owners(transaction, found["estate_id"], values)).items():
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
