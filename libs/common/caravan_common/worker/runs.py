"""The runs this worker has in hand: what is known of each, and which command belongs to which."""

import asyncio
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from pydantic import TypeAdapter

from caravan_common.bus import Delivery, OutgoingMessage
from caravan_common.contracts import CancelAttempt, Command, Reply, Usage, new_id
from caravan_common.worker.children import Task
from caravan_common.worker.slots import Slot

_USAGE = TypeAdapter(tuple[Usage, ...])
_REMEMBERED = 1024
_REMEMBERED_BYTES = 16 << 10

Key = tuple[UUID, int]


class Stop(StrEnum):
    """Why a run's child was killed by us."""

    TIMEOUT = "timeout"
    CANCELLED = "cancelled"
    SILENT = "silent"
    STOPPING = "stopping"
    SUPERSEDED = "superseded"


@dataclass(eq=False)
class Run:
    """One run of an attempt, from its delivery until its final reply is confirmed.

    `confirmed_at`: when the last message about it that the broker confirmed was sent, on the lease's clock.
    `acked`: AttemptStarted was confirmed and the delivery given up; from then on the lease guards the run.
    `claimed`: of a unit, whether it holds the claim of its epoch; None while that is not known, and for all else.
    `holds_slot`: its slot takes no other delivery although this one is acked.
    `said`: its final reply, once confirmed.
    `settled`: nothing of its deliveries is left to be done.
    """

    command: Command
    command_type: str
    worker: str
    slot: Slot
    deliveries: list[Delivery]
    run_id: UUID = field(default_factory=new_id)
    traceparent: str | None = None
    task: Task | None = None
    stop: Stop | None = None
    stop_reason: str = ""
    confirmed_at: float = 0.0
    acked: bool = False
    claimed: bool | None = None
    holds_slot: bool = False
    said: OutgoingMessage | None = None
    settled: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def key(self) -> Key:
        return self.command.attempt_id, self.command.epoch

    @property
    def working(self) -> bool:
        """Whether a child has it, or will."""
        return self.task is not None and not self.task.result.done()

    @property
    def usage(self) -> tuple[Usage, ...]:
        """As its child last reported."""
        return _USAGE.validate_json(self.task.usage) if self.task else ()

    def reply(self, kind: type[Reply], **fields: object) -> Reply:
        """A reply of this run."""
        return kind.model_validate(
            {
                "attempt_id": self.command.attempt_id,
                "epoch": self.command.epoch,
                "run_id": self.run_id,
                "flow_id": self.command.flow_id,
                "worker": self.worker,
                "usage": self.usage,
                **fields,
            }
        )

    async def ack(self) -> None:
        """Gives up its deliveries. One that is no longer ours comes again and meets the run by its key."""
        self.acked = True
        while self.deliveries:
            await self.deliveries.pop().ack()
        self.settled.set()

    async def hold_slot(self) -> None:
        """Before the ack of a run whose work goes on."""
        self.holds_slot = True
        await self.slot.take()

    async def free_slot(self) -> None:
        """When its work has ended. Repeating it changes nothing."""
        if self.holds_slot:
            self.holds_slot = False
            await self.slot.free()

    async def hand_back(self) -> None:
        """Returns its deliveries to the queue."""
        while self.deliveries:
            await self.deliveries.pop().requeue()
        self.settled.set()


class Runs:
    """By attempt and epoch; and, for a while, those whose final reply was confirmed, with a reply that is not large."""

    def __init__(self) -> None:
        self._runs: dict[Key, Run] = {}
        self._ended: OrderedDict[Key, OutgoingMessage | None] = OrderedDict()

    def __iter__(self) -> Iterator[Run]:
        return iter(list(self._runs.values()))

    def __len__(self) -> int:
        return len(self._runs)

    def find(self, key: Key) -> Run | None:
        return self._runs.get(key)

    def has_ended(self, key: Key) -> bool:
        """Whether its final reply is already with the orchestrator."""
        return key in self._ended

    def reply_of(self, key: Key) -> OutgoingMessage | None:
        """The final reply of a run that has ended, to be said again."""
        return self._ended.get(key)

    def add(self, run: Run) -> None:
        self._runs[run.key] = run

    def remove(self, run: Run, *, ended: bool) -> None:
        """With `ended` a repeated command for it is known to need nothing more."""
        self._runs.pop(run.key, None)
        if ended:
            small = run.said is not None and len(run.said.body) <= _REMEMBERED_BYTES
            self._ended[run.key] = run.said if small else None
            if len(self._ended) > _REMEMBERED:
                self._ended.popitem(last=False)

    def meant_by(self, cancel: CancelAttempt) -> list[Run]:
        """The runs a CancelAttempt speaks of."""
        return [
            run
            for run in self
            if run.command.attempt_id == cancel.attempt_id
            and run.command.epoch <= cancel.epoch
            and cancel.run_id in (None, run.run_id)
        ]

    def older_than(self, command: Command) -> list[Run]:
        """Runs of the same attempt under a lower epoch."""
        return [
            run
            for run in self
            if run.command.attempt_id == command.attempt_id and run.command.epoch < command.epoch
        ]
