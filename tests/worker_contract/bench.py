"""A worker on a bus, with the orchestrator's side played by the test: commands out, replies in."""

import asyncio
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from caravan_common.artifacts import STORE_MARK, ArtifactStore, attempt_prefix
from caravan_common.bus import (
    CANCEL_ROUTE,
    DEAD,
    HEARTBEATS,
    REPLIES,
    Bus,
    Delivery,
    NotConfirmed,
    OutgoingMessage,
    command_queue,
    command_route,
)
from caravan_common.contracts import (
    CancelAttempt,
    Command,
    CompensateUnit,
    ExecutePhase,
    ExecuteUnit,
    FlowDefinition,
    Message,
    PhaseDefinition,
    Reply,
    Tenant,
    decode,
    encode,
    new_id,
)
from caravan_common.worker import ChildPool, Service, WorkerRuntime
from tests.support import eventually
from tests.support.echo_service import ECHO_SERVICE

HOLD_SECONDS = 0.3
# Longer than any test: a run that has not ended is held, on a slow machine too.
HELD_SECONDS = 600.0
# Long enough for a busy machine. Only what a lease's end brings about is shown with a short one.
LEASE_SECONDS = 30.0
SHORT_LEASE_SECONDS = 3.0
_BEAT_SECONDS = 0.3
_PATIENCE_SECONDS = 60.0
M = TypeVar("M", bound=Message)


def mark_store(store: ArtifactStore) -> None:
    """As the first orchestrator that uses it does; without the mark a worker takes nothing."""
    store.put_if_absent(STORE_MARK, str(new_id()).encode())


def with_probes(service: Service) -> Service:
    """The service with the echo service's phases and units beside its own."""
    own = service.definition
    added = [phase for phase in ECHO_SERVICE.definition.phases if phase.name not in own.phase_names]
    definition = FlowDefinition.model_validate(
        own.model_dump() | {"phases": (*own.phases, *(PhaseDefinition.model_validate(p) for p in added))}
    )
    return replace(
        service,
        definition=definition,
        phases={**ECHO_SERVICE.phases, **service.phases},
        units={**ECHO_SERVICE.units, **service.units},
    )


async def _no_longer_than_a_beat(seconds: float) -> None:
    """Heartbeats come often, however long the lease: most tests wait for one."""
    await asyncio.sleep(min(seconds, _BEAT_SECONDS))


class CutBus:
    """A bus whose publishing can be cut off, or blocked, for the worker alone. `confirmed`: what it has sent."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self.cut = False
        self.blocked_for = 0.0
        self.confirmed: list[OutgoingMessage] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._bus, name)

    def blocked_seconds(self) -> float:
        return self.blocked_for

    async def publish(self, message: OutgoingMessage) -> None:
        if self.cut:
            raise NotConfirmed("cut by the test")
        await self._bus.publish(message)
        self.confirmed.append(message)


@dataclass
class Bench:
    """`received`: every reply and heartbeat, in the order of arrival, with its headers."""

    bus: Bus
    pool: ChildPool
    service: Service
    folder: Path
    slots: int = 2
    hold_seconds: float = HOLD_SECONDS
    received: list[tuple[Message, Mapping[str, str]]] = field(default_factory=list)
    dead: list[Delivery] = field(default_factory=list)
    tenant: Tenant = field(default_factory=lambda: Tenant(client_account_id=new_id(), engagement_id=new_id()))
    publishing: set["asyncio.Task[None]"] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.worker_bus = CutBus(self.bus)
        self.runtime = WorkerRuntime(
            self.worker_bus,
            self.pool,
            self.service,
            slots=self.slots,
            hold_seconds=self.hold_seconds,
            sleep=_no_longer_than_a_beat,
        )
        self.queue = command_queue(self.service.definition.flow_type, self.service.definition.major)

    async def open(self) -> None:
        await self.listen()
        await self.runtime.start()

    async def listen(self) -> None:
        """The orchestrator's side alone."""
        mark_store(self.pool_store())
        await self.bus.declare_topology()
        await self.bus.declare_queue(self.queue)
        for queue in (REPLIES, HEARTBEATS):
            await self.bus.subscribe(queue, self._receive, prefetch=64)
        await self.bus.subscribe(DEAD, self._bury, prefetch=8)

    async def close(self) -> None:
        await self.runtime.stop()
        for task in self.publishing:
            task.cancel()
        await self.bus.stop()

    async def _receive(self, delivery: Delivery) -> None:
        self.received.append((decode(delivery.type, delivery.body), delivery.headers))
        await delivery.ack()

    async def _bury(self, delivery: Delivery) -> None:
        self.dead.append(delivery)
        await delivery.ack()

    def pool_store(self) -> ArtifactStore:
        """The artifact store that the worker's children write to."""
        return ArtifactStore.open(self.pool.setup.store_url)

    def phase(self, name: str, *, epoch: int = 1, attempt: UUID | None = None, **fields: Any) -> ExecutePhase:
        return ExecutePhase(phase=name, **(self._identity(epoch, attempt) | fields))

    def unit(self, cls: type[ExecuteUnit] | type[CompensateUnit], **fields: Any) -> Command:
        epoch, attempt = fields.pop("epoch", 1), fields.pop("attempt", None)
        return cls(phase="noop", **self._identity(epoch, attempt), **fields)

    def _identity(self, epoch: int, attempt: UUID | None) -> dict[str, Any]:
        attempt, flow = attempt or new_id(), new_id()
        return {
            "attempt_id": attempt,
            "epoch": epoch,
            "flow_id": flow,
            "tenant": self.tenant,
            "flow_type": self.service.definition.flow_type,
            "definition_version": self.service.definition.version,
            "artifact_prefix": attempt_prefix(self.tenant, flow, attempt),
            "lease_seconds": LEASE_SECONDS,
        }

    def send(self, command: Command, headers: Mapping[str, str] | None = None) -> "asyncio.Task[None]":
        """Not awaited: the in-process bus confirms a command no sooner than its ack."""
        return self.send_raw(type(command).__name__, encode(command), headers)

    def send_raw(
        self, kind: str, body: bytes, headers: Mapping[str, str] | None = None
    ) -> "asyncio.Task[None]":
        definition = self.service.definition
        message = OutgoingMessage(
            *command_route(definition.flow_type, definition.major),
            body,
            type=kind,
            message_id=str(new_id()),
            correlation_id="",
            headers=headers or {},
        )
        task = asyncio.create_task(self._publish(message))
        self.publishing.add(task)
        return task

    async def _publish(self, message: OutgoingMessage) -> None:
        with suppress(NotConfirmed):
            await self.bus.publish(message)

    async def cancel(self, cancel: CancelAttempt) -> None:
        await self.bus.publish(
            OutgoingMessage(
                *CANCEL_ROUTE,
                encode(cancel),
                type="CancelAttempt",
                message_id=str(cancel.message_id),
                correlation_id="",
                mandatory=False,
            )
        )

    def of(self, kind: type[M], command: Command | None = None) -> list[M]:
        """What was received of that kind, for that attempt."""
        return [
            message
            for message, _ in self.received
            if isinstance(message, kind)
            and (command is None or (isinstance(message, Reply) and message.attempt_id == command.attempt_id))
        ]

    async def get(
        self, kind: type[M], command: Command | None = None, within: float = _PATIENCE_SECONDS
    ) -> M:
        """The first of that kind, waited for."""

        async def there() -> bool:
            return bool(self.of(kind, command))

        await eventually(there, timeout=within, every=0.01, what=f"{kind.__name__} in {self.received}")
        return self.of(kind, command)[0]

    async def until(self, condition: Any, what: str, within: float = _PATIENCE_SECONDS) -> None:
        async def so() -> bool:
            answer = condition()
            return bool(await answer if asyncio.iscoroutine(answer) else answer)

        await eventually(so, timeout=within, every=0.01, what=what)

    async def pid_in(self, path: Path) -> int:
        """The process id that a phase noted there."""
        await self.until(lambda: bool(_lines(path)), f"a pid in {path}")
        return int(_lines(path)[0])

    async def is_gone(self, pid: int, within: float = 2.0) -> None:
        """Waits until the process has ended; fails after `within` seconds."""
        await self.until(lambda: not _alive(pid), f"the end of process {pid}", within)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _lines(path: Path) -> list[str]:
    """Whole lines only; none while there is no file."""
    text = path.read_text() if path.exists() else ""
    return text.splitlines() if text.endswith("\n") else []
