"""Services with users of their own on a real broker, and a worker that lies: nothing it says changes a flow."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import aio_pika
import pytest

from caravan_common.bus.topology import (
    COMMANDS_EXCHANGE,
    HEARTBEAT_ROUTE,
    REPLY_ROUTE,
    Route,
    command_route,
)
from caravan_common.contracts import (
    ArtifactRef,
    AttemptHeartbeat,
    DatasetManifest,
    FlowTypeAnnounced,
    PhaseCompleted,
    Tenant,
    new_id,
)
from caravan_orchestrator.store.audit import verify_audit
from caravan_orchestrator.usecases.timers import LEASE_TICK
from caravan_orchestrator.usecases.trust import SAID_BY
from tests.integration.trust.lying import Liar, refusals, state
from tests.support.amqp import connect
from tests.support.echo_service import ECHO
from tests.support.flows import Flows, new_tenant
from tests.support.process_platform import ProcessPlatform
from tests.support.waiting import eventually


class Victim:
    """A flow whose second phase runs, held by an honest worker until `release`."""

    def __init__(self, flows: Flows, flow_id: UUID, until: Path, row: Any) -> None:
        self.flows, self.flow_id, self._until = flows, flow_id, until
        self.attempt_id, self.epoch, self.run_id = row

    def release(self) -> None:
        self._until.touch()

    def completed(self, **changes: Any) -> PhaseCompleted:
        """As its own worker would say it, but for the changes."""
        said = {
            "attempt_id": self.attempt_id,
            "epoch": self.epoch,
            "run_id": self.run_id,
            "flow_id": self.flow_id,
            "worker": "liar",
        }
        return PhaseCompleted.model_validate({**said, **changes})

    def beat(self, **changes: Any) -> AttemptHeartbeat:
        return AttemptHeartbeat.model_validate(
            self.completed(**changes).model_dump(include=set(AttemptHeartbeat.model_fields))
            | {"note": "a lie"}
        )


async def victim(platform: ProcessPlatform, tenant: Tenant, folder: Path) -> Victim:
    flows = Flows(platform.database, tenant, lambda: None)
    until = folder / f"until-{new_id()}"
    flow_id = await flows.create("echo", configuration={"until": str(until)})

    async def running() -> Any:
        rows = await flows.query(
            "select id, epoch, run_id from phase_attempts where flow_id = $1 and phase = 'slow'"
            " and run_id is not null and note = 'waiting'",
            flow_id,
        )
        return rows[0] if rows else None

    row = await eventually(running, timeout=60, what="the second phase runs")
    return Victim(flows, flow_id, until, row)


def dataset_of(whose: Victim) -> DatasetManifest:
    """What the other's phase may be writing just now."""
    tenant = whose.flows.tenant
    place = f"{tenant.client_account_id}/{tenant.engagement_id}/{whose.flow_id}/{whose.attempt_id}"
    artifact = ArtifactRef(key=f"{place}/{whose.epoch}/{whose.run_id}/rows.parquet", sha256="0" * 64, size=1)
    return DatasetManifest(name="rows", version=1, rows=1, artifact=artifact)


@pytest.fixture
async def overheard(platform: ProcessPlatform) -> AsyncIterator[aio_pika.abc.AbstractQueue]:
    """A copy of every reply, as somebody who listens to the broker would have it."""
    connection = await connect(platform.broker.url)
    async with connection:
        channel = await connection.channel()
        queue = await channel.declare_queue(exclusive=True)
        await queue.bind(REPLY_ROUTE.exchange, REPLY_ROUTE.routing_key)
        yield queue


@pytest.mark.timeout(400)
async def test_a_worker_that_lies_is_refused_and_audited_and_changes_nothing(
    platform: ProcessPlatform, tmp_path: Path, overheard: aio_pika.abc.AbstractQueue
) -> None:
    ours, theirs = platform.tenant, await new_tenant(platform.database)
    mine, other = await victim(platform, ours, tmp_path), await victim(platform, theirs, tmp_path)
    copy = await overheard.get(timeout=30)
    assert copy.type == "PhaseCompleted"
    # A service of its own right, but not of this flow type.
    added = await asyncio.to_thread(platform.service, "add", "assessment")
    stranger = Liar(f"amqp://assessment:{added['password']}@127.0.0.1:{platform.broker.port}/")
    traitor = Liar(platform.urls["echo"])
    before = await state(platform)
    expected = set()

    def expect(reason: str, user: str, kind: str, subject: object) -> None:
        expected.add((reason, f"broker:{user}", kind, str(subject)))

    # Another service's user, for what is not its own.
    stranger.says(mine.completed())
    stranger.says(mine.beat(), HEARTBEAT_ROUTE, headers={SAID_BY: "echo"})
    stranger.writes(b"{}", LEASE_TICK, HEARTBEAT_ROUTE)
    stranger.says(FlowTypeAnnounced(definition=ECHO, digest=ECHO.digest(), worker="liar"))
    unmapped = ECHO.model_copy(update={"flow_type": "planning"})
    stranger.says(FlowTypeAnnounced(definition=unmapped, digest=unmapped.digest(), worker="liar"))
    expect("wrong_user", "assessment", "PhaseCompleted", mine.attempt_id)
    expect("wrong_user", "assessment", "AttemptHeartbeat", mine.attempt_id)
    expect("wrong_user", "assessment", LEASE_TICK, "lease clock")
    expect("wrong_user", "assessment", "FlowTypeAnnounced", "echo")
    expect("wrong_user", "assessment", "FlowTypeAnnounced", "planning")
    # The right user, taken over. A forged tenant: its attempt, another's flow; and another tenant's name in headers.
    forged = {"client_account_id": str(ours.client_account_id), "tenant": str(ours.client_account_id)}
    traitor.says(other.completed(flow_id=mine.flow_id), headers=forged)
    expect("another_flow", "echo", "PhaseCompleted", other.attempt_id)
    # A reply overheard, as it was and under an id of its own.
    attempt = json.loads(copy.body)["attempt_id"]
    traitor.writes(copy.body, "PhaseCompleted", message_id=copy.message_id)
    traitor.says(PhaseCompleted.model_validate_json(copy.body).model_copy(update={"message_id": new_id()}))
    expect("repeated", "echo", "PhaseCompleted", attempt)
    expect("not_awaited", "echo", "PhaseCompleted", attempt)
    traitor.says(mine.completed(epoch=mine.epoch - 1))
    expect("old_epoch", "echo", "PhaseCompleted", mine.attempt_id)
    traitor.says(mine.completed(run_id=new_id()))
    expect("other_run", "echo", "PhaseCompleted", mine.attempt_id)
    foreign = dataset_of(other)
    traitor.says(mine.completed(run_id=new_id(), datasets=[foreign]))
    expect("foreign_artifact", "echo", "PhaseCompleted", mine.attempt_id)
    nobody = new_id()
    traitor.says(mine.completed(attempt_id=nobody))
    traitor.says(mine.beat(attempt_id=nobody), HEARTBEAT_ROUTE)
    expect("unknown_attempt", "echo", "PhaseCompleted", nobody)
    expect("unknown_attempt", "echo", "AttemptHeartbeat", nobody)
    # Rubbish under the id of a command that is out shall not pass for that command's death.
    sent = await platform.as_owner("select id from running.outbox where attempt_id = $1", other.attempt_id)
    rubbish = traitor.writes(b"rubbish", "PhaseCompleted", message_id=str(sent[0][0]))
    # What the broker itself refuses: another's name on a message, and a command.
    stranger.says(mine.completed(), **{"as": "echo"})
    stranger.writes(
        b"{}", "ExecutePhase", Route(COMMANDS_EXCHANGE.name, command_route("echo", 1).routing_key)
    )

    told = [*await stranger.tell(), *await traitor.tell()]
    assert told[5:7] == ["ChannelPreconditionFailed", "ChannelAccessRefused"]
    assert {*told[:5], *told[7:]} == {"sent"}

    async def written() -> bool:
        letters = await platform.as_owner(
            "select count(*) from running.dead_letters where message_id = $1", rubbish
        )
        return expected <= await refusals(platform) and letters[0][0] == 1

    try:
        await eventually(written, timeout=60, what="every lie is written down")
    except TimeoutError:
        assert expected - await refusals(platform) == set()
        raise
    assert await state(platform) == before
    for tenant in (ours, theirs):
        assert await verify_audit(platform.database, tenant) == []
    # Each tenant finds in its own record what was tried on its attempts.
    for whose, reasons in (
        (mine, {"wrong_user", "old_epoch", "other_run", "foreign_artifact"}),
        (other, {"another_flow"}),
    ):
        rows = await whose.flows.query("select details->>'reason' from audit_log where flow_id is null")
        assert reasons <= {row[0] for row in rows}

    # The flows go on with their honest worker; one whose own run names a foreign artifact gets no dataset of it.
    traitor.says(other.completed(datasets=[dataset_of(mine)]))
    await traitor.tell()
    await other.flows.reach(other.flow_id, "failed")
    errors = await other.flows.query(
        "select error->>'code' from flow_phases where flow_id = $1 and name = 'slow'", other.flow_id
    )
    assert [row[0] for row in errors] == ["foreign_artifact"]
    assert await other.flows.query("select 1 from datasets where attempt_id = $1", other.attempt_id) == []
    mine.release()

    async def went_on() -> bool:
        rows = await mine.flows.query("select status from phase_attempts where id = $1", mine.attempt_id)
        return bool(rows[0][0] == "succeeded")

    await eventually(went_on, timeout=60, what="the honest worker's result is taken")


async def test_who_is_removed_is_heard_no_more_and_who_is_added_again_is(
    platform: ProcessPlatform, tmp_path: Path
) -> None:
    mine = await victim(platform, await new_tenant(platform.database), tmp_path)
    refused = ("wrong_user", "broker:echo", "AttemptHeartbeat", str(mine.attempt_id))
    await asyncio.to_thread(platform.service, "remove", "echo", "--mapping-only", "--yes")

    async def is_refused() -> bool:
        return refused in await refusals(platform)

    await eventually(is_refused, timeout=60, what="a heartbeat of whom nobody mapped is refused")
    added = await asyncio.to_thread(platform.service, "add", "echo", "--mapping-only")
    assert added["changes"] == ["flow type mapped"]
    mine.release()

    async def went_on() -> bool:
        rows = await mine.flows.query("select status from phase_attempts where id = $1", mine.attempt_id)
        return bool(rows[0][0] == "succeeded")

    await eventually(went_on, timeout=60, what="the result of whom the deployment mapped again is taken")
