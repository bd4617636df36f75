"""A command no worker, or a reply no orchestrator can handle: its flow is told at once; an old one changes nothing."""

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import pytest

from caravan_common.contracts import (
    ExecuteUnit,
    FlowDefinition,
    PhaseCompleted,
    Tenant,
    UnitSpec,
    encode,
    new_id,
)
from caravan_orchestrator.consumers.replies import ReplyConsumer
from caravan_orchestrator.domain import control
from caravan_orchestrator.domain.decision import Decision
from caravan_orchestrator.domain.errors import Refused
from caravan_orchestrator.domain.model import Flow, Origin
from caravan_orchestrator.domain.states import FlowStatus, PhaseStatus
from caravan_orchestrator.usecases.poison import fail_poisoned
from caravan_orchestrator.usecases.trust import Everybody
from tests.unit.orchestrator.conversation import Conversation


class OneFlow:
    """A database with the conversation's flow in it."""

    def __init__(self, talk: Conversation) -> None:
        self._talk = talk
        self.now: datetime = talk.now

    @asynccontextmanager
    async def transaction(self, tenant: Tenant, messages: Collection[UUID] = ()) -> AsyncIterator[Any]:
        assert tenant == self._talk.flow.tenant
        self.fresh = frozenset(messages)
        yield self

    async def lock_flows(self, ids: Sequence[UUID], *, attempts: Sequence[UUID] = ()) -> dict[UUID, Flow]:
        return {self._talk.flow.id: self._talk.flow}

    async def definition(self, flow_type: str, version: str) -> FlowDefinition:
        return self._talk.definition

    async def write(self, decisions: Sequence[Decision]) -> None:
        for decision in decisions:
            self._talk.last, self._talk.flow = decision, decision.flow


async def die(talk: Conversation, attempt: UUID, epoch: int) -> None:
    await fail_poisoned(OneFlow(talk), talk.flow.tenant, talk.flow.id, attempt, epoch)  # type: ignore[arg-type]


async def test_a_dead_command_fails_its_phase_at_once_and_retry_gives_it_out_anew() -> None:
    talk = Conversation()
    talk.start()
    await die(talk, talk.open().id, 1)
    assert (talk.flow.status, talk.flow.reason) == (FlowStatus.FAILED, "poison")
    assert talk.flow.phase("gather").status is PhaseStatus.FAILED
    talk.order(lambda draft: control.retry_flow(draft, "ann"))
    assert len(talk.commands) == 1


async def test_a_dead_command_of_an_older_epoch_changes_nothing() -> None:
    talk = Conversation()
    talk.start()
    talk.started(talk.open())
    talk.abandoned(talk.open())
    assert talk.open().epoch == 2
    await die(talk, talk.open().id, 1)
    assert talk.flow.status is FlowStatus.ACTIVE


async def test_a_unit_whose_command_died_may_still_begin_so_its_phase_is_not_computed_anew() -> None:
    talk = Conversation()
    talk.to_act(UnitSpec(key="copy", action="write"))
    await die(talk, talk.open("copy").id, 1)
    with pytest.raises(Refused) as refused:
        talk.order(lambda draft: control.execute_phase(draft, "ann", "act"))
    assert refused.value.code == "units_unsettled"
    talk.order(lambda draft: control.retry_flow(draft, "ann"))
    (command,) = talk.commands
    assert isinstance(command, ExecuteUnit)
    assert command.outcome_unknown


async def take_reply(talk: Conversation, reply: PhaseCompleted) -> None:
    """By the reply consumer, on a database that refuses to write a result."""

    class Refusing(OneFlow):
        async def tenants_of(self, attempts: Collection[UUID]) -> dict[UUID, Tenant]:
            return dict.fromkeys(attempts, talk.flow.tenant)

        async def origins_of(self, attempts: Collection[UUID]) -> dict[UUID, Origin]:
            return dict.fromkeys(attempts, Origin(talk.flow.tenant, talk.flow.id, talk.flow.flow_type))

        async def write(self, decisions: Sequence[Decision]) -> None:
            if any(decision.flow.phase("gather").status is PhaseStatus.COMPLETED for decision in decisions):
                raise ValueError("twice the same row")
            await super().write(decisions)

    nothing: Any = None
    consumer = ReplyConsumer(
        cast(Any, Refusing(talk)), nothing, nothing, Everybody(), nothing, lambda _: None
    )
    delivery = SimpleNamespace(
        type=type(reply).__name__, body=encode(reply), user_id="worker", headers={}, redelivered=False
    )
    with pytest.raises(ValueError, match="twice the same row"):
        await consumer.handle(cast(Any, delivery))


async def test_the_flow_of_a_reply_that_cannot_be_taken_in_is_told_at_once() -> None:
    talk = Conversation()
    talk.start()
    attempt = talk.open()
    reply = PhaseCompleted(
        attempt_id=attempt.id, epoch=attempt.epoch, run_id=new_id(), flow_id=talk.flow.id, worker="w1"
    )
    await take_reply(talk, reply)
    assert (talk.flow.status, talk.flow.reason) == (FlowStatus.FAILED, "poison_reply")


async def test_a_run_that_is_not_waited_for_fails_nothing() -> None:
    talk = Conversation()
    talk.start()
    talk.started(talk.open())
    attempt = talk.open()
    stranger = new_id()
    await fail_poisoned(
        cast(Any, OneFlow(talk)), talk.flow.tenant, talk.flow.id, attempt.id, attempt.epoch, run_id=stranger
    )
    assert talk.flow.status is FlowStatus.ACTIVE
