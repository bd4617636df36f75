"""Chains the heads of all audit chains once a minute, so that a tail cut off a chain shows."""

from sqlalchemy.ext.asyncio import AsyncEngine

from caravan_orchestrator.store.audit import seal_heads


class Sealing:
    def __init__(self, dispatch: AsyncEngine) -> None:
        self._dispatch = dispatch

    async def step(self) -> bool:
        return await seal_heads(self._dispatch)
