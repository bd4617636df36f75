"""From a request to the reply of a child process and on: spans as they are exported, by real processes and broker."""

from collections.abc import Collection
from uuid import UUID

import httpx
import pytest

from caravan_orchestrator.local_key import key_file, local_key, make_token
from tests.support.otlp_receiver import OtlpReceiver, Span
from tests.support.process_platform import ProcessPlatform
from tests.support.waiting import eventually

_CALLER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
_TRACE = _CALLER.split("-")[1]


def line_of(spans: Collection[Span], last: Span) -> list[str]:
    """Names of a span and of those above it, up to one whose parent was not exported: the caller's."""
    by_id = {span.span: span for span in spans}
    names, here = [last.name], last
    while here.parent in by_id:
        here = by_id[here.parent]
        names.append(here.name)
    return names


@pytest.mark.timeout(400)
async def test_one_trace_goes_through_gateway_relay_worker_child_and_reply(
    platform: ProcessPlatform, receiver: OtlpReceiver
) -> None:
    flow_id = await begin_flow(platform)
    await platform.reach(UUID(flow_id), "failed", timeout=120)  # at its third phase, which is there to fail

    def in_trace(name: str) -> list[Span]:
        return [span for span in receiver.spans if span.trace == _TRACE and span.name == name]

    async def exported() -> bool:
        return bool(in_trace("take in PhaseCompleted") and in_trace("echo noop"))

    await eventually(exported, timeout=60, what="the spans of the first phase")
    (reply,), (child,) = in_trace("take in PhaseCompleted"), in_trace("echo noop")
    way = ["run echo", "send ExecutePhase", "POST /flows"]
    assert line_of(receiver.spans, reply) == ["take in PhaseCompleted", *way]
    assert line_of(receiver.spans, child) == ["echo noop", *way]
    assert reply.service == "caravan-orchestrator"

    # The next phase is a trace of its own, linked to the reply that began it.
    begun = [span for span in receiver.spans if (reply.trace, reply.span) in span.links]
    assert [span.name for span in begun] == ["begin echo slow"]
    assert begun[0].trace != _TRACE

    # Every run of an attempt that was tried again is in one trace.
    attempts = await platform.query(
        "select id::text from phase_attempts where flow_id = $1 and phase = 'failing'", UUID(flow_id)
    )
    assert len(attempts) == 1

    def runs() -> list[Span]:
        tried = {"caravan.attempt_id": attempts[0][0]}
        return [
            span
            for span in receiver.spans
            if span.name == "run echo" and tried.items() <= span.attributes.items()
        ]

    async def tried_again() -> bool:
        return len(runs()) > 1

    await eventually(tried_again, timeout=60, what="the spans of an attempt's runs")
    assert len({span.trace for span in runs()}) == 1
    assert len({span.attributes["caravan.epoch"] for span in runs()}) == len(runs())


async def begin_flow(platform: ProcessPlatform) -> str:
    """Through the gateway, by a caller who has a trace already."""
    tenant = platform.tenant
    token = make_token(
        local_key(key_file(platform.folder)),
        subject="ann",
        client_account_id=tenant.client_account_id,
        engagement_ids=[tenant.engagement_id],
        roles=["operator"],
    )
    headers = {"authorization": f"Bearer {token}", "traceparent": _CALLER}
    body = {"flow_type": "echo", "name": "traced", "configuration": {"until": str(platform.folder)}}
    async with httpx.AsyncClient(base_url=platform.url("orchestrator-1"), timeout=30) as client:
        answer = await client.post("/api/v1/flows", json=body, headers=headers)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])
