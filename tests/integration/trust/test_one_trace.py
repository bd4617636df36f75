"""From a request to the reply of a child process and on: spans as they are exported, by real processes and broker."""

from collections.abc import Collection

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
    await begin_flow(platform)

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


async def begin_flow(platform: ProcessPlatform) -> None:
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
