"""What assessment and planning might lie about: packages, edits, selective versions, results of another kind.

Their broker users are real, and so are orchestrator and broker; no worker runs, so the test says what an honest one
would say as well.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from hashlib import sha256
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

import pytest

from caravan_common.artifacts import ArtifactStore
from caravan_common.contracts import (
    ArtifactRef,
    AttemptStarted,
    DatasetManifest,
    DatasetSpec,
    DecisionKind,
    EditEvaluated,
    FlowDefinition,
    FlowTypeAnnounced,
    HandoffBuilt,
    HandoffInput,
    InputSpec,
    PhaseCompleted,
    PhaseDefinition,
    Receipt,
    Reply,
    SelectiveVersionBuilt,
    Tenant,
    UndoOutcome,
    UnitCompensated,
    UnitCompleted,
    UnitOutcome,
    new_id,
)
from caravan_orchestrator.domain.edits import ask_edit
from caravan_orchestrator.domain.handoffs import request_handoff
from caravan_orchestrator.store.audit import verify_audit
from tests.integration.trust.lying import Liar, refusals, state
from tests.support.flows import Flows, new_tenant
from tests.support.process_platform import ProcessPlatform, process_platform
from tests.support.waiting import eventually

T = TypeVar("T", bound=Reply)
WAVES, TASKS = DatasetSpec(name="waves"), DatasetSpec(name="tasks")
ASSESSMENT = FlowDefinition(
    flow_type="assessment",
    version="1.0.0",
    phases=(PhaseDefinition(name="wave_planning", outputs=(WAVES,), decision_kinds=(DecisionKind.EDIT,)),),
    next_flow_type="planning",
)
PLANNING = FlowDefinition(
    flow_type="planning",
    version="1.0.0",
    phases=(PhaseDefinition(name="timeline", inputs=(InputSpec(name="waves"),), outputs=(TASKS,)),),
    handoff_inputs=(HandoffInput(name="waves"),),
)
CONFIGURATION = {"through": "planning", "lease_seconds": 900}


class Run(NamedTuple):
    """Of an attempt that is waited for, bound by the start that was told of it."""

    attempt_id: UUID
    epoch: int
    run_id: UUID
    flow_id: UUID

    def says(self, kind: type[T], **changes: Any) -> T:
        return kind.model_validate({**self._asdict(), "worker": "liar", **changes})


class Stage:
    """One orchestrator; `assessment` and `planning` speak with the right passwords."""

    def __init__(self, platform: ProcessPlatform, assessment: Liar, planning: Liar) -> None:
        self.platform, self.assessment, self.planning = platform, assessment, planning
        self.store = ArtifactStore.open(platform.artifacts_url)

    async def told(self, *services: Liar) -> None:
        for service in services or (self.assessment, self.planning):
            assert {*await service.tell()} <= {"sent"}

    async def run_of(self, flow_id: UUID, kind: str, service: Liar) -> Run:
        """Of the newest attempt of that kind that is given out."""

        async def given_out() -> Any:
            rows = await self.platform.as_owner(
                "select id, epoch from phase_attempts where flow_id = $1 and kind = $2"
                " and status in ('dispatched', 'running') order by sequence desc limit 1",
                flow_id,
                kind,
            )
            return rows[0] if rows else None

        id_, epoch = await eventually(given_out, timeout=60, what=f"an attempt of kind {kind}")
        run = Run(id_, epoch, new_id(), flow_id)
        service.says(run.says(AttemptStarted))
        await self.told(service)

        async def bound() -> bool:
            rows = await self.platform.as_owner("select run_id from phase_attempts where id = $1", id_)
            return bool(rows[0][0] == run.run_id)

        await eventually(bound, timeout=60, what="the run is bound")
        return run

    async def stored(self, tenant: Tenant, run: Run, name: str) -> DatasetManifest:
        """Where that run may write; nobody reads it."""
        content = b"rows"
        place = f"{tenant.client_account_id}/{tenant.engagement_id}/{run.flow_id}/{run.attempt_id}"
        key = f"{place}/{run.epoch}/{run.run_id}/{name}.parquet"
        file = self.platform.folder / f"{run.run_id}.parquet"
        file.write_bytes(content)
        digest = sha256(content).hexdigest()
        await asyncio.to_thread(self.store.put_file, key, file, sha256=digest)
        artifact = ArtifactRef(key=key, sha256=digest, size=len(content))
        return DatasetManifest(name=name, version=1, rows=1, artifact=artifact)

    async def written(self, expected: set[tuple[str, str, str, str]]) -> None:
        async def all_there() -> bool:
            return expected <= await refusals(self.platform)

        try:
            await eventually(all_there, timeout=60, what="every lie is written down")
        except TimeoutError:
            assert expected - await refusals(self.platform) == set()
            raise

    async def at_rest(self) -> dict[str, list[str]]:
        """The state once nothing changes any more by itself: all is published, and what followed is given out."""
        seen: list[dict[str, list[str]]] = []

        async def same_as_before() -> bool:
            seen.append(await state(self.platform))
            return len(seen) > 2 and seen[-1] == seen[-2] == seen[-3]

        await eventually(same_as_before, timeout=60, every=0.5, what="the platform is at rest")
        return seen[-1]

    async def becomes(self, sql: str, wanted: object, *arguments: object) -> None:
        async def is_so() -> bool:
            rows = await self.platform.as_owner(sql, *arguments)
            return bool(rows and rows[0][0] == wanted)

        await eventually(is_so, timeout=60, what=f"{wanted} by {sql}")


@pytest.fixture(scope="module")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    folder = tmp_path_factory.mktemp("between")
    async with process_platform(folder, {}, mapped=True, orchestrators=1, workers=0) as platform:
        liars = []
        for definition in (ASSESSMENT, PLANNING):
            added = await asyncio.to_thread(platform.service, "add", definition.flow_type)
            liar = Liar(
                f"amqp://{definition.flow_type}:{added['password']}@127.0.0.1:{platform.broker.port}/"
            )
            liar.says(
                FlowTypeAnnounced(definition=definition, digest=definition.digest(), worker="w", slots=50)
            )
            assert await liar.tell() == ["sent"]
            liars.append(liar)
        opened = Stage(platform, *liars)
        await opened.becomes("select count(*) from flow_types", 2)
        yield opened


class Assessed:
    """A flow of the type assessment that has come to its end, and whose package is asked for."""

    def __init__(self, flows: Flows, flow_id: UUID, waves: DatasetManifest, computed: Run) -> None:
        self.flows, self.flow_id, self.waves, self.computed = flows, flow_id, waves, computed


async def assessed(stage: Stage, tenant: Tenant) -> Assessed:
    flows = Flows(stage.platform.database, tenant, lambda: None)
    flow_id = await flows.create("assessment", configuration=CONFIGURATION)
    run = await stage.run_of(flow_id, "execute", stage.assessment)
    waves = await stage.stored(tenant, run, "waves")
    stage.assessment.says(run.says(PhaseCompleted, datasets=[waves]))
    await stage.told(stage.assessment)
    await flows.reach(flow_id, "completed")
    return Assessed(flows, flow_id, waves, run)


def reason(why: str, user: str, said: Reply) -> tuple[str, str, str, str]:
    return (why, f"broker:{user}", type(said).__name__, str(said.attempt_id))


HANDOFF = "select status from flow_handoffs where id = $1"
CHILDREN = "select count(*) from migration_flows where parent_flow_id = $1"


@pytest.mark.timeout(400)
async def test_no_package_but_the_flows_own_by_its_own_service_makes_a_child(stage: Stage) -> None:
    ours, theirs = stage.platform.tenant, await new_tenant(stage.platform.database)
    mine, sister, other = [await assessed(stage, tenant) for tenant in (ours, ours, theirs)]
    run = await stage.run_of(mine.flow_id, "handoff", stage.assessment)
    package: dict[str, Any] = {"datasets": [mine.waves], "digest": "d" * 64}
    before = await stage.at_rest()
    expected = set()

    def lie(service: Liar, user: str, why: str, **changes: Any) -> None:
        said = run.says(HandoffBuilt, **{**package, **changes})
        service.says(said)
        expected.add(reason(why, user, said))

    # The service that is handed over to would like to make the package itself.
    lie(stage.planning, "planning", "wrong_user")
    lie(stage.assessment, "assessment", "another_flow", flow_id=other.flow_id)
    lie(stage.assessment, "assessment", "old_epoch", epoch=run.epoch - 1)
    lie(stage.assessment, "assessment", "other_run", run_id=new_id())
    lie(stage.assessment, "assessment", "foreign_artifact", run_id=new_id(), datasets=[other.waves])
    lie(stage.assessment, "assessment", "unknown_attempt", attempt_id=new_id())
    late = mine.computed.says(HandoffBuilt, **package)
    stage.assessment.says(late)
    expected.add(reason("not_awaited", "assessment", late))
    await stage.told()
    await stage.written(expected)
    assert await state(stage.platform) == before

    # By the very run that is waited for: each fails its handoff, and the flow is as it was.
    stage.assessment.says(run.says(HandoffBuilt, **{**package, "datasets": [sister.waves]}))
    await stage.told(stage.assessment)
    await stage.becomes(HANDOFF, "failed", run.attempt_id)
    (words,) = await mine.flows.query(
        "select error->>'message' from flow_handoffs where id = $1", run.attempt_id
    )
    assert "waves is the flow's own" in words[0]
    for why, kind, said in (
        ("foreign_artifact", HandoffBuilt, {**package, "datasets": [other.waves]}),
        ("wrong_kind", PhaseCompleted, {}),
        ("wrong_kind", UnitCompleted, {"outcome": UnitOutcome.DONE}),
    ):
        await mine.flows.order(mine.flow_id, lambda draft: request_handoff(draft, "ann", None))
        run = await stage.run_of(mine.flow_id, "handoff", stage.assessment)
        lied = run.says(kind, **said)  # type: ignore[type-var]
        stage.assessment.says(lied)
        await stage.told(stage.assessment)
        await stage.becomes(HANDOFF, "failed", run.attempt_id)
        await stage.written({reason(why, "assessment", lied)})
    assert await mine.flows.status(mine.flow_id) == ("completed", None)
    assert await stage.platform.as_owner(CHILDREN, mine.flow_id) == [(0,)]

    # The honest package makes one child, however often it is said.
    await mine.flows.order(mine.flow_id, lambda draft: request_handoff(draft, "ann", None))
    run = await stage.run_of(mine.flow_id, "handoff", stage.assessment)
    honest = run.says(HandoffBuilt, **package)
    id_ = stage.assessment.says(honest, message_id=str(honest.message_id))
    await stage.told(stage.assessment)
    await stage.becomes(HANDOFF, "accepted", run.attempt_id)
    stage.assessment.says(honest, message_id=id_)
    stage.assessment.says(honest.model_copy(update={"message_id": new_id()}))
    await stage.told(stage.assessment)
    await stage.written({reason(why, "assessment", honest) for why in ("repeated", "not_awaited")})
    assert await stage.platform.as_owner(CHILDREN, mine.flow_id) == [(1,)]

    # And what the child's service names as its own result is not what it was given, nor another's.
    (row,) = await stage.platform.as_owner(
        "select id from migration_flows where parent_flow_id = $1", mine.flow_id
    )
    run = await stage.run_of(row[0], "execute", stage.planning)
    taken = run.says(PhaseCompleted, datasets=[mine.waves.model_copy(update={"name": "tasks"})])
    stage.planning.says(taken)
    await stage.told(stage.planning)
    await mine.flows.reach(row[0], "failed")
    await stage.written({reason("foreign_artifact", "planning", taken)})
    for tenant in (ours, theirs):
        assert await verify_audit(stage.platform.database, tenant) == []


@pytest.mark.timeout(300)
async def test_an_edit_is_answered_by_its_own_service_for_itself_and_once(stage: Stage) -> None:
    ours, theirs = stage.platform.tenant, await new_tenant(stage.platform.database)
    mine, other = await assessed(stage, ours), await assessed(stage, theirs)
    (plan,) = await mine.flows.query("select id from datasets where flow_id = $1", mine.flow_id)

    async def asked() -> Run:
        await mine.flows.order(
            mine.flow_id, lambda draft: ask_edit(draft, plan=plan[0], edits=[{"lock": "a"}], actor="ann")
        )
        return await stage.run_of(mine.flow_id, "edit", stage.assessment)

    run = await asked()
    answer: dict[str, Any] = {"edit_id": run.attempt_id, "result": {"violations": {}}}
    before = await stage.at_rest()
    lies: list[tuple[Liar, str, str, dict[str, Any]]] = [
        (stage.planning, "planning", "wrong_user", {}),
        (stage.assessment, "assessment", "another_flow", {"flow_id": other.flow_id}),
        (stage.assessment, "assessment", "other_run", {"run_id": new_id()}),
        (stage.assessment, "assessment", "foreign_artifact", {"run_id": new_id(), "datasets": [other.waves]}),
    ]
    expected = set()
    for service, user, why, changes in lies:
        said = run.says(EditEvaluated, **{**answer, **changes})
        service.says(said)
        expected.add(reason(why, user, said))
    await stage.told()
    await stage.written(expected)
    assert await state(stage.platform) == before

    edit = "select status from phase_attempts where id = $1"
    # The plan that is edited is of an earlier attempt: an answer has no business with it.
    wrong: list[tuple[str, Callable[[Run], Reply]]] = [
        ("foreign_artifact", lambda r: r.says(EditEvaluated, edit_id=r.attempt_id, datasets=[mine.waves])),
        ("wrong_kind", lambda r: r.says(EditEvaluated, edit_id=new_id())),
        ("wrong_kind", lambda r: r.says(PhaseCompleted, datasets=[])),
        ("wrong_kind", lambda r: r.says(UnitCompensated, outcome=UndoOutcome.UNDONE)),
    ]
    for why, lie in wrong:
        lied = lie(run)
        stage.assessment.says(lied)
        await stage.told(stage.assessment)
        await stage.becomes(edit, "failed", run.attempt_id)
        await stage.written({reason(why, "assessment", lied)})
        run = await asked()
    honest = run.says(EditEvaluated, edit_id=run.attempt_id, result={"violations": {}})
    stage.assessment.says(honest)
    await stage.told(stage.assessment)
    await stage.becomes(edit, "succeeded", run.attempt_id)
    forged = honest.model_copy(update={"message_id": new_id(), "result": {"violations": {"date": ["x"]}}})
    stage.assessment.says(forged)
    await stage.told(stage.assessment)
    await stage.written({reason("not_awaited", "assessment", forged)})
    (row,) = await mine.flows.query("select result from plan_edits where id = $1", run.attempt_id)
    assert row[0] == {"violations": {}}
    assert await mine.flows.status(mine.flow_id) == ("completed", None)
    rows = await mine.flows.query("select id from datasets where flow_id = $1", mine.flow_id)
    assert [each[0] for each in rows] == [plan[0]]
    assert await verify_audit(stage.platform.database, ours) == []


@pytest.mark.timeout(300)
async def test_a_phase_is_answered_by_its_result_alone(stage: Stage) -> None:
    """Nobody has asked for an effect, an undo or a selective version; a receipt of one is kept for no undo."""
    ours, theirs = stage.platform.tenant, await new_tenant(stage.platform.database)
    other = await assessed(stage, theirs)
    receipt = Receipt(effect_id="forged")
    foreign = ArtifactRef(key=other.waves.artifact.key, sha256="0" * 64, size=1)
    stolen = DatasetManifest(name="waves", version=1, rows=1, artifact=foreign)
    flows = Flows(stage.platform.database, ours, lambda: None)
    lies: list[tuple[str, type[Reply], dict[str, Any]]] = [
        ("wrong_kind", UnitCompleted, {"outcome": UnitOutcome.DONE, "receipt": receipt}),
        ("wrong_kind", SelectiveVersionBuilt, {"proof": {"holds": True}}),
        ("foreign_artifact", SelectiveVersionBuilt, {"datasets": [stolen]}),
        ("foreign_artifact", PhaseCompleted, {"datasets": [stolen]}),
    ]
    for why, kind, said in lies:
        flow_id = await flows.create("assessment", configuration=CONFIGURATION)
        run = await stage.run_of(flow_id, "execute", stage.assessment)
        lied = run.says(kind, **said)
        stage.assessment.says(lied)
        await stage.told(stage.assessment)
        await flows.reach(flow_id, "failed")
        await stage.written({reason(why, "assessment", lied)})
        assert await flows.query("select 1 from datasets where flow_id = $1", flow_id) == []
        (row,) = await flows.query("select receipts from phase_attempts where id = $1", run.attempt_id)
        assert row[0] in (None, [])
    assert await verify_audit(stage.platform.database, ours) == []


async def test_an_announcement_that_is_refused_every_minute_is_parked_once_and_counted(stage: Stage) -> None:
    """Whose worker is not mapped, or has changed a definition under its version, goes on announcing it."""
    letters = "select {} from running.dead_letters where type = 'FlowTypeAnnounced' and status = 'parked'"
    unmapped = PLANNING.model_copy(update={"flow_type": "finops"})
    changed = PLANNING.model_copy(update={"title": "another"})
    for definition in (unmapped, changed, unmapped, changed, unmapped):
        stage.planning.says(
            FlowTypeAnnounced(definition=definition, digest=definition.digest(), worker="w", slots=1)
        )
    await stage.told(stage.planning)
    await stage.becomes(letters.format("sum(repeats)"), 3)
    rows = await stage.platform.as_owner(letters.format("subject, repeats, repeated_at is not null"))
    assert sorted(map(tuple, rows)) == [
        ("finops 1.0.0 by planning", 2, True),
        ("planning 1.0.0 by planning", 1, True),
    ]
    rows = await stage.platform.as_owner(
        "select details->>'reason', subject from running.platform_audit where action = 'message.refused'"
        " and details->>'type' = 'FlowTypeAnnounced'"
    )
    assert sorted(map(tuple, rows)) == [("other_definition", "planning"), ("wrong_user", "finops")]

    # Once its cause is said to be mended, the next is new.
    replayed = "update running.dead_letters set status = 'replayed' where subject is not null"
    async with stage.platform.database.dispatch.connect() as connection:
        await connection.exec_driver_sql(replayed)
    stage.planning.says(FlowTypeAnnounced(definition=unmapped, digest=unmapped.digest(), worker="w"))
    await stage.told(stage.planning)
    await stage.becomes(letters.format("count(*)"), 1)
