"""One order about many assets: previewed with a digest, then carried out as it was shown."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from sqlalchemy import ColumnElement
from starlette.responses import Response

from caravan_orchestrator.api.access import Operator
from caravan_orchestrator.api.answers import Answer
from caravan_orchestrator.api.pages import words
from caravan_orchestrator.api.privacy import veiled
from caravan_orchestrator.api.problems import Problem
from caravan_orchestrator.api.routes._common import problems
from caravan_orchestrator.api.shapes.bodies import SetAssets
from caravan_orchestrator.api.shapes.waiting import BatchView
from caravan_orchestrator.api.values import checked_value
from caravan_orchestrator.domain.decision import Decision
from caravan_orchestrator.domain.errors import DoesNotExist, Refused
from caravan_orchestrator.store.database import SqlTransaction
from caravan_orchestrator.store.reads import assets as reads
from caravan_orchestrator.store.reads.estates import current_estate
from caravan_orchestrator.store.reads.flows import flow_exists
from caravan_orchestrator.store.reads.search import find
from caravan_orchestrator.store.tables.assets import NARROWED_BY, assets
from caravan_orchestrator.usecases.batches import Batch, BatchPlan, carry_out_batch, plan_batch
from caravan_orchestrator.usecases.overrides import plain

router = APIRouter(tags=["assets"], responses=problems(400, 404, 409, 413, 422))
_SAMPLE = 20


@router.post("/assets:batch", summary="Set attributes of many assets", response_model=BatchView)
async def batch(body: SetAssets, access: Operator) -> Response:
    """First with `preview`: how many, a sample, and a digest; nothing is changed. Then with that digest: refused (409)
    when the set or a value has changed since. A human decision for each asset, which stands and is withdrawn like one
    made by PATCH; one line in the audit. Assets that people have set to these values already are left out."""
    values = {name: checked_value(name, value) for name, value in body.set.items()}
    shown: list[dict[str, Any]] = []

    async def effect(transaction: SqlTransaction) -> Answer:
        estate, conditions = await _chosen(transaction, body)
        wanted = Batch(estate, conditions, values, access.services.settings.batch_assets)
        if body.digest is None:
            plan, decisions = await plan_batch(transaction, wanted), list[Decision]()
        else:
            plan, decisions = await carry_out_batch(
                transaction,
                wanted,
                body.digest,
                reason=body.reason,
                actor=access.actor,
                guard=access.without_match().on_flow,
            )
        shown.append(_view(wanted, plan, decisions, applied=not body.preview))
        return Answer(
            shown[0] if access.sees_personal else {**shown[0], "sample": veiled(shown[0]["sample"])}
        )

    # A preview has no effect that a repeat must not have, and is to tell how things are now.
    answer = await (access.without_key() if body.preview else access).change(effect)
    for each in shown:
        await _note_reading(access, each)
    return answer


async def _note_reading(access: Operator, answer: Mapping[str, Any]) -> None:
    """The sample shows what assets are now, as GET /assets does."""
    sample = answer["sample"]
    now = [
        {name: each["old"] for name, each in row["changes"].items()} | {"name": row["name"]} for row in sample
    ]
    await access.note_reading(
        access.tenant(), "assets", answer["estate_id"], [row["id"] for row in sample], now
    )


async def _chosen(transaction: SqlTransaction, body: SetAssets) -> tuple[UUID, Sequence[ColumnElement[bool]]]:
    """Estate and conditions. Raises Problem, DoesNotExist, Refused."""
    engagement = transaction.tenant.engagement_id
    if body.ids is not None:
        return await _estate_of(transaction, body.ids), [reads.of_ids(body.ids)]
    assert body.filter is not None
    if body.estate is not None and not await flow_exists(transaction.connection, engagement, body.estate):
        raise DoesNotExist("estate")
    estate = body.estate or await current_estate(transaction.connection, engagement)
    if estate is None:
        raise Refused("no_assets", "The engagement has no estate yet; run a discovery first.")
    given = body.filter
    conditions = reads.filters({name: getattr(given, name) for name in NARROWED_BY}, given.is_target)
    found = await find(transaction.connection, "asset", words(given.q), engagement)
    return estate, conditions + found.conditions(assets.c.id)


async def _estate_of(transaction: SqlTransaction, ids: Sequence[UUID]) -> UUID:
    known = await reads.estates_of(transaction.connection, transaction.tenant.engagement_id, ids)
    estate = None
    for position, id_ in enumerate(ids):
        pointer = f"/ids/{position}"
        if id_ not in known:
            detail = f"There is no asset {id_} in this engagement."
            raise Problem("unknown_asset", detail, status=422, pointer=pointer)
        estate = estate or known[id_]
        if known[id_] != estate:
            detail = "The assets are of several estates; send a batch for each."
            raise Problem("several_estates", detail, status=422, pointer=pointer)
    assert estate is not None
    return estate


def _view(batch: Batch, plan: BatchPlan, decisions: Sequence[Decision], *, applied: bool) -> dict[str, Any]:
    new = {name: plain(value) for name, value in batch.values.items()}
    return {
        "estate_id": batch.estate,
        "digest": plan.digest,
        "count": len(plan.chosen),
        "unchanged": plan.unchanged,
        "sample": [
            {
                **{name: row[name] for name in ("id", "natural_key", "name")},
                "changes": {name: {"old": plain(row["old"][name]), "new": new[name]} for name in new},
            }
            for row in plan.chosen[:_SAMPLE]
        ],
        "applied": applied,
        "decisions": [_made(decision) for decision in decisions],
    }


def _made(decision: Decision) -> dict[str, Any]:
    numbers = [human.number for _, human in decision.decisions]
    return {
        "flow_id": decision.flow.id,
        "first": numbers[0],
        "last": numbers[-1],
        "etag": str(decision.flow.lock_version),
        "stale": [phase.name for phase in decision.flow.phases if phase.stale],
    }
