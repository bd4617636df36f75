"""Takes replies from the broker: announcements to the registry, all else in batches through the intake."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from itertools import groupby

import structlog

from caravan_common.artifacts import ArtifactStore, ArtifactStoreUnavailable, belongs
from caravan_common.bus import Delivery
from caravan_common.contracts import (
    ArtifactRef,
    AttemptStarted,
    ErrorInfo,
    ErrorKind,
    FlowTypeAnnounced,
    PhaseCompleted,
    PhaseFailed,
    Reply,
    Tenant,
    decode,
)
from caravan_orchestrator.consumers.batching import Batcher
from caravan_orchestrator.store.failures import is_passing, retried_in_place
from caravan_orchestrator.usecases.intake import BATCH, take_in
from caravan_orchestrator.usecases.poison import POISON_REPLY, fail_poisoned
from caravan_orchestrator.usecases.ports import Database

log = structlog.get_logger()

# Under load a reply waits this long for others: a transaction of ten costs little more than one of three.
GATHER_SECONDS = 0.005


class UnknownAttempt(ValueError):
    """A reply for an attempt nobody gave out: parked, so that an operator sees it."""


class ReplyConsumer:
    """Acks only after the commit; a repeat is known to the inbox. `announced` registers flow types."""

    def __init__(
        self,
        database: Database,
        store: ArtifactStore,
        announced: Callable[[FlowTypeAnnounced, str | None], Awaitable[None]],
        may_reply: Callable[[str | None, Sequence[Reply]], Awaitable[None]],
        kick: Callable[[Collection[str]], None],
    ) -> None:
        self._database, self._store, self._announced, self._kick = database, store, announced, kick
        self._may_reply = may_reply
        self._batcher: Batcher[Reply] = Batcher(self.take, BATCH, is_passing, gather=GATHER_SECONDS)

    async def handle(self, delivery: Delivery) -> None:
        """The bus's handler. What escapes is a fault of content and parks the message."""
        message = decode(delivery.type, delivery.body)
        if isinstance(message, FlowTypeAnnounced):
            await retried_in_place(lambda: self._announced(message, delivery.user_id))
        elif isinstance(message, Reply):
            await self._may_reply(delivery.user_id, [message])
            await self._put(message)
        else:
            raise TypeError(f"{delivery.type} is not a reply")
        await delivery.ack()

    async def _put(self, reply: Reply) -> None:
        """What can't be taken in is parked by whoever catches this, and its flow is told: nobody will answer again."""
        try:
            await self._batcher.put(reply)
        except UnknownAttempt:
            raise
        except Exception:
            if not isinstance(reply, AttemptStarted):
                await retried_in_place(lambda: self._tell_flow(reply))
            raise

    async def _tell_flow(self, reply: Reply) -> None:
        tenant = (await self._database.tenants_of({reply.attempt_id}))[reply.attempt_id]
        await fail_poisoned(
            self._database,
            tenant,
            reply.flow_id,
            reply.attempt_id,
            reply.epoch,
            run_id=reply.run_id,
            error=POISON_REPLY,
        )

    async def take(self, replies: Sequence[Reply]) -> None:
        """One transaction a tenant. Raises UnknownAttempt."""
        tenants = await self._database.tenants_of({reply.attempt_id for reply in replies})
        unknown = [reply.attempt_id for reply in replies if reply.attempt_id not in tenants]
        if unknown:
            raise UnknownAttempt(f"no attempt {unknown[0]} was ever given out")

        def by_tenant(reply: Reply) -> str:
            tenant = tenants[reply.attempt_id]
            return f"{tenant.client_account_id}{tenant.engagement_id}"

        for _, group in groupby(sorted(replies, key=by_tenant), key=by_tenant):
            same = list(group)
            tenant = tenants[same[0].attempt_id]
            checked = [await self._verified(reply, tenant) for reply in same]
            self._kick(await take_in(self._database, tenant, checked))

    async def _verified(self, reply: Reply, tenant: Tenant) -> Reply:
        """Acceptance checks that every artifact exists with its size, below the attempt's own prefix."""
        if not isinstance(reply, PhaseCompleted):
            return reply
        named = [(f"dataset {manifest.name}", manifest.artifact) for manifest in reply.datasets]
        if reply.transcript is not None:
            named.append(("the transcript", reply.transcript))
        for name, artifact in named:
            problem = await self._problem_with(name, artifact, tenant, reply)
            if problem is not None:
                log.warning("orchestrator.artifact_refused", attempt=str(reply.attempt_id), code=problem.code)
                return _failed(reply, problem)
        return reply

    async def _problem_with(
        self, name: str, artifact: ArtifactRef, tenant: Tenant, reply: PhaseCompleted
    ) -> ErrorInfo | None:
        prefix = f"{tenant.client_account_id}/{tenant.engagement_id}/{reply.flow_id}/{reply.attempt_id}"
        if not belongs(artifact.key, prefix):
            return ErrorInfo(
                kind=ErrorKind.PERMANENT,
                code="foreign_artifact",
                message=f"The worker named an artifact outside its own attempt for {name}.",
            )
        try:
            size = await self._size(artifact.key)
        except ArtifactStoreUnavailable:
            await asyncio.sleep(0.5)
            return await self._problem_with(name, artifact, tenant, reply)
        if size != artifact.size:
            return ErrorInfo(
                kind=ErrorKind.RETRIABLE,
                code="artifact_missing",
                message=f"The artifact of {name} is missing or incomplete in the store.",
            )
        return None

    async def _size(self, key: str) -> int | None:
        # A local file's size is one system call: cheaper than a thread or a task.
        return self._store.size(key) if self._store.local else await self._store.size_async(key)


def _failed(reply: PhaseCompleted, error: ErrorInfo) -> PhaseFailed:
    return PhaseFailed(
        message_id=reply.message_id,
        attempt_id=reply.attempt_id,
        epoch=reply.epoch,
        run_id=reply.run_id,
        flow_id=reply.flow_id,
        worker=reply.worker,
        usage=reply.usage,
        error=error,
        seconds=reply.seconds,
    )
