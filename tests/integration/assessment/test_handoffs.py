"""What the assessment hands over must hold: else it stays here with the reason, and goes on once it is mended."""

from pathlib import Path
from typing import Any

import pytest

from tests.integration.assessment.conftest import Journeys
from tests.integration.assessment.estate import name_of
from tests.integration.assessment.test_edits import WAVES, accept
from tests.support.waiting import eventually


async def last_handoff(journeys: Journeys, flow: str, count: int) -> dict[str, Any]:
    """Once there are so many, and the last has ended."""

    async def ended() -> dict[str, Any] | None:
        items = (await journeys.ann.json("GET", f"/flows/{flow}/handoffs"))["items"]
        done = len(items) == count and items[-1]["status"] in ("accepted", "failed")
        return dict(items[-1]) if done else None

    found = await eventually(ended, timeout=60, what=f"{count} handoffs have ended")
    assert found is not None
    return found


@pytest.mark.timeout(300)
async def test_a_plan_that_breaks_a_rule_is_not_handed_over_until_it_is_mended(
    journeys: Journeys, files: list[Path]
) -> None:
    chain = await journeys.travel(files, through="assessment", waves=WAVES)
    flow, good = chain.assessment, await journeys.dataset(chain.assessment, "waves")
    plan = await journeys.plan(flow)
    needed, needs = (plan[name_of(number)]["natural_key"] for number in (1, 2))
    turned = [
        {"move": {"application": needed, "wave": 8}},
        {"move": {"application": needs, "wave": 7}},
    ]
    edit = await accept(journeys, flow, *turned)
    assert edit["violations"]["precedence"]
    await journeys.ann.json("POST", f"/flows/{flow}/handoffs", 202)
    failed = await last_handoff(journeys, flow, 1)
    assert failed["status"] == "failed"
    assert failed["error"]["message"] == "the plan breaks no rule: 1 precedence"
    assert [rule["rule"] for rule in failed["rules"] if not rule["passed"]] == ["the plan breaks no rule"]
    assert (await journeys.flow(flow))["status"] == "completed"
    assert len((await journeys.ann.json("GET", f"/flows/{flow}/chain"))["flows"]) == 2

    await journeys.ann.json("POST", f"/wave-plans/{good}/edits:restore", 202)
    await journeys.finished(flow)
    await journeys.ann.json("POST", f"/flows/{flow}/handoffs", 202)
    accepted = await last_handoff(journeys, flow, 2)
    assert accepted["status"] == "accepted"
    assert all(rule["passed"] for rule in accepted["rules"])
    *_, child = await journeys.reached(chain.discovery, 3)
    assert child == accepted["target_flow_id"]


@pytest.mark.timeout(300)
async def test_a_child_is_stale_when_its_parent_came_out_differently_and_takes_it_in_when_asked(
    journeys: Journeys, files: list[Path]
) -> None:
    chain = await journeys.travel(files, waves=WAVES)
    plan = await journeys.plan(chain.assessment)
    unit, free = plan[name_of(0)]["natural_key"], min({*range(1, 9)} - {row["wave"] for row in plan.values()})
    before = {row["application"]: row["wave"] for row in await journeys.all("/targets", flow=chain.planning)}
    await accept(journeys, chain.assessment, {"move": {"application": unit, "wave": free}})
    assert await journeys.became_stale(chain.planning) == ["overview", "timeline", "resource", "target"]
    told = {row["application"]: row["wave"] for row in await journeys.all("/targets", flow=chain.planning)}
    assert told == before
    await journeys.refresh(chain.planning)
    told = {row["application"]: row["wave"] for row in await journeys.all("/targets", flow=chain.planning)}
    assert told == before | {unit: free}
    # The same once more changes nothing: what is handed over is what the child has.
    await journeys.ann.json("POST", f"/flows/{chain.assessment}/handoffs", 202)
    assert (await last_handoff(journeys, chain.assessment, 3))["status"] == "accepted"
    assert await journeys.stale(chain.planning) == []
