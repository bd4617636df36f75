"""Heartbeats by the batch: progress onto the attempts, time onto the leases. Newest wins."""

from collections.abc import Sequence
from uuid import UUID

from caravan_common.contracts import AttemptHeartbeat
from caravan_orchestrator.store.codec import to_json
from caravan_orchestrator.store.database import SqlTransaction

_RENEW = """
with alive as (
  update phase_attempts a set fraction = coalesce(r.fraction, a.fraction), note = r.note, lease_losses = 0
  from jsonb_to_recordset($1::jsonb) as r(attempt_id uuid, epoch bigint, run_id uuid, fraction float8, note text)
  where a.id = r.attempt_id and a.epoch = r.epoch and a.run_id = r.run_id and a.status = 'running'
  returning a.id)
update running.due d set lease_at = c.value + d.lease_seconds from alive, running.lease_clock c
where d.kind = 'lease' and d.id = alive.id
returning d.id
"""


async def renew_leases(transaction: SqlTransaction, heartbeats: Sequence[AttemptHeartbeat]) -> set[UUID]:
    """Returns the attempts whose bound run this was; all others need the full intake (stale, or not yet bound)."""
    newest = {heartbeat.attempt_id: heartbeat for heartbeat in heartbeats}
    rows = [
        beat.model_dump(mode="json", include={"attempt_id", "epoch", "run_id", "fraction", "note"})
        for beat in newest.values()
    ]
    result = await transaction.connection.exec_driver_sql(_RENEW, (to_json(rows),))
    return {row[0] for row in result.all()}
