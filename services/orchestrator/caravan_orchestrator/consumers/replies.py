"""Takes replies from the broker: announcements to the registry, all else in batches through the intake."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import structlog
from opentelemetry.trace import SpanKind

from caravan_common.artifacts import ArtifactStore, ArtifactStoreUnavailable, belongs
from caravan_common.bus import BusUnavailable, Delivery
from caravan_common.contracts import (
    ArtifactRef,
    AttemptStarted,
    EditEvaluated,
    ErrorInfo,
    ErrorKind,
    FlowTypeAnnounced,
    HandoffBuilt,
    PhaseCompleted,
    PhaseFailed,
    Reply,
    SelectiveVersionBuilt,
    Tenant,
    decode,
)
from caravan_common.telemetry import attached, traceparent_of, tracer
from caravan_orchestrator.consumers.batching import Batcher
from caravan_orchestrator.domain.model import Origin
from caravan_orchestrator.domain.replies import AnswersNothing
from caravan_orchestrator.domain.tenancy import by_tenant
from caravan_orchestrator.store.failures import is_passing, retried_in_place
from caravan_orchestrator.usecases.intake import BATCH, take_in
from caravan_orchestrator.usecases.poison import POISON_REPLY, fail_poisoned
from caravan_orchestrator.usecases.ports import Database
from caravan_orchestrator.usecases.refusals import Refusal
from caravan_orchestrator.usecases.trust import Trust

log = structlog.get_logger()

Result = PhaseCompleted | SelectiveVersionBuilt
"""Replies whose datasets become results. A handoff's are the flow's own already, and an edit's are never taken over."""

# Under load a reply waits for others, so long for each of the batch before: a transaction of ten costs little more than
# one of three.
GATHER_SECONDS, LONGEST_GATHER_SECONDS = 0.005, 0.025


class UnknownAttempt(ValueError):
    """A reply for an attempt nobody gave out: parked, so that an operator sees it."""


class SenderRefused(ValueError):
    """A reply by another broker user than its flow type's, or for another flow than its attempt's: parked."""


@dataclass(eq=False)
class Incoming:
    """A reply on its way in. `refused` is set instead of raised, so that one forged reply spoils no batch."""

    reply: Reply
    user: str | None
    redelivered: bool
    traceparent: str | None = None
    refused: ValueError | None = None


class ReplyConsumer:
    """Acks only after the commit; a repeat is known to the inbox. `announced` registers flow types."""

    def __init__(
        self,
        database: Database,
        store: ArtifactStore,
        announced: Callable[[FlowTypeAnnounced, str | None], Awaitable[None]],
        trust: Trust,
        refused: Callable[[Refusal], Awaitable[None]],
        kick: Callable[[Collection[str]], None],
    ) -> None:
        """`refused` writes a refusal down."""
        self._database, self._store, self._announced, self._kick = database, store, announced, kick
        self._trust, self._refused = trust, refused
        self._batcher: Batcher[Incoming] = Batcher(
            self.take, BATCH, is_passing, gather=GATHER_SECONDS, longest=LONGEST_GATHER_SECONDS
        )

    async def handle(self, delivery: Delivery) -> None:
        """The bus's handler. What escapes is a fault of content and parks the message."""
        message = decode(delivery.type, delivery.body)
        if isinstance(message, FlowTypeAnnounced):
            speaker = self._trust.speaker(delivery)
            await retried_in_place(lambda: self._announced(message, speaker), _passes_or_comes_back)
        elif isinstance(message, Reply):
            user, trace = self._trust.speaker(delivery), delivery.headers.get("traceparent")
            await self._put(Incoming(message, user, delivery.redelivered, trace))
        else:
            raise TypeError(f"{delivery.type} is not a reply")
        await delivery.ack()

    async def _put(self, incoming: Incoming) -> None:
        """What can't be taken in is parked by whoever catches this, and its flow is told: nobody will answer again.

        What is refused for its sender's sake is parked too, but no flow hears of it.
        """
        try:
            await self._batcher.put(incoming)
        except Exception as error:
            if isinstance(error, AnswersNothing):
                await self._refused(_refusal("wrong_kind", incoming, await self._tenant_of(incoming.reply)))
            if not isinstance(incoming.reply, AttemptStarted):
                await retried_in_place(lambda: self._tell_flow(incoming.reply))
            raise
        if incoming.refused is not None:
            raise incoming.refused

    async def _tell_flow(self, reply: Reply) -> None:
        tenant = await self._tenant_of(reply)
        await fail_poisoned(
            self._database,
            tenant,
            reply.flow_id,
            reply.attempt_id,
            reply.epoch,
            run_id=reply.run_id,
            error=POISON_REPLY,
        )

    async def _tenant_of(self, reply: Reply) -> Tenant:
        return (await self._database.tenants_of({reply.attempt_id}))[reply.attempt_id]

    async def take(self, items: Sequence[Incoming]) -> None:
        """One transaction a tenant. What is refused of them says so itself."""
        origins = await self._database.origins_of({item.reply.attempt_id for item in items})
        for item in items:
            item.refused = await self._why_refused(item, origins.get(item.reply.attempt_id))
        taken = [item for item in items if item.refused is None]
        for tenant, same in by_tenant(taken, lambda item: origins[item.reply.attempt_id].tenant):
            checked = [await self._verified(item, tenant) for item in same]
            with ExitStack() as spans:
                traces = {item.reply.message_id: spans.enter_context(_taking(item)) for item in same}
                outcome = await take_in(self._database, tenant, checked, traces)
            self._kick(outcome.kinds)
            for item in same:
                reason = outcome.refused.get(item.reply.message_id)
                # A broker gives out again what it does not know to be settled: that is nobody's doing.
                if reason is not None and not (reason == "repeated" and item.redelivered):
                    await self._refused(_refusal(reason, item, tenant))

    async def _why_refused(self, item: Incoming, origin: Origin | None) -> ValueError | None:
        """Writes the refusal down before anyone acts on it."""
        reply = item.reply
        if origin is None:
            await self._refused(_refusal("unknown_attempt", item, None))
            return UnknownAttempt(f"no attempt {reply.attempt_id} was ever given out")
        if not await self._trust.may_speak(item.user, origin.flow_type):
            await self._refused(_refusal("wrong_user", item, origin.tenant, flow_type=origin.flow_type))
            return SenderRefused(f"the broker user {item.user} may not answer for {origin.flow_type}")
        if reply.flow_id != origin.flow_id:
            await self._refused(_refusal("another_flow", item, origin.tenant, named=str(reply.flow_id)))
            return SenderRefused(f"attempt {reply.attempt_id} is not of flow {reply.flow_id}")
        return None

    async def _verified(self, item: Incoming, tenant: Tenant) -> Reply:
        """Acceptance checks where every artifact lies, and that those of a result exist with their size."""
        reply = item.reply
        for name, artifact in _artifacts(reply):
            problem = await self._problem_with(name, artifact, tenant, reply)
            if problem is not None:
                log.warning("orchestrator.artifact_refused", attempt=str(reply.attempt_id), code=problem.code)
                if problem.code == "foreign_artifact":
                    await self._refused(_refusal(problem.code, item, tenant, artifact=artifact.key))
                return _failed(reply, problem)
        return reply

    async def _problem_with(
        self, name: str, artifact: ArtifactRef, tenant: Tenant, reply: Reply
    ) -> ErrorInfo | None:
        if not belongs(artifact.key, _place(reply, tenant)):
            return ErrorInfo(
                kind=ErrorKind.PERMANENT,
                code="foreign_artifact",
                message=f"The worker named an artifact outside its own attempt for {name}.",
            )
        if not isinstance(reply, Result):
            return None
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


def _artifacts(reply: Reply) -> Iterator[tuple[str, ArtifactRef]]:
    """What the reply names, in words."""
    if isinstance(reply, PhaseCompleted | HandoffBuilt | EditEvaluated | SelectiveVersionBuilt):
        for manifest in reply.datasets:
            yield f"dataset {manifest.name}", manifest.artifact
    if isinstance(reply, PhaseCompleted) and reply.transcript is not None:
        yield "the transcript", reply.transcript


def _place(reply: Reply, tenant: Tenant) -> str:
    """Where its artifacts may lie. A package hands on what other attempts have made, perhaps of a flow before: the
    decision holds it against what the flow has."""
    engagement = f"{tenant.client_account_id}/{tenant.engagement_id}"
    return (
        engagement if isinstance(reply, HandoffBuilt) else f"{engagement}/{reply.flow_id}/{reply.attempt_id}"
    )


@contextmanager
def _taking(item: Incoming) -> Iterator[str]:
    """A span below the run that replied, beside those of the same batch; its traceparent."""
    reply = item.reply
    about: dict[str, str | int] = {"caravan.attempt_id": str(reply.attempt_id), "caravan.epoch": reply.epoch}
    with attached(item.traceparent):
        span = tracer(__name__).start_span(
            f"take in {type(reply).__name__}", kind=SpanKind.CONSUMER, attributes=about
        )
    with span:
        yield traceparent_of(span)


def _passes_or_comes_back(error: BaseException) -> bool:
    """An announced flow type's queue is declared, for which the broker may be away or late to answer."""
    return isinstance(error, BusUnavailable) or is_passing(error)


def _refusal(reason: str, item: Incoming, tenant: Tenant | None, **details: str) -> Refusal:
    reply = item.reply
    said = {"epoch": reply.epoch, "run_id": str(reply.run_id), "message_id": str(reply.message_id)}
    return Refusal(
        reason, item.user, type(reply).__name__, str(reply.attempt_id), tenant, {**said, **details}
    )


def _failed(reply: Reply, error: ErrorInfo) -> PhaseFailed:
    return PhaseFailed(
        message_id=reply.message_id,
        attempt_id=reply.attempt_id,
        epoch=reply.epoch,
        run_id=reply.run_id,
        flow_id=reply.flow_id,
        worker=reply.worker,
        usage=reply.usage,
        error=error,
        seconds=reply.seconds if isinstance(reply, PhaseCompleted) else 0.0,
    )
