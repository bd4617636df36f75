"""The model's side of what loops claim: outbox, due work, lease clock. One statement each, committed at once."""

from collections.abc import Callable, Collection, Mapping, Sequence
from uuid import UUID

from caravan_orchestrator.store.dispatch import CLAIM_SECONDS, DueRow, OutboxRow, UnstartedRow
from tests.simulation.database import DatabaseAway, Server
from tests.simulation.kernel import Process
from tests.simulation.tables import OutboxMessage

# A relay polls twice a second; a command that waits for its window is not looked at that often.
_LOOK_AGAIN = 5.0


class ModelDispatch:
    """See store.dispatch.Dispatch. `observe_sent` hears of every row that is marked sent."""

    def __init__(
        self, server: Server, process: Process, observe_sent: Callable[[OutboxMessage], None]
    ) -> None:
        self._server, self._process, self._tables = server, process, server.tables
        self._observe_sent = observe_sent

    async def _statement(self) -> float:
        await self._process.step()
        now = self._server.kernel.now
        if now < self._server.down_until or self._server.faults.hits("statement_fails"):
            raise DatabaseAway("the connection was lost")
        return now

    async def claim_commands(self, windows: Mapping[str, int], default_window: int) -> list[OutboxRow]:
        """Counts in one moment and claims in another, as a statement's snapshot does."""
        now = await self._statement()
        if not any(row.kind == "command" and _free(row, now) for row in self._tables.outbox.values()):
            return []
        chosen = self._candidates(windows, default_window, now)
        now = await self._statement()
        return [claimed for row in chosen if (claimed := self._claim(row, now))]

    def _candidates(self, windows: Mapping[str, int], default: int, now: float) -> list[OutboxMessage]:
        """The client with the fewest commands out first, up to what the queue's window has free."""
        commands = [row for row in self._tables.outbox.values() if row.kind == "command"]
        chosen: list[OutboxMessage] = []
        for key in sorted({row.routing_key for row in commands}):
            mine = [row for row in commands if row.routing_key == key]
            out: dict[UUID, int] = {}
            for row in mine:
                out[row.client] = out.get(row.client, 0) + (not _free(row, now))
            free = windows.get(key, default) - sum(out.values())
            places: list[tuple[int, UUID, OutboxMessage]] = []
            for client, count in out.items():
                waiting = sorted(
                    (r for r in mine if r.client == client and _free(r, now)), key=lambda r: r.id
                )
                places += [(count + n, row.id, row) for n, row in enumerate(waiting[: max(free, 0)], 1)]
            places.sort(key=lambda place: place[:2])
            chosen += [row for _, _, row in places[: max(free, 0)]]
        return chosen

    async def claim_others(self, limit: int) -> list[OutboxRow]:
        now = await self._statement()
        rows = [r for r in self._tables.outbox.values() if r.kind != "command" and _free(r, now)]
        rows.sort(key=lambda row: row.id)
        return [claimed for row in rows[:limit] if (claimed := self._claim(row, now))]

    def _claim(self, row: OutboxMessage, now: float) -> OutboxRow | None:
        if self._tables.outbox.get(row.id) is not row or not _free(row, now) or row.busy is not None:
            return None
        row.claimed_until = now + CLAIM_SECONDS
        return row.as_claimed()

    async def mark_sent(self, ids: Collection[UUID]) -> None:
        now = await self._statement()
        for id_ in ids:
            row = self._tables.outbox.get(id_)
            if row is None:
                continue
            self._observe_sent(row)
            if row.kind == "command":
                row.sent_at, row.claimed_until = now, None
            else:
                del self._tables.outbox[id_]

    async def release(self, ids: Collection[UUID], seconds: float) -> None:
        now = await self._statement()
        for id_ in ids:
            row = self._tables.outbox.get(id_)
            if row is not None and row.sent_at is None:
                row.claimed_until = now + seconds

    async def unstarted(self, seconds: float) -> list[UnstartedRow]:
        now = await self._statement()
        return [UnstartedRow(r.id, r.routing_key) for r in self._long_out(now - seconds)]

    async def send_again(self, ids: Collection[UUID], seconds: float) -> None:
        now = await self._statement()
        for row in self._long_out(now - seconds):
            if row.id in ids:
                row.sent_at = None

    def any_unstarted(self, seconds: float) -> bool:
        """Whether a look would find anything."""
        return bool(self._long_out(self._server.kernel.now - seconds))

    def _long_out(self, since: float) -> list[OutboxMessage]:
        leases = {r.id for r in self._tables.due.values() if r.kind == "lease"}
        return [
            r
            for r in self._tables.outbox.values()
            if r.kind == "command"
            and r.sent_at is not None
            and r.sent_at < since
            and r.attempt_id not in leases
        ]

    async def claim_due(self, kind: str, limit: int, visibility: float) -> list[DueRow]:
        now = await self._statement()
        rows = [r for r in self._tables.due.values() if r.kind == kind and r.at is not None and r.at <= now]
        rows.sort(key=lambda row: (row.at, row.id))
        for row in rows[:limit]:
            row.at = now + visibility
        return [DueRow(r.id, r.flow_id, r.tenant, r.generation) for r in rows[:limit]]

    async def set_aside(self, kind: str, row: DueRow, seconds: float) -> None:
        """Only what failed for no reason that passes: here that is a fault."""
        raise AssertionError(f"the {kind} of {row.id} could not be ended")

    async def done(self, kind: str, row: DueRow) -> None:
        await self._statement()
        stored = self._tables.due.get((kind, row.id))
        if stored is not None and stored.generation == row.generation:
            del self._tables.due[kind, row.id]

    async def advance_lease_clock(self, most: float) -> None:
        await self._statement()
        self._tables.advance_lease_clock(most)

    async def expired_leases(self, limit: int) -> list[DueRow]:
        await self._statement()
        clock = self._tables.lease_clock
        rows = [r for r in self._tables.due.values() if r.kind == "lease" and r.lease_at <= clock]
        rows.sort(key=lambda row: (row.lease_at, row.id))
        return [DueRow(r.id, r.flow_id, r.tenant, r.generation) for r in rows[:limit]]

    def next_work(self, kinds: Sequence[str]) -> float | None:
        """When a loop that polls would next find something; null: not before a commit."""
        times = [r.at for r in self._tables.due.values() if r.kind in kinds and r.at is not None]
        return min(times) if times else None

    def next_unclaimed_command(self) -> float | None:
        """As `next_work`. A free command that a round has left waits for its window, and that for a commit."""
        now = self._server.kernel.now
        waiting = [r for r in self._tables.outbox.values() if r.kind == "command" and r.sent_at is None]
        times = [now + _LOOK_AGAIN if _free(r, now) else r.claimed_until or now for r in waiting]
        return min(times) if times else None

    def next_unclaimed_other(self) -> float | None:
        """As `next_work`, of events and cancels."""
        now = self._server.kernel.now
        times = [r.claimed_until or now for r in self._tables.outbox.values() if r.kind != "command"]
        return min(times) if times else None


def _free(row: OutboxMessage, now: float) -> bool:
    return row.sent_at is None and (row.claimed_until is None or row.claimed_until <= now)
