"""Setting attributes of many assets at once: planned, shown with a digest, and carried out as it was shown."""

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, column, func, literal, update
from sqlalchemy.dialects.postgresql import JSONB

from caravan_common.contracts import HumanDecision
from caravan_orchestrator.domain.batches import Override, override_together
from caravan_orchestrator.domain.decision import Decision
from caravan_orchestrator.domain.draft import Draft
from caravan_orchestrator.domain.errors import Refused
from caravan_orchestrator.store.codec import to_json
from caravan_orchestrator.store.database import SqlTransaction
from caravan_orchestrator.store.fold import DROP_COUNTS, LOCK_COUNTS
from caravan_orchestrator.store.reads.assets import asset_phases, assets_to_set
from caravan_orchestrator.store.tables.assets import assets
from caravan_orchestrator.usecases.changes import change_flow

# The flow and the phase that own attributes → their names.
Owners = dict[tuple[UUID, str], list[str]]
Order = Callable[[Draft], list[HumanDecision]]
Guard = Callable[[Order], Order]


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


async def attribute_owners(transaction: SqlTransaction, estate: UUID, names: Collection[str]) -> Owners:
    """What no flow declares goes to the phase that made the assets. Raises Refused."""
    phases = await asset_phases(transaction.connection, estate)
    if not phases:
        raise Refused("no_assets", "No phase of this estate shows assets now; run one first.")
    owners: Owners = {}
    for name in names:
        owner = phases[-1]
        for phase in phases:
            definition = await transaction.definition(phase["flow_type"], phase["definition_version"])
            if name in definition.asset_columns:
                owner = phase
                break
        owners.setdefault((owner["flow_id"], owner["phase"]), []).append(name)
    return owners


async def plan_batch(transaction: SqlTransaction, batch: Batch) -> BatchPlan:
    """Changes nothing. Raises Refused."""
    owners = await attribute_owners(transaction, batch.estate, batch.values)
    return await _plan(transaction, batch, owners)


async def carry_out_batch(
    transaction: SqlTransaction, batch: Batch, digest: str, *, reason: str, actor: str, guard: Guard
) -> tuple[BatchPlan, list[Decision]]:
    """Under the locks of the flows that own the attributes, and of the estate's fold: what was shown is what is done.

    Raises Refused, also when the plan has another digest by now.
    """
    owners = await attribute_owners(transaction, batch.estate, batch.values)
    await transaction.lock_flows({flow for flow, _ in owners})
    # A fold changes the same rows in an order of its own.
    await transaction.connection.exec_driver_sql(
        "select pg_advisory_xact_lock(hashtextextended($1, 0))", (f"fold {batch.estate}",)
    )
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
        await _show(transaction, batch, numbers)
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


async def _show(transaction: SqlTransaction, batch: Batch, numbers: Mapping[UUID, Mapping[str, int]]) -> None:
    """The fold that follows says the same; the table is changed here too, so that whoever asks next sees it."""
    # Until the fold has counted anew, facets are counted when asked.
    for statement in (LOCK_COUNTS, DROP_COUNTS):
        await transaction.connection.exec_driver_sql(statement, (batch.estate,))
    rows = [{"id": str(id_), "numbers": dict(mine)} for id_, mine in numbers.items()]
    given = func.jsonb_to_recordset(literal(rows, JSONB))
    set_ = given.table_valued(column("id", Uuid), column("numbers", JSONB)).render_derived(with_types=True)
    await transaction.connection.execute(
        update(assets)
        .where(assets.c.id == set_.c.id)
        .values(
            **batch.values,
            overridden=assets.c.overridden.op("||")(set_.c.numbers),
            updated_at=func.now(),
        )
    )


def plain(value: Any) -> Any:
    """As JSON holds it: decisions are hashed and sent as JSON."""
    return value.isoformat() if isinstance(value, datetime) else value
