"""The budget of a flow against a provider that counts, with workers and children killed in the middle of calls."""

import asyncio
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from caravan_common.crews import Case, Option
from tests.support.model_server import Hang, ModelServer, verdicts
from tests.support.process_platform import ProcessPlatform, process_platform
from tests.support.waiting import eventually

BUDGET = 20_000
ANSWER_TOKENS = 500
LEASE_SECONDS = 2
CASES = 80
Say = Callable[[str], None]


@pytest.fixture
def provider() -> Iterator[ModelServer]:
    with ModelServer() as server:
        yield server


def settings(provider: ModelServer) -> dict[str, str]:
    return {
        "CARAVAN_LLM": "openai/scripted",
        "CARAVAN_LLM_BASE_URL": provider.url,
        "CARAVAN_LLM_API_KEY": "sk-scripted",
        "CARAVAN_LLM_BATCH_CASES": "2",
        "CARAVAN_LLM_ANSWER_TOKENS": str(ANSWER_TOKENS),
    }


def a_case(number: int) -> dict[str, Any]:
    options = (Option(id="rehost", score=0.55), Option(id="retire", score=0.5))
    facts = {"note": "runs payroll"}
    case = Case(id=f"case-{number}", facts=facts, options=options, recommendation="rehost")
    return case.model_dump(mode="json")


async def asked(provider: ModelServer, times: int) -> None:
    async def so() -> bool:
        return len(provider.requests) >= times

    await eventually(so, timeout=90, every=0.01, what=f"call {times}")


async def kill_worker(platform: ProcessPlatform) -> None:
    """Its children notice by themselves."""
    await asyncio.to_thread(platform.kill, "judging-1")
    platform.start("judging-1")


def kill_child(pids: Path) -> None:
    os.kill(int(pids.read_text().splitlines()[-1]), signal.SIGKILL)


@pytest.mark.timeout(240)
async def test_a_budget_stops_calls_at_the_stated_figure_across_crashes(
    tmp_path: Path, provider: ModelServer, say: Say
) -> None:
    hanging = [Hang() for _ in range(3)]
    provider.script(verdicts(), hanging[0], verdicts(), hanging[1], hanging[2], verdicts())
    module = {"judging": "tests.support.judging_program"}
    async with process_platform(
        tmp_path, module, settings=settings(provider), orchestrators=1, workers=1, slots=1
    ) as platform:
        flow = await platform.create(
            "judging",
            configuration={
                "cases": [a_case(number) for number in range(CASES)],
                "pid": str(tmp_path / "pids"),
                "budget_tokens": BUDGET,
                "lease_seconds": LEASE_SECONDS,
            },
        )
        await asked(provider, 2)
        await kill_worker(platform)
        await asked(provider, 4)
        kill_child(tmp_path / "pids")
        await asked(provider, 5)
        await kill_worker(platform)
        await platform.reach(flow, "completed", timeout=120)
        usage = await platform.query(
            "select sum(calls), sum(prompt_tokens + completion_tokens), sum(reserved_tokens)"
            " from llm_usage where flow_id = $1",
            flow,
        )
        [(summary,)] = await platform.query(
            "select summary from flow_phases where flow_id = $1 and name = 'judge'", flow
        )
        (epoch,) = next(
            iter(await platform.query("select max(epoch) from phase_attempts where flow_id = $1", flow))
        )
    for each in hanging:
        each.release.set()
    calls, settled, booked = (int(number) for number in usage[0])
    billed = sum(request.tokens for request in provider.requests) + ANSWER_TOKENS * len(hanging)
    say(
        f"{BUDGET} tokens: {len(provider.requests)} calls, {settled} settled, {booked} booked by what was killed, "
        f"at most {billed} billed, {epoch} epochs"
    )
    assert len(provider.requests) == calls + len(hanging), "every call is known, also those cut short"
    assert settled + booked <= BUDGET
    assert billed <= BUDGET
    reasons = [each["why_rule"] for each in summary["judgements"]]
    assert reasons[-1] == "the budget was spent"
    assert reasons.count(None) == 2 * (calls - 2), "what the last run heard is used"
    assert epoch == len(hanging) + 1
