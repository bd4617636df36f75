"""When index and fold of a large dataset let a phase of the same flow go first: while one runs, but not for long.

Where they share a machine, a flow waits for its phases, and nobody yet for the rows of a phase that is just over.
"""

from collections.abc import Collection
from uuid import UUID

from caravan_orchestrator.store.database import SqlTransaction

# Less than this is done before it is missed.
LARGE = 200_000
# However long a flow runs, it is waited for no longer than this.
MOST_SECONDS = 60.0
# How often it is asked again.
PAUSE_SECONDS = 2.0

_AT_WORK = (
    "exists (select from phase_attempts a where a.flow_id = f.id and a.status in ('dispatched', 'running'))"
)
_INDEX = f"""
select d.id from datasets d join migration_flows f on f.id = d.flow_id
where d.id = any($1) and d.rows >= $2 and d.created_at > now() - make_interval(secs => $3) and {_AT_WORK}
"""
_FOLD = f"""
select exists (
    select from datasets d where d.id = $2 and d.rows >= $3 and d.indexed_at > now() - make_interval(secs => $4))
  and exists (select from migration_flows f where f.estate_id = $1 and {_AT_WORK})
"""


async def find_waiting(transaction: SqlTransaction, datasets: Collection[UUID]) -> set[UUID]:
    """Those of the datasets whose rows wait for a phase of their flow."""
    found = await transaction.run_long(_INDEX, list(datasets), LARGE, MOST_SECONDS)
    return {row[0] for row in found}


async def must_wait(transaction: SqlTransaction, estate: UUID, dataset: UUID) -> bool:
    """Whether the first fold of the estate, out of this dataset, waits for a phase of one of its flows."""
    [[waits]] = await transaction.run_long(_FOLD, estate, dataset, LARGE, MOST_SECONDS)
    return bool(waits)
