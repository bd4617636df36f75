"""A crew heard from a phase in a child process: judgement, usage and transcript come back with the reply."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from caravan_common.artifacts import ArtifactStore, attempt_prefix
from caravan_common.contracts import Budget, ExecutePhase, PhaseCompleted, Tenant, decode, encode, new_id
from caravan_common.worker import ChildPool, ChildSetup
from caravan_common.worker._frames import Job
from caravan_common.worker.children import Task
from tests.support.echo_service import ECHO_SERVICE


@pytest.mark.timeout(120)
async def test_a_phase_that_asks_a_crew_replies_with_its_judgement_usage_and_transcript(
    tmp_path: Path,
) -> None:
    reply, task, store = await judged_phase(tmp_path, Budget(tokens=100_000))
    assert (reply.summary["option"], reply.summary["decided_by"]) == ("rehost", "crew")
    assert "budget_ended" not in reply.summary
    assert [used.calls > 0 for used in reply.usage] == [True]
    assert [used["calls"] for used in json.loads(task.usage)] == [reply.usage[0].calls]
    assert reply.transcript is not None
    lines = ArtifactStore.open(store).get_bytes(reply.transcript.key).decode().splitlines()
    assert json.loads(lines[0])["verdicts"][0]["option"] == "rehost"


@pytest.mark.timeout(120)
async def test_a_phase_whose_budget_is_spent_says_so_in_its_summary(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CARAVAN_LLM", "openai/never-asked")
    reply, _, _ = await judged_phase(tmp_path, Budget(tokens=0))
    assert reply.summary["decided_by"] == "rule"
    ended = reply.summary["budget_ended"]
    assert (ended["cases"], ended["tokens"]) == (1, 0)
    assert "1 contested cases stand as the rules recommend" in ended["words"]


async def judged_phase(tmp_path: Path, budget: Budget) -> tuple[PhaseCompleted, Task, str]:
    """The reply of a phase that puts one case before a crew, in a child; its task; the artifact store."""
    service = replace(ECHO_SERVICE, crews={"reference": "tests.support.reference_crew.crew:build"})
    setup = ChildSetup((service,), (tmp_path / "store").as_uri(), tmp_path / "scratch", "worker-1")
    pool = ChildPool(1, setup)
    await pool.start()
    tenant = Tenant(client_account_id=new_id(), engagement_id=new_id())
    flow, attempt = new_id(), new_id()
    command = ExecutePhase(
        attempt_id=attempt,
        epoch=1,
        flow_id=flow,
        tenant=tenant,
        flow_type="echo",
        definition_version="1.0.0",
        artifact_prefix=attempt_prefix(tenant, flow, attempt),
        phase="judged",
        budget=budget,
    )
    task = pool.submit(Job("ExecutePhase", encode(command), str(new_id()), None))
    result = await task.result
    await pool.close()
    reply = decode(result.type, result.body)
    assert isinstance(reply, PhaseCompleted), reply
    return reply, task, setup.store_url
