"""Rollback on a real database, with its proof."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from caravan_common.contracts import DecisionKind
from caravan_orchestrator.domain import control
from caravan_orchestrator.domain.cascade import RollbackOrder
from caravan_orchestrator.domain.errors import Refused
from caravan_orchestrator.domain.people import answer_question, record_decision
from caravan_orchestrator.usecases import rollbacks
from tests.support.inprocess_platform import InProcessPlatform, inprocess_platform
from tests.support.postgres import Database
from tests.support.survey_service import SURVEY_SERVICE
from tests.support.waiting import eventually

ASSETS = (
    "select natural_key, name, environment, memory_gb, ip_addresses, custom_attributes from assets order by 1"
)
TERMS = "select count(*) from search_terms where entity_kind = 'asset'"
NAMELESS = f"{TERMS} and not exists (select 1 from assets a where a.id = entity_id)"


@pytest.fixture(scope="module")
async def platform(
    database_urls: Database, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[InProcessPlatform]:
    folder = tmp_path_factory.mktemp("platform")
    async with inprocess_platform(database_urls, folder, SURVEY_SERVICE) as running:
        yield running


async def assets(platform: InProcessPlatform, flow_id: UUID) -> list[Any]:
    await platform.settled()
    return list(await platform.query(ASSETS.replace("order", f"where estate_id = '{flow_id}' order")))


async def proof_of(platform: InProcessPlatform, rollback_id: UUID) -> dict[str, Any]:
    row = (
        await platform.query("select data_integrity_check from flow_rollbacks where id = $1", rollback_id)
    )[0]
    found = row[0]
    return dict(json.loads(found) if isinstance(found, str) else found)


async def finished(platform: InProcessPlatform, folder: Path, *effects: str, machines: int = 3) -> UUID:
    configuration = {"machines": machines, "effects": list(effects), "path": str(folder / "effects.txt")}
    flow_id = await platform.create("survey", configuration=configuration, auto_accept=True)
    await platform.reach(flow_id, "completed")
    await platform.settled()
    return flow_id


async def test_assets_are_a_fold_of_what_is_active(platform: InProcessPlatform, tmp_path: Path) -> None:
    flow_id = await finished(platform, tmp_path)
    found = await assets(platform, flow_id)
    assert [tuple(row)[:4] for row in found] == [
        ("vm:000000", "host-0", "test", 0.5),
        ("vm:000001", "host-1", "test", 1.5),
        ("vm:000002", "host-2", "test", 2.5),
    ]
    assert list(found[0][4]) == ["10.0.0.0", "fe80::1"]


@pytest.mark.parametrize("phase", ["gather", "judge", "act"])
async def test_each_phase_is_rolled_back_with_proof_and_runs_again(
    platform: InProcessPlatform, tmp_path: Path, phase: str
) -> None:
    flow_id = await finished(platform, tmp_path, "one", "two")
    before = await assets(platform, flow_id)
    rollback_id = await platform.roll_back(flow_id, "phase", phase)
    await platform.reach(flow_id, "waiting")
    proof = await proof_of(platform, rollback_id)
    assert proof["holds"], proof
    assert (tmp_path / "effects.txt").read_text() == ""
    environments = {row[2] for row in await assets(platform, flow_id)}
    assert environments == {"gather": set(), "judge": {None}, "act": {"test"}}[phase]
    await platform.order(flow_id, lambda draft: control.execute_phase(draft, "ann", phase))
    await platform.reach(flow_id, "completed")
    assert await assets(platform, flow_id) == before
    assert (tmp_path / "effects.txt").read_text().split() == ["one", "two"]


async def test_the_flow_is_rolled_back_and_leaves_no_asset_and_no_name_to_find_one_by(
    platform: InProcessPlatform, tmp_path: Path
) -> None:
    flow_id = await finished(platform, tmp_path, "one")
    before = (await platform.query(TERMS))[0][0]
    rollback_id = await platform.roll_back(flow_id, "flow")
    await platform.reach(flow_id, "rolled_back")
    assert (await proof_of(platform, rollback_id))["holds"]
    assert await assets(platform, flow_id) == []
    assert (await platform.query(TERMS))[0][0] < before
    assert (await platform.query(NAMELESS))[0][0] == 0


async def test_answers_and_overrides_in_between_are_withdrawn_with_their_phase(
    platform: InProcessPlatform, tmp_path: Path
) -> None:
    flow_id = await platform.create("survey", configuration={"path": str(tmp_path / "effects.txt")})
    await platform.reach(flow_id, "waiting")
    await platform.order(
        flow_id,
        lambda draft: answer_question(
            draft,
            phase="judge",
            key="environment",
            blocking=True,
            option="production",
            old="test",
            actor="ann",
            reason=None,
        ),
    )
    await platform.reach(flow_id, "completed")
    await platform.order(flow_id, override("vm:000001", {"memory_gb": 64}))
    found = await assets(platform, flow_id)
    assert [(row[2], row[3]) for row in found] == [
        ("production", 0.5),
        ("production", 64),
        ("production", 2.5),
    ]
    rollback_id = await platform.roll_back(flow_id, "phase", "judge")
    await platform.reach(flow_id, "waiting")
    assert (await proof_of(platform, rollback_id))["holds"]
    assert [(row[2], row[3]) for row in await assets(platform, flow_id)] == [
        (None, 0.5),
        (None, 1.5),
        (None, 2.5),
    ]
    kept = await platform.query("select count(*) from human_decisions where flow_id = $1", flow_id)
    assert kept[0][0] == 2


def override(subject: str, value: dict[str, Any]) -> Any:
    def give(draft: Any) -> None:
        record_decision(
            draft,
            kind=DecisionKind.OVERRIDE,
            phase="judge",
            subject=subject,
            value=value,
            old=None,
            actor="ann",
        )
        draft.follow_up("fold", draft.flow.estate_id)

    return give


async def test_a_stale_digest_changes_nothing(platform: InProcessPlatform, tmp_path: Path) -> None:
    flow_id = await finished(platform, tmp_path)
    order = RollbackOrder("flow", None, digest="0" * 64, actor="ann", reason="late")
    async with platform.database.transaction(platform.tenant) as transaction:
        with pytest.raises(Refused) as refused:
            await rollbacks.start(transaction, flow_id, order)
    assert refused.value.code == "stale_digest"
    assert (await platform.status(flow_id))[0] == "completed"


async def test_the_proof_fails_when_a_row_was_tampered_with(
    platform: InProcessPlatform, tmp_path: Path
) -> None:
    flow_id = await finished(platform, tmp_path)
    await platform.query(
        "update flow_data_entities set data = '{\"name\":\"evil\"}' where flow_id = $1 and natural_key = 'n1'"
        " returning 1",
        flow_id,
    )
    rollback_id = await platform.roll_back(flow_id, "phase", "judge")

    async def stopped() -> bool:
        return (await platform.status(flow_id)) == ("rolling_back", "operator")

    await eventually(stopped, what="the proof to fail")
    proof = await proof_of(platform, rollback_id)
    assert [dataset["name"] for dataset in proof["datasets_that_differ"]] == ["notes"]
