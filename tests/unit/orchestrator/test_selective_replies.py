"""A worker's word about a selective version: its artifacts must lie where its own attempt may write, and be there."""

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import pytest

from caravan_common.contracts import (
    ArtifactRef,
    DatasetManifest,
    FlowDefinition,
    SelectiveVersionBuilt,
    Tenant,
    encode,
    new_id,
)
from caravan_orchestrator.consumers.replies import ReplyConsumer
from caravan_orchestrator.domain.commands import artifact_prefix
from caravan_orchestrator.domain.decision import Decision
from caravan_orchestrator.domain.model import Flow, Origin
from caravan_orchestrator.domain.states import FlowStatus
from caravan_orchestrator.usecases.refusals import Refusal
from caravan_orchestrator.usecases.trust import Everybody
from tests.unit.orchestrator.treating import Treating

SIZE = 10


class OneFlow:
    """A database with the conversation's flow in it."""

    def __init__(self, talk: Treating) -> None:
        self._talk = talk
        self.now: datetime = talk.now

    @asynccontextmanager
    async def transaction(self, tenant: Tenant, messages: Collection[UUID] = ()) -> AsyncIterator[Any]:
        self.fresh = frozenset(messages)
        yield self

    async def origins_of(self, attempts: Collection[UUID]) -> dict[UUID, Origin]:
        flow = self._talk.flow
        return dict.fromkeys(attempts, Origin(flow.tenant, flow.id, flow.flow_type))

    async def lock_flows(self, ids: Sequence[UUID], *, attempts: Sequence[UUID] = ()) -> dict[UUID, Flow]:
        return {self._talk.flow.id: self._talk.flow}

    async def definition(self, flow_type: str, version: str) -> FlowDefinition:
        return self._talk.definition

    async def write(self, decisions: Sequence[Decision]) -> None:
        for decision in decisions:
            self._talk.last, self._talk.flow = decision, decision.flow


async def answer(talk: Treating, key: str, *, size: int = SIZE) -> list[str]:
    """What was refused of the sender's word when the version lies under this key."""
    refusals: list[str] = []

    async def note(refusal: Refusal) -> None:
        refusals.append(refusal.reason)

    store = SimpleNamespace(local=True, size=lambda _: SIZE)
    consumer = ReplyConsumer(
        cast(Any, OneFlow(talk)), cast(Any, store), cast(Any, None), Everybody(), note, lambda _: None
    )
    artifact = ArtifactRef(key=key, sha256="9" * 64, size=size)
    reply = SelectiveVersionBuilt(
        **talk._head(talk.version(), None, None),
        datasets=(DatasetManifest(name="treatments", artifact=artifact, rows=2),),
    )
    delivery = SimpleNamespace(
        type=type(reply).__name__, body=encode(reply), user_id="worker", headers={}, redelivered=False
    )

    async def ack() -> None: ...

    delivery.ack = ack
    await consumer.handle(cast(Any, delivery))
    return refusals


def selecting() -> Treating:
    talk = Treating()
    talk.select("a")
    return talk


async def test_a_version_in_the_attempts_own_place_is_taken_in() -> None:
    talk = selecting()
    own = artifact_prefix(talk.flow, talk.version().id)
    assert await answer(talk, f"{own}/1/{new_id()}/treatments.parquet") == []
    assert talk.shown()["treatments"] == "9"


@pytest.mark.parametrize("whose", ["another attempt's", "another client's"])
async def test_a_version_in_anybody_elses_place_is_refused_and_nothing_has_changed(whose: str) -> None:
    talk = selecting()
    prefix = artifact_prefix(talk.flow, new_id())
    if whose == "another client's":
        prefix = prefix.replace(str(talk.flow.tenant.client_account_id), str(new_id()))
    assert await answer(talk, f"{prefix}/1/{new_id()}/treatments.parquet") == ["foreign_artifact"]
    assert (talk.flow.status, talk.shown()["treatments"]) == (FlowStatus.COMPLETED, "2")


async def test_a_version_that_is_not_in_the_store_whole_is_built_again() -> None:
    talk = selecting()
    own = artifact_prefix(talk.flow, talk.version().id)
    await answer(talk, f"{own}/1/{new_id()}/treatments.parquet", size=SIZE + 1)
    assert talk.flow.status is FlowStatus.ROLLING_BACK
    assert (talk.version().status, talk.version().retries) == ("delayed", 1)
