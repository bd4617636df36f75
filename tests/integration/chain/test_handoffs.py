"""Chains on a real database: flows that hand over to one another, with all that can go wrong between them."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from caravan_common.contracts import FlowTypeAnnounced, HandoffBuilt, new_id
from caravan_orchestrator.domain.control import execute_phase, refresh_flow
from caravan_orchestrator.domain.errors import Refused
from caravan_orchestrator.domain.handoffs import request_handoff
from caravan_orchestrator.store.reads.entities import get_entity
from caravan_orchestrator.store.reads.lineage import walk
from caravan_orchestrator.usecases.intake import take_in
from tests.support.chain_services import CHAIN, HARVEST, SORTING
from tests.support.inprocess_platform import InProcessPlatform, inprocess_platform
from tests.support.postgres import Database
from tests.support.waiting import eventually

CHILDREN = (
    "select id, flow_type, status, created_by, configuration, estate_id from migration_flows"
    " where parent_flow_id = $1"
)
CRATES = (
    "select rows from datasets d join flow_phases p on p.active_attempt_id = d.attempt_id"
    " where d.flow_id = $1 and d.name = 'crates'"
)
HANDOFFS = (
    "select id, status, target_flow_id, digest, rules, error, package from flow_handoffs"
    " where source_flow_id = $1 order by id"
)


@pytest.fixture(scope="module")
async def platform(
    database_urls: Database, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[InProcessPlatform]:
    folder = tmp_path_factory.mktemp("platform")
    async with inprocess_platform(database_urls, folder, *CHAIN) as running:
        yield running


async def children(platform: InProcessPlatform, flow_id: UUID) -> list[Any]:
    return list(await platform.query(CHILDREN, flow_id))


async def child_of(platform: InProcessPlatform, flow_id: UUID) -> UUID:
    async def found() -> UUID | None:
        rows = await children(platform, flow_id)
        return rows[0].id if rows else None

    child = await eventually(found, timeout=30, what=f"a child of {flow_id}")
    assert child is not None
    return child


async def handoffs(platform: InProcessPlatform, flow_id: UUID) -> list[Any]:
    return list(await platform.query(HANDOFFS, flow_id))


async def handoff_is(platform: InProcessPlatform, flow_id: UUID, status: str) -> Any:
    async def found() -> Any:
        rows = await handoffs(platform, flow_id)
        return rows[-1] if rows and rows[-1].status == status else None

    return await eventually(found, timeout=30, what=f"the handoff is {status}")


async def chain(platform: InProcessPlatform, through: str = "shipping", **configuration: Any) -> list[UUID]:
    """Run to its end; the ids of its flows in order."""
    root = await platform.create("harvest", configuration={"through": through, **configuration})
    await platform.reach(root, "completed")
    second = await child_of(platform, root)
    await platform.reach(second, "completed")
    if through == "sorting":
        return [root, second]
    third = await child_of(platform, second)
    await platform.reach(third, "completed")
    return [root, second, third]


async def test_a_chain_goes_on_through_the_flow_it_was_asked_for(platform: InProcessPlatform) -> None:
    root, second, third = await chain(platform, apples=3, as_of="2026-05-01")
    assert await children(platform, third) == []
    (child,) = await children(platform, root)
    assert (child.flow_type, child.created_by, child.estate_id) == ("sorting", "ann", root)
    assert child.configuration["as_of"] == "2026-05-01"
    (handoff,) = await handoffs(platform, root)
    assert (handoff.status, handoff.target_flow_id) == ("accepted", second)
    assert len(handoff.digest) == 64
    assert {rule["rule"] for rule in handoff.rules} == {
        "fruit is of a version that can be read",
        "there is fruit",
    }
    assert handoff.package["summary"] == {"apples": 3}
    summary = await platform.query("select summary from flow_phases where flow_id = $1", third)
    assert summary[0][0]["schedule"] == {"makespan_days": 3}, "what the first flow made reached the third"


async def test_a_chain_stops_where_it_was_told_to(platform: InProcessPlatform) -> None:
    _, second = await chain(platform, through="sorting")
    assert await handoffs(platform, second) == []


async def test_a_failed_rule_leaves_the_parent_as_it_was_and_can_be_tried_again(
    platform: InProcessPlatform,
) -> None:
    root = await platform.create("harvest", configuration={"through": "sorting", "apples": 0})
    await platform.reach(root, "completed")
    failed = await handoff_is(platform, root, "failed")
    assert failed.error["message"] == "there is fruit: 0 apples"
    assert await platform.status(root) == ("completed", None)
    assert await children(platform, root) == []
    await platform.query(
        "update migration_flows set configuration = configuration || '{\"apples\": 2}' where id = $1 returning 1",
        root,
    )
    await platform.order(root, lambda draft: execute_phase(draft, "ann", "pick"))
    second = await child_of(platform, root)
    await platform.reach(second, "completed")
    assert [row.status for row in await handoffs(platform, root)] == ["failed", "accepted"]


async def test_a_failed_handoff_is_tried_again_when_somebody_asks(platform: InProcessPlatform) -> None:
    root = await platform.create("harvest", configuration={"through": "sorting", "apples": 0})
    await handoff_is(platform, root, "failed")
    await platform.order(root, lambda draft: request_handoff(draft, "bea", None))

    async def twice() -> bool:
        return [row.status for row in await handoffs(platform, root)] == ["failed", "failed"]

    await eventually(twice, timeout=30, what="the second try has failed as well")


async def test_a_worker_killed_in_the_middle_hands_over_all_the_same(
    platform: InProcessPlatform, tmp_path: Path
) -> None:
    root = await platform.create(
        "harvest", configuration={"through": "sorting", "die": [str(tmp_path / "died")]}
    )
    second = await child_of(platform, root)
    await platform.reach(second, "completed")
    assert (tmp_path / "died").exists()
    assert len(await children(platform, root)) == 1


async def test_a_package_told_twice_makes_one_child(platform: InProcessPlatform) -> None:
    root, second = await chain(platform, through="sorting")
    (handoff,) = await handoffs(platform, root)
    attempt = (await platform.query("select epoch, run_id from phase_attempts where id = $1", handoff.id))[0]
    again = HandoffBuilt(
        attempt_id=handoff.id,
        epoch=attempt.epoch,
        run_id=attempt.run_id,
        flow_id=root,
        worker="w1",
        datasets=tuple(each["manifest"] for each in handoff.package["datasets"]),
        digest=handoff.digest,
    )
    other = again.model_copy(update={"message_id": new_id()})
    for reply in (again, again, other):
        taken = await take_in(platform.database, platform.tenant, [reply])
        assert reply.message_id in taken.refused
    assert [row.id for row in await children(platform, root)] == [second]


async def test_what_comes_out_anew_makes_the_child_stale_and_a_refresh_takes_it_in(
    platform: InProcessPlatform,
) -> None:
    root, second, third = await chain(platform, apples=1)
    change = "update migration_flows set configuration = configuration || '{\"apples\": 4}' where id = $1 returning 1"
    await platform.query(change, root)
    await platform.order(root, lambda draft: execute_phase(draft, "ann", "pick"))

    async def renewed() -> bool:
        return [row.status for row in await handoffs(platform, root)] == ["replaced", "accepted"]

    await eventually(renewed, timeout=30, what="the child was handed the new fruit")
    assert len(await children(platform, root)) == 1
    stale = await platform.query(
        "select name, stale from flow_phases where flow_id = $1 order by position", second
    )
    assert [tuple(row) for row in stale] == [("crate", True), ("mark", True)]
    assert await platform.status(second) == ("completed", None), "never run again unasked"
    await platform.order(second, lambda draft: refresh_flow(draft, "ann"))

    async def grandchild_is_stale() -> bool:
        rows = await platform.query("select stale from migration_flows where id = $1", third)
        return bool(rows[0][0])

    await eventually(grandchild_is_stale, timeout=30, what="the third flow was told as well")
    assert (await platform.query(CRATES, second))[0][0] == 4


async def test_a_child_changes_its_own_columns_of_known_assets_only(platform: InProcessPlatform) -> None:
    root, _ = await chain(platform, through="sorting")
    await platform.settled()
    found = await platform.query(
        "select natural_key, name, treatment, source_flow_id from assets where estate_id = $1 order by 1",
        root,
    )
    assert [tuple(row) for row in found] == [
        ("fruit:0", "apple 0", "rehost", root),
        ("fruit:1", "apple 1", "rehost", root),
    ]


async def test_a_flow_type_that_nobody_announced_is_waited_for_and_picked_up(
    database_urls: Database, tmp_path: Path
) -> None:
    harvest, sorting, _ = CHAIN
    async with inprocess_platform(database_urls, tmp_path, harvest) as alone:
        root = await alone.create("harvest", configuration={"through": "sorting"})
        await alone.reach(root, "completed")
        waiting = await handoff_is(alone, root, "requested")
        assert waiting.error["code"] == "target_not_announced"
        assert "sorting" in waiting.error["message"]
        announced = FlowTypeAnnounced(definition=SORTING, digest=SORTING.digest(), worker="w2", slots=1)
        await alone.orchestrator.registry.announced(announced, None)
        await alone.query(
            "update running.due set at = now() where kind = 'wakeup' and id = $1 returning 1", root
        )
        second = await child_of(alone, root)
        assert (await alone.status(second))[0] == "active"
        assert HARVEST.next_flow_type == sorting.definition.flow_type


async def test_a_load_is_traced_through_three_flows_to_the_row_of_the_file(
    platform: InProcessPlatform,
) -> None:
    root, second, third = await chain(platform)
    await platform.settled()
    async with platform.database.transaction(platform.tenant) as transaction:
        connection, engagement = transaction.connection, platform.tenant.engagement_id
        id_ = (
            await connection.exec_driver_sql(
                "select id from flow_data_entities where flow_id = $1 and natural_key = 'load:crate:fruit:1'",
                (third,),
            )
        ).scalar_one()
        entity = await get_entity(connection, engagement, id_)
        assert entity is not None
        way = await walk(connection, entity, "up")
        assert [(step["flow_id"], step["natural_key"], step["dataset"]) for step in way.steps] == [
            (second, "crate:fruit:1", "crates"),
            (root, "fruit:1", "fruit"),
        ]
        assert way.references[-1] == "orchard.csv##3"
        fruit = await get_entity(connection, engagement, way.steps[-1]["id"])
        assert fruit is not None
        back = await walk(connection, fruit, "down")
        assert [step["natural_key"] for step in back.steps] == ["crate:fruit:1", "load:crate:fruit:1"]


async def newest_child(platform: InProcessPlatform, flow_id: UUID, before: UUID) -> UUID:
    async def found() -> UUID | None:
        return next((row.id for row in await children(platform, flow_id) if row.id != before), None)

    child = await eventually(found, timeout=30, what=f"another child of {flow_id}")
    assert child is not None
    return child


async def test_a_child_that_was_rolled_back_is_not_carried_on_beside_a_newer_one(
    platform: InProcessPlatform,
) -> None:
    root, old = await chain(platform, through="sorting")
    await platform.roll_back(old, "flow")
    await platform.reach(old, "rolled_back")
    await platform.order(root, lambda draft: request_handoff(draft, "ann", "sorting"))
    new = await newest_child(platform, root, old)
    await platform.reach(new, "completed")
    with pytest.raises(Refused) as refused:
        await platform.order(old, lambda draft: execute_phase(draft, "ann", draft.flow.phases[0].name))
    assert refused.value.code == "superseded"
    await platform.roll_back(new, "flow")
    await platform.reach(new, "rolled_back")
    await platform.order(old, lambda draft: execute_phase(draft, "ann", draft.flow.phases[0].name))
    await platform.reach(old, "completed")


async def test_after_a_cascade_the_chain_goes_on_with_new_flows(platform: InProcessPlatform) -> None:
    root, second, third = await chain(platform, apples=3)
    await platform.roll_back(root, "cascade", "pick")
    await platform.reach(root, "waiting")
    assert [row.status for row in await handoffs(platform, root)] == ["revoked"]
    await platform.order(root, lambda draft: execute_phase(draft, "ann", "pick"))
    again = await newest_child(platform, root, second)
    await platform.reach(again, "completed")
    assert [row.status for row in await handoffs(platform, root)] == ["revoked", "accepted"]
    assert await child_of(platform, again) != third
    for old in (second, third):
        with pytest.raises(Refused) as refused:
            await platform.order(old, lambda draft: execute_phase(draft, "ann", draft.flow.phases[0].name))
        assert refused.value.code == "handoff_revoked"
