"""Prunes what has served: inbox rows older than any redelivery."""

from caravan_orchestrator.store.dispatch import Dispatch

BATCH = 20_000
_PRUNE_INBOX = """
delete from running.inbox where message_id in (
  select message_id from running.inbox where received_at < now() - interval '7 days' limit $1)
"""


class Housekeeping:
    def __init__(self, dispatch: Dispatch) -> None:
        self._dispatch = dispatch

    async def step(self) -> bool:
        await self._dispatch.execute(_PRUNE_INBOX, BATCH)
        return False
