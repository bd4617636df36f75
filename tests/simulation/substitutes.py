"""What stands in where production reaches SQL, random ids, the clock or the log by itself."""

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from caravan_orchestrator.consumers import dead_letters, heartbeats
from caravan_orchestrator.domain.draft import Draft
from caravan_orchestrator.loops import proving, redelivery, relay
from caravan_orchestrator.store import failures
from caravan_orchestrator.store.dead_letters import SentCommand
from caravan_orchestrator.usecases import intake
from tests.simulation.database import ModelTransaction, Session
from tests.simulation.kernel import pause
from tests.simulation.proof import compute_proof

if TYPE_CHECKING:
    from tests.simulation.world import World


class _Silence:
    def __getattr__(self, _: str) -> Any:
        return lambda *args, **fields: None


def substitutes(world: "World") -> list[tuple[Any, str, Any]]:
    """Where production reaches SQL, random ids or the log by itworld."""
    taking = intake.take_reply  # type: ignore[attr-defined]

    def take_reply(draft: Draft, reply: Any) -> None:
        world.watch.reply_taken_in(draft.before, reply)
        taking(draft, reply)

    async def park(session: Session, letter: Any) -> None:
        await session.statement()
        world.tables.parked.add(letter.message_id)

    async def find_command(session: Session, message_id: str | None, queue: str) -> SentCommand | None:
        await session.statement()
        rows = (row for row in world.tables.outbox.values() if str(row.id) == message_id)
        sent = (row for row in rows if row.kind == "command" and row.routing_key == queue)
        found = next((row for row in sent if row.attempt_id), None)
        if found is None or found.attempt_id is None:
            return None
        return SentCommand(found.flow_id, found.attempt_id, found.epoch)

    async def renew(transaction: ModelTransaction, beats: Any) -> set[UUID]:
        return await transaction.renew_leases(beats)

    async def prove(transaction: Any, *ids: UUID) -> dict[str, Any] | None:
        return compute_proof(world, *ids)

    return [
        (Draft.__init__, "__defaults__", (world.new_id,)),
        (intake, "take_reply", take_reply),
        (dead_letters, "park", park),
        (dead_letters, "find_command", find_command),
        (failures, "asyncio", SimpleNamespace(sleep=pause, TimeoutError=TimeoutError)),
        (dead_letters, "log", _Silence()),
        (redelivery, "log", _Silence()),
        (relay, "log", _Silence()),
        (heartbeats, "renew_leases", renew),
        (proving, "compute_proof", prove),
    ]
