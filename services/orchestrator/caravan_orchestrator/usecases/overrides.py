"""Attributes of assets that people set: which phase takes them, and what is shown until the fold says the same."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, column, func, literal, update
from sqlalchemy.dialects.postgresql import JSONB

from caravan_common.contracts import DecisionKind, HumanDecision
from caravan_orchestrator.domain import people
from caravan_orchestrator.domain.draft import Draft
from caravan_orchestrator.domain.errors import Refused
from caravan_orchestrator.store.database import SqlTransaction
from caravan_orchestrator.store.fold import drop_counts
from caravan_orchestrator.store.reads.assets import asset_phases
from caravan_orchestrator.store.tables.assets import assets
from caravan_orchestrator.usecases.changes import Guard, change_flow

# The flow and the phase that own attributes → their names.
Owners = dict[tuple[UUID, str], list[str]]


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


async def lock_owners(transaction: SqlTransaction, estate: UUID, names: Collection[str]) -> Owners:
    """As `attribute_owners`, of which it locks the flows. Raises Refused, DoesNotExist."""
    locked: set[UUID] = set()
    while True:
        owners = await attribute_owners(transaction, estate, names)
        flows = {flow for flow, _ in owners}
        if flows <= locked:
            return owners
        # Before it had the locks, another phase may have come to show assets, of another flow.
        await transaction.lock_flows(flows - locked)
        locked |= flows


async def override_asset(
    transaction: SqlTransaction,
    asset: Mapping[str, Any],
    *,
    owner: tuple[UUID, str],
    values: Mapping[str, Any],
    reason: str,
    actor: str,
    guard: Guard[HumanDecision],
) -> HumanDecision:
    """`owner` is the flow and phase whose rows the asset comes from. Raises Refused, DoesNotExist."""

    def order(draft: Draft) -> HumanDecision:
        made = people.record_decision(
            draft,
            kind=DecisionKind.OVERRIDE,
            phase=owner[1],
            subject=asset["natural_key"],
            value={name: plain(value) for name, value in values.items()},
            old={name: plain(asset[name]) for name in values},
            actor=actor,
            reason=reason,
        )
        draft.follow_up("fold", draft.flow.estate_id)
        return made

    _, made = await change_flow(transaction, owner[0], guard(order))
    numbers = {asset["id"]: dict.fromkeys(values, made.number)}
    await show_overrides(transaction, asset["estate_id"], values, numbers)
    return made


async def show_overrides(
    transaction: SqlTransaction,
    estate: UUID,
    values: Mapping[str, Any],
    numbers: Mapping[UUID, Mapping[str, int]],
) -> None:
    """The fold that follows says the same; the table is changed here too, so that whoever asks next sees what was set.

    `numbers`: by asset and attribute, that of the decision.
    """
    await drop_counts(transaction, estate)
    rows = [{"id": str(id_), "numbers": dict(mine)} for id_, mine in numbers.items()]
    given = func.jsonb_to_recordset(literal(rows, JSONB))
    set_ = given.table_valued(column("id", Uuid), column("numbers", JSONB)).render_derived(with_types=True)
    await transaction.connection.execute(
        update(assets)
        .where(assets.c.id == set_.c.id)
        .values(
            **values,
            overridden=assets.c.overridden.op("||")(set_.c.numbers),
            updated_at=func.now(),
        )
    )


def plain(value: Any) -> Any:
    """As JSON holds it: decisions are hashed and sent as JSON."""
    return value.isoformat() if isinstance(value, datetime) else value
