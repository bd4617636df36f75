"""Setting attributes of many assets at once: planned, shown with a digest, and carried out as it was shown."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement

from caravan_common.contracts import HumanDecision
from caravan_orchestrator.domain.batches import Override, override_together
from caravan_orchestrator.domain.decision import Decision
from caravan_orchestrator.domain.draft import Draft
from caravan_orchestrator.domain.errors import Refused
from caravan_orchestrator.store.codec import to_json
from caravan_orchestrator.store.database import SqlTransaction
from caravan_orchestrator.store.fold import lock_fold
from caravan_orchestrator.store.reads.assets import assets_to_set
from caravan_orchestrator.usecases.changes import Guard, change_flow
from caravan_orchestrator.usecases.overrides import (
    Owners,
    attribute_owners,
    lock_owners,
    plain,
    show_overrides,
)


@dataclass(frozen=True)
class Batch:
    """What is to be set on which assets of one estate. `values` are in the attributes' types."""

    estate: UUID
    conditions: Sequence[ColumnElement[bool]]
    values: Mapping[str, Any]
    limit: int


@dataclass(frozen=True)
class BatchPlan:
    """`chosen`: assets with at least one attribute that no person has set to this value yet, by id: id, natural_key,
    name, overridden, old. `digest` is over all that the plan depends on."""

    owners: Owners
    chosen: Sequence[Mapping[str, Any]]
    unchanged: int
    digest: str


async def plan_batch(transaction: SqlTransaction, batch: Batch) -> BatchPlan:
    """Changes nothing. Raises Refused."""
    owners = await attribute_owners(transaction, batch.estate, batch.values)
    return await _plan(transaction, batch, owners)


async def carry_out_batch(
    transaction: SqlTransaction,
    batch: Batch,
    digest: str,
    *,
    reason: str,
    actor: str,
    guard: Guard[list[HumanDecision]],
) -> tuple[BatchPlan, list[Decision]]:
    """Under the locks of the flows that own the attributes, and of the estate's fold: what was shown is what is done.

    Raises Refused, also when the plan has another digest by now.
    """
    owners = await lock_owners(transaction, batch.estate, batch.values)
    # A fold changes the same rows in an order of its own.
    await lock_fold(transaction, batch.estate)
    plan = await _plan(transaction, batch, owners)
    if plan.digest != digest:
        raise Refused("stale_digest", "The assets have changed since the batch was planned; plan it again.")
    decisions: list[Decision] = []
    numbers: dict[UUID, dict[str, int]] = {}
    for (flow_id, phase), names in owners.items():
        mine = [(row, new) for row in plan.chosen if (new := _not_yet_set(row, names, batch.values))]
        if not mine:
            continue
        overrides = [_override(row, new, batch.values) for row, new in mine]

        def order(
            draft: Draft, phase: str = phase, overrides: list[Override] = overrides
        ) -> list[HumanDecision]:
            made = override_together(
                draft, overrides, phase=phase, digest=plan.digest, actor=actor, reason=reason
            )
            draft.follow_up("fold", draft.flow.estate_id)
            return made

        decision, made = await change_flow(transaction, flow_id, guard(order))
        decisions.append(decision)
        for (row, new), human in zip(mine, made, strict=True):
            numbers.setdefault(row["id"], {}).update(dict.fromkeys(new, human.number))
    if numbers:
        await show_overrides(transaction, batch.estate, batch.values, numbers)
    return plan, decisions


async def _plan(transaction: SqlTransaction, batch: Batch, owners: Owners) -> BatchPlan:
    found = await assets_to_set(
        transaction.connection,
        transaction.tenant.engagement_id,
        batch.estate,
        list(batch.values),
        batch.conditions,
        limit=batch.limit,
    )
    if len(found) > batch.limit:
        detail = f"A batch sets at most {batch.limit:,} assets; narrow it, and do the rest in further ones."
        raise Refused("too_many_assets", detail, status=422)
    chosen = [row for row in found if _not_yet_set(row, batch.values, batch.values)]
    return BatchPlan(owners, chosen, len(found) - len(chosen), _digest(batch, owners, chosen))


def _not_yet_set(row: Mapping[str, Any], names: Collection[str], values: Mapping[str, Any]) -> list[str]:
    """Of the attributes, those that no person has set to this value."""
    return [name for name in names if row["old"][name] != values[name] or name not in row["overridden"]]


def _override(row: Mapping[str, Any], names: Collection[str], values: Mapping[str, Any]) -> Override:
    return Override(
        row["natural_key"],
        {name: plain(values[name]) for name in names},
        {name: plain(row["old"][name]) for name in names},
    )


def _digest(batch: Batch, owners: Owners, chosen: Sequence[Mapping[str, Any]]) -> str:
    told = {
        "estate": batch.estate,
        "values": sorted((name, plain(value)) for name, value in batch.values.items()),
        "owners": sorted([str(flow), phase, sorted(names)] for (flow, phase), names in owners.items()),
        "assets": [
            [row["id"], sorted(row["old"].items()), sorted(row["overridden"].items())] for row in chosen
        ],
    }
    return hashlib.sha256(to_json(told).encode()).hexdigest()
