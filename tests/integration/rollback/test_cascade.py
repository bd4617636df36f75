"""Rollback over flows that have grown from each other, on a real database: everything goes back, and is proved."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from caravan_common.contracts import DecisionKind
from caravan_orchestrator.domain import control
from caravan_orchestrator.domain.cascade import RollbackOrder
from caravan_orchestrator.domain.draft import Draft
from caravan_orchestrator.domain.errors import Refused
from caravan_orchestrator.domain.people import record_decision
from caravan_orchestrator.store import proof as proving
from caravan_orchestrator.store.proof import compute_proof
from caravan_orchestrator.usecases import rollbacks
from tests.integration.rollback.test_rollback_and_proof import proof_of
from tests.support.growing import grow
from tests.support.grown_service import GROWN_SERVICE
from tests.support.inprocess_platform import InProcessPlatform, inprocess_platform
from tests.support.postgres import Database
from tests.support.survey_service import SURVEY_SERVICE

ASSETS = (
    "select natural_key, environment, treatment, target_region from assets where estate_id = $1 order by 1"
)
HANDOFFS = """
select distinct o.status from flow_handoffs o join migration_flows f on f.id = o.source_flow_id
where f.estate_id = $1
"""


@pytest.fixture(scope="module")
async def platform(
    database_urls: Database, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[InProcessPlatform]:
    folder = tmp_path_factory.mktemp("platform")
    async with inprocess_platform(database_urls, folder, SURVEY_SERVICE, GROWN_SERVICE) as running:
        yield running


@dataclass
class Chain:
    """A survey, what treats its machines, and what places those: each with effects outside."""

    root: UUID
    child: UUID
    leaf: UUID
    journal: Path


async def chain(platform: InProcessPlatform, folder: Path) -> Chain:
    journal = folder / "effects.txt"
    base = {"path": str(journal), "machines": 3}
    configuration = {**base, "effects": ["root"]}
    root = await platform.create("survey", configuration=configuration, auto_accept=True)
    await platform.reach(root, "completed")
    child = await grow_one(platform, root, {**base, "column": "treatment", "value": "rehost"}, "child")
    leaf = await grow_one(platform, child, {**base, "column": "target_region", "value": "here"}, "leaf")
    await platform.settled()
    return Chain(root, child, leaf, journal)


async def grow_one(
    platform: InProcessPlatform, parent: UUID, configuration: dict[str, Any], effect: str
) -> UUID:
    flow = await grow(
        platform, parent, "grown", configuration={**configuration, "effects": [effect]}, auto_accept=True
    )
    await platform.reach(flow, "completed")
    return flow


async def assets(platform: InProcessPlatform, estate: UUID) -> list[tuple[Any, ...]]:
    await platform.settled()
    return [tuple(row) for row in await platform.query(ASSETS, estate)]


async def test_a_phase_that_others_have_built_on_is_refused_and_its_cascade_goes_back_with_proof(
    platform: InProcessPlatform, tmp_path: Path
) -> None:
    made = await chain(platform, tmp_path)
    before = await assets(platform, made.root)
    assert before[0] == ("vm:000000", "test", "rehost", "here")
    with pytest.raises(Refused) as refused:
        await platform.roll_back(made.root, "phase", "act")
    offered = refused.value.offer["cascade"]
    assert offered["flows"] == [str(made.leaf), str(made.child), str(made.root)]
    rollback_id = await platform.roll_back(made.root, "cascade", "act")
    await platform.reach(made.root, "waiting")
    assert [(await platform.status(flow))[0] for flow in (made.child, made.leaf)] == ["rolled_back"] * 2
    proof = await proof_of(platform, rollback_id)
    assert (proof["holds"], proof["flows_checked"]) == (True, 3), proof
    assert made.journal.read_text() == ""
    assert await assets(platform, made.root) == [(*row[:2], None, None) for row in before]
    assert [row[0] for row in await platform.query(HANDOFFS, made.root)] == ["revoked"]
    kept = await platform.query("select count(*) from flow_rollbacks where cascade_id = $1", rollback_id)
    assert kept[0][0] == 2


async def test_after_a_cascade_the_phase_runs_again_and_a_new_handoff_makes_a_new_child(
    platform: InProcessPlatform, tmp_path: Path
) -> None:
    made = await chain(platform, tmp_path)
    before = await assets(platform, made.root)
    await platform.roll_back(made.root, "cascade", "judge")
    await platform.reach(made.root, "waiting")
    assert {row[1:] for row in await assets(platform, made.root)} == {(None, None, None)}
    with pytest.raises(Refused) as refused:
        await platform.order(made.child, lambda draft: control.execute_phase(draft, "ann", "choose"))
    assert refused.value.code == "handoff_revoked"
    await platform.order(made.root, lambda draft: control.execute_phase(draft, "ann", "judge"))
    await platform.reach(made.root, "completed")
    configuration = {"path": str(made.journal), "column": "treatment", "value": "retire"}
    again = await grow_one(platform, made.root, configuration, "again")
    assert again != made.child
    assert await assets(platform, made.root) == [(*row[:2], "retire", None) for row in before]
    assert made.journal.read_text().split() == ["root", "again"]
    planned = await _plan(platform, made.root)
    assert planned["flows"] == [str(again), str(made.root)]


async def test_a_cascade_without_a_phase_leaves_nothing_of_the_estate(
    platform: InProcessPlatform, tmp_path: Path
) -> None:
    made = await chain(platform, tmp_path)
    rollback_id = await platform.roll_back(made.root, "cascade")
    await platform.reach(made.root, "rolled_back")
    assert (await proof_of(platform, rollback_id))["holds"]
    assert await assets(platform, made.root) == []
    assert made.journal.read_text() == ""


async def test_a_flow_in_the_middle_takes_along_what_is_below_and_leaves_what_is_above(
    platform: InProcessPlatform, tmp_path: Path
) -> None:
    made = await chain(platform, tmp_path)
    before = await assets(platform, made.root)
    rollback_id = await platform.roll_back(made.child, "cascade", "choose")
    await platform.reach(made.child, "waiting")
    assert (await proof_of(platform, rollback_id))["holds"]
    assert (await platform.status(made.root))[0] == "completed"
    assert await assets(platform, made.root) == [(*row[:2], None, None) for row in before]
    assert made.journal.read_text().split() == ["root"]


async def test_decisions_about_flows_below_are_withdrawn_and_others_stand(
    platform: InProcessPlatform, tmp_path: Path
) -> None:
    made = await chain(platform, tmp_path)
    await platform.order(made.root, override("judge", {"environment": "production"}))
    await platform.order(made.child, override("choose", {"treatment": "retain"}))
    assert (await assets(platform, made.root))[1] == ("vm:000001", "production", "retain", "here")
    await platform.roll_back(made.child, "cascade", "choose")
    await platform.reach(made.child, "waiting")
    assert (await assets(platform, made.root))[1] == ("vm:000001", "production", None, None)


def override(phase: str, value: dict[str, Any]) -> Any:
    def give(draft: Draft) -> None:
        record_decision(
            draft,
            kind=DecisionKind.OVERRIDE,
            phase=phase,
            subject="vm:000001",
            value=value,
            old=None,
            actor="ann",
        )
        draft.follow_up("fold", draft.flow.estate_id)

    return give


async def test_nothing_grows_from_a_flow_that_is_being_rolled_back(
    platform: InProcessPlatform, tmp_path: Path
) -> None:
    made = await chain(platform, tmp_path)
    digest = (await _plan(platform, made.root))["digest"]
    other = await grow(platform, made.root, "grown", start=False, configuration={})
    with pytest.raises(Refused) as refused:
        await _start(platform, made.root, digest)
    assert refused.value.code == "stale_digest"
    await platform.roll_back(made.root, "cascade")
    with pytest.raises(Refused) as refused:
        await grow(platform, made.root, "grown", start=False, configuration={})
    assert refused.value.code == "not_completed"
    await platform.reach(made.root, "rolled_back")
    assert (await platform.status(other))[0] == "rolled_back"


async def test_the_proof_fails_when_a_row_of_a_flow_below_comes_back(
    platform: InProcessPlatform, tmp_path: Path
) -> None:
    """Not by what the rollback believes: by what is stored."""
    made = await chain(platform, tmp_path)
    shown = await platform.query(
        "select active_attempt_id from flow_phases where flow_id = $1 and name = 'choose'", made.leaf
    )
    rollback_id = await platform.roll_back(made.root, "cascade", "act")
    await platform.reach(made.root, "waiting")
    await platform.query(
        "update flow_phases set active_attempt_id = $2 where flow_id = $1 and name = 'choose' returning 1",
        made.leaf,
        shown[0][0],
    )
    async with platform.database.transaction(platform.tenant) as transaction:
        proof = await compute_proof(transaction, rollback_id, made.root)
    assert proof is not None
    assert not proof["holds"]
    assert [(row["flow_id"], row["name"]) for row in proof["pointers_that_differ"]] == [
        (str(made.leaf), "choose")
    ]


async def test_a_proof_waits_for_what_another_flow_of_the_estate_has_just_changed(
    platform: InProcessPlatform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A commit after the first look: the asset table is then no longer that of the rollback, and nobody's fault."""
    made = await chain(platform, tmp_path)
    rollback_id = await platform.roll_back(made.root, "cascade", "act")
    await platform.reach(made.root, "waiting")
    monkeypatch.setattr(proving, "PENDING", "select $1::uuid is null or $2::uuid is null")
    due = "insert into running.due (kind, id, flow_id, client_account_id, engagement_id, at)"
    async with platform.database.transaction(platform.tenant) as transaction:
        tenant = platform.tenant
        await transaction.connection.exec_driver_sql(
            f"{due} values ('fold', $1, $1, $2, $3, now() + interval '1 hour')",
            (made.root, tenant.client_account_id, tenant.engagement_id),
        )
        assert await compute_proof(transaction, rollback_id, made.root) is None
        await transaction.connection.exec_driver_sql("delete from running.due where kind = 'fold'")
        proof = await compute_proof(transaction, rollback_id, made.root)
    assert proof is not None
    assert proof["holds"]


async def _plan(platform: InProcessPlatform, flow: UUID) -> dict[str, Any]:
    async with platform.database.transaction(platform.tenant) as transaction:
        return (await rollbacks.plan(transaction, flow, "cascade", None)).describe()


async def _start(platform: InProcessPlatform, flow: UUID, digest: str) -> None:
    async with platform.database.transaction(platform.tenant) as transaction:
        await rollbacks.start(
            transaction, flow, RollbackOrder("cascade", None, digest, actor="ann", reason="late")
        )
