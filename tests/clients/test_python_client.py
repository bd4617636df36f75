"""The Python client against a running gateway, and the example in its README."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from caravan_client import Caravan, ProblemError, expect
from caravan_client._events import Event, read_events
from caravan_client.generated.api.assets import list_assets
from caravan_client.generated.api.flows import create_flow, get_flow, pause_flow
from caravan_client.generated.api.rollback import plan_rollback
from caravan_client.generated.models import (
    Configuration,
    CreateFlow,
    FlowView,
    PlanRollback,
    PlanRollbackKind,
)
from tests.clients.conftest import INVENTORY, ROOT, Running
from tests.support.waiting import wait_until

pytestmark = pytest.mark.timeout(200)
README = ROOT / "clients" / "python" / "README.md"
NOBODY = UUID("00000000-0000-7000-8000-000000000000")


@pytest.fixture(scope="module")
def caravan(running: Running) -> Iterator[Caravan]:
    with Caravan(running.url, running.token) as opened:
        yield opened


@pytest.fixture(scope="module")
def flow(caravan: Caravan) -> FlowView:
    """Created twice under one key; waited for."""
    upload = caravan.upload(INVENTORY, idempotency_key="python-upload")
    assert caravan.upload(INVENTORY, idempotency_key="python-upload").upload_id == upload.upload_id
    body = CreateFlow(
        flow_type="discovery",
        name="by Python",
        configuration=Configuration(uploads=[upload.upload_id]),
        auto_accept=True,
    )
    made = [
        create_flow.sync_detailed(client=caravan.client, body=body, idempotency_key="python-1") for _ in "12"
    ]
    assert made[1].headers["idempotent-replayed"] == "true"
    first, second = map(expect, made)
    assert first.id == second.id
    done = caravan.wait(first.id, seconds=150)
    # The table of assets follows the flow's end.
    wait_until(
        lambda: expect(list_assets.sync_detailed(client=caravan.client, estate=done.id)).items,
        what="its assets",
    )
    return done


def test_a_flow_is_waited_for_to_its_end(flow: FlowView) -> None:
    assert flow.status == "completed"
    assert {phase.status for phase in flow.phases} == {"completed"}


def test_every_page_of_the_assets_is_walked(caravan: Caravan, flow: FlowView) -> None:
    def assets(limit: int) -> list[str]:
        found = caravan.items(
            lambda cursor: expect(
                list_assets.sync_detailed(client=caravan.client, estate=flow.id, limit=limit, cursor=cursor)
            )
        )
        return [str(asset.id) for asset in found]

    assert len(assets(3)) > 3
    assert assets(3) == assets(500)


def test_events_are_followed_from_the_one_seen_last(caravan: Caravan, flow: FlowView) -> None:
    from caravan_client.generated.api.events import list_flow_events

    kept = expect(list_flow_events.sync_detailed(flow.id, client=caravan.client, limit=500)).items
    following = caravan.events(flow=flow.id, last_event_id=str(kept[0].id))
    seen = [next(following) for _ in kept[1:]]
    assert [event.data and event.data["sequence"] for event in seen] == [event.sequence for event in kept[1:]]
    # After a break it goes on behind the last one.
    again = next(caravan.events(flow=flow.id, last_event_id=seen[-2].id))
    assert again.data == seen[-1].data


def test_a_rollback_is_planned_and_changes_nothing(caravan: Caravan, flow: FlowView) -> None:
    body = PlanRollback(kind=PlanRollbackKind.FLOW)
    plan = expect(plan_rollback.sync_detailed(flow.id, client=caravan.client, body=body))
    assert plan.flows == [flow.id]
    assert len(plan.datasets) > 1
    assert expect(get_flow.sync_detailed(flow.id, client=caravan.client)).etag == flow.etag


def test_a_problem_is_an_exception_with_its_code(caravan: Caravan, flow: FlowView) -> None:
    with pytest.raises(ProblemError, match="There is no such flow") as refused:
        expect(get_flow.sync_detailed(NOBODY, client=caravan.client))
    assert (refused.value.code, refused.value.status) == ("not_found", 404)
    with pytest.raises(ProblemError) as stale:
        expect(pause_flow.sync_detailed(flow.id, client=caravan.client, if_match='"0"'))
    assert stale.value.code == "version_mismatch"


def test_a_strangers_token_is_a_problem_also_of_the_stream_and_of_uploads(running: Running) -> None:
    with Caravan(running.url, "nobody") as stranger:
        for attempt in (lambda: next(stranger.events()), lambda: stranger.upload(INVENTORY)):
            with pytest.raises(ProblemError) as refused:
                attempt()
            assert refused.value.code == "invalid_token"


async def test_calls_may_be_awaited(caravan: Caravan, flow: FlowView) -> None:
    answered = await get_flow.asyncio_detailed(flow.id, client=caravan.client)
    assert expect(answered).id == flow.id
    await caravan.client.get_async_httpx_client().aclose()


def test_a_stream_is_read_as_its_standard_says() -> None:
    lines = ["retry: 1000", "id: 7", "", ": alive", "", "event: a", 'data: {"n":', "data: 1}", "", "data: {}"]
    assert list(read_events(lines)) == [Event("7", "message", None), Event("7", "a", {"n": 1})]


def test_the_example_in_its_readme_runs_and_its_types_hold(running: Running, tmp_path: Path) -> None:
    (example,) = re.findall(
        r"^```python\n(.*?)^```$", README.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    script = tmp_path / "example.py"
    script.write_text(example)
    env = {
        **os.environ,
        "PYTHONPATH": str(ROOT / "clients" / "python"),
        "MYPYPATH": str(ROOT / "clients" / "python"),
        "CARAVAN_URL": running.url,
        "CARAVAN_TOKEN": running.token,
        "INVENTORY": str(INVENTORY),
    }
    # Of the whole run's cache only the flags differ.
    mypy = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(ROOT / ".mypy_cache" / "readme")]
    commands = ([sys.executable, str(script)], [*mypy, str(script)])
    ran = [
        subprocess.run(c, env=env, cwd=tmp_path, capture_output=True, text=True, check=False)
        for c in commands
    ]
    assert [each.returncode for each in ran] == [0, 0], [each.stdout + each.stderr for each in ran]
    lines = ran[0].stdout.splitlines()
    assert lines[0] == "completed"
    assert lines[-1] == "unknown_flow_type"
