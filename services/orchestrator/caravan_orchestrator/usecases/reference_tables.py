"""Puts a table of facts in force for a client; what was computed with another is shown as stale, in one transaction."""

from collections.abc import Mapping
from typing import Any

from caravan_common.artifacts import ArtifactStore
from caravan_orchestrator.domain.errors import DoesNotExist
from caravan_orchestrator.domain.staleness import note_reference_tables
from caravan_orchestrator.store import reference_tables as tables
from caravan_orchestrator.store.database import SqlTransaction
from caravan_orchestrator.usecases.audit import append_audit
from caravan_orchestrator.usecases.changes import locked_flow
from caravan_orchestrator.usecases.drafts import open_draft


async def replace_reference_table(
    transaction: SqlTransaction, store: ArtifactStore, name: str, rows: Mapping[str, str] | None, actor: str
) -> dict[str, Any]:
    """name, digest, rows, changed, stale_flows (how many became stale by it). Null rows: the services' own again.

    Nothing is computed anew; a flow's refresh does that. What is under way goes on with the table it was given and
    ends stale. Raises DoesNotExist where no flow type reads such a table, ArtifactStoreUnavailable.
    """
    types = await tables.flow_types_reading(transaction, name)
    if not types:
        raise DoesNotExist("reference table")
    before = await tables.in_force(transaction, locked=True)
    after = {each: table for each, table in before.items() if each != name}
    if rows is not None:
        after[name] = await tables.write_reference_table(store, transaction.tenant, name, rows)
    told = {"name": name, "digest": None, "rows": 0, "changed": False, "stale_flows": 0}
    if name in after:
        told |= {"digest": after[name].artifact.sha256, "rows": after[name].rows}
    if _digest(before, name) == _digest(after, name):
        return told
    await tables.put_in_force(transaction, after)
    digests = {"old": _digest(before, name), "new": _digest(after, name)}
    await append_audit(transaction, actor, "reference_table.replaced", name, digests)
    stale = 0
    for flow_id in await tables.flows_of(transaction, types):
        # Whoever holds the flow's lock now was given the table before; he is waited for, and his result is looked at.
        flow = await locked_flow(transaction, flow_id)
        draft = await open_draft(transaction, flow)
        if note_reference_tables(draft, await tables.recorded_with_results(transaction, flow_id)):
            draft.audit(actor, "flow.stale", name, digests)
            draft.event("reference_table.replaced", {"name": name})
            await transaction.write([draft.decision()])
            stale += 1
    return told | {"changed": True, "stale_flows": stale}


def _digest(of: Mapping[str, Any], name: str) -> str | None:
    return of[name].artifact.sha256 if name in of else None
