"""Quotas of a client that are held to when something is begun: flows that run, bytes delivered. See store.quotas for
tokens, which are reserved.
"""

from caravan_orchestrator.domain.errors import Refused
from caravan_orchestrator.domain.states import FlowStatus
from caravan_orchestrator.store.database import SqlTransaction
from caravan_orchestrator.store.reads.identity import bytes_uploaded, flows_running

RUNNING = frozenset({FlowStatus.ACTIVE, FlowStatus.WAITING})
_FLOWS_RETRY_SECONDS = 30
_BYTES_RETRY_SECONDS = 3600
# Whoever begins something waits here for whoever begins something already, so that two do not share the last place.
_LIMIT = """
select (quotas ->> $2::text)::bigint from client_accounts
where client_account_id = $1 and quotas ->> $2::text is not null for no key update
"""


async def hold_flows_running(transaction: SqlTransaction, *, soon: int = 0) -> None:
    """After a flow was set running, in the same transaction; `soon`: flows that will run of what was asked for.

    Raises Refused `quota_reached`."""
    most = await _limit(transaction, "flows_running")
    if most is None:
        return
    if await flows_running(transaction.connection, transaction.tenant.client_account_id) + soon > most:
        raise Refused(
            "quota_reached",
            f"The client may run {most:,} flows at a time, and as many run or wait already; let one end or cancel one.",
            status=429,
            retry_after=_FLOWS_RETRY_SECONDS,
        )


async def hold_upload_bytes(transaction: SqlTransaction) -> None:
    """After an upload was recorded, in the same transaction. Raises Refused `quota_reached`."""
    most = await _limit(transaction, "upload_bytes")
    if most is None:
        return
    if await bytes_uploaded(transaction.connection, transaction.tenant.client_account_id) > most:
        raise Refused(
            "quota_reached",
            f"The client may deliver {most:,} bytes in all, and this file would make it more; ask for a larger quota.",
            status=429,
            retry_after=_BYTES_RETRY_SECONDS,
        )


async def _limit(transaction: SqlTransaction, name: str) -> int | None:
    client = transaction.tenant.client_account_id
    found = await transaction.connection.exec_driver_sql(_LIMIT, (client, name))
    limit: int | None = found.scalar_one_or_none()
    return limit
