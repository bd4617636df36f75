"""The audit chain: whole when nobody touched it; a change, a gap and a cut tail each show."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from caravan_orchestrator.store.audit import seal_heads, verify_audit
from caravan_orchestrator.usecases.audit import append_audit
from tests.support.inprocess_platform import InProcessPlatform, inprocess_platform
from tests.support.postgres import Database
from tests.support.survey_service import SURVEY_SERVICE


@pytest.fixture(scope="module")
async def platform(
    database_urls: Database, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[InProcessPlatform]:
    async with inprocess_platform(database_urls, tmp_path_factory.mktemp("audit"), SURVEY_SERVICE) as running:
        yield running


@pytest.fixture
async def flow_id(platform: InProcessPlatform, tmp_path: Path) -> AsyncIterator[UUID]:
    created = await platform.create("survey", auto_accept=True, configuration={"path": str(tmp_path / "x")})
    await platform.reach(created, "completed")
    await seal_heads(platform.database.dispatch)
    assert await verify_audit(platform.database, platform.tenant) == []
    yield created
    await tamper(platform.urls, f"delete from audit_log where flow_id = '{created}'")
    await tamper(
        platform.urls,
        f"update migration_flows set audit_sequence = 0, audit_head = '' where id = '{created}'",
    )
    await tamper(
        platform.urls, "delete from running.audit_seals; update running.audit_heads set sealed = sequence"
    )


async def tamper(database: Database, sql: str) -> None:
    owner = await asyncpg.connect(database.owner)
    await owner.execute(sql)
    await owner.close()


async def problems(platform: InProcessPlatform) -> list[str]:
    return [fault.problem for fault in await verify_audit(platform.database, platform.tenant)]


async def test_a_changed_row_shows(platform: InProcessPlatform, flow_id: UUID) -> None:
    await tamper(
        platform.urls, f"update audit_log set actor = 'eve' where flow_id = '{flow_id}' and sequence = 2"
    )
    assert await problems(platform) == ["row 2 was changed"]


async def test_a_missing_row_shows(platform: InProcessPlatform, flow_id: UUID) -> None:
    await tamper(platform.urls, f"delete from audit_log where flow_id = '{flow_id}' and sequence = 2")
    assert await problems(platform) == ["row 2 is missing"]


async def test_a_cut_tail_shows_even_when_the_flow_was_made_to_agree(
    platform: InProcessPlatform, flow_id: UUID
) -> None:
    await tamper(
        platform.urls,
        f"delete from audit_log where flow_id = '{flow_id}' and sequence = (select max(sequence) from audit_log"
        f" where flow_id = '{flow_id}'); update migration_flows f set audit_sequence = a.sequence,"
        f" audit_head = a.hash from audit_log a where f.id = '{flow_id}' and a.flow_id = f.id"
        f" and a.sequence = (select max(sequence) from audit_log where flow_id = '{flow_id}')",
    )
    (problem,) = await problems(platform)
    assert "a seal covers" in problem


async def test_a_removed_seal_shows(platform: InProcessPlatform, flow_id: UUID) -> None:
    second = await platform.create("survey", auto_accept=True)
    await platform.reach(second, "completed", "failed")
    await seal_heads(platform.database.dispatch)
    await tamper(platform.urls, "delete from running.audit_seals where number = 1")
    assert "seal 1 is missing or was changed" in await problems(platform)


async def test_a_removed_row_of_the_engagement_itself_shows(platform: InProcessPlatform) -> None:
    async with platform.database.transaction(platform.tenant) as transaction:
        await append_audit(transaction, "ann", "upload.created", "a.csv", {})
        await append_audit(transaction, "ann", "upload.created", "b.csv", {})
    assert await problems(platform) == []
    await tamper(platform.urls, "delete from audit_log where flow_id is null and sequence = 2")
    assert await problems(platform) == ["the engagement knows 2 rows, 1 are there"]
