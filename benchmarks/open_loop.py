"""Sends requests at the times given, whatever the answers do: a process of its own, so that it measures itself too.

    python -m benchmarks.open_loop < plan.json > answers.json

The plan: {"url", "requests": [{"at", "case", "method", "path", "token", "body"?}]}, `at` in seconds from the start.
An answer: [case, milliseconds from the time given to the last byte, milliseconds it was sent late, status].
"""

import asyncio
import json
import sys
import time
from typing import Any

import httpx

_START_SECONDS = 1.0
_PATIENCE_SECONDS = 60


async def send(plan: dict[str, Any]) -> list[tuple[str, float, float, int]]:
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    async with httpx.AsyncClient(
        base_url=plan["url"], limits=limits, timeout=_PATIENCE_SECONDS, trust_env=False
    ) as client:
        start = time.perf_counter() + _START_SECONDS
        return list(await asyncio.gather(*(_send(client, start, each) for each in plan["requests"])))


async def _send(
    client: httpx.AsyncClient, start: float, wanted: dict[str, Any]
) -> tuple[str, float, float, int]:
    due = start + wanted["at"]
    await asyncio.sleep(due - time.perf_counter())
    sent = time.perf_counter()
    answer = await client.request(
        wanted["method"],
        wanted["path"],
        json=wanted.get("body"),
        headers={"Authorization": f"Bearer {wanted['token']}"},
    )
    ended = time.perf_counter()
    return wanted["case"], (ended - due) * 1000, (sent - due) * 1000, answer.status_code


if __name__ == "__main__":
    json.dump(asyncio.run(send(json.load(sys.stdin))), sys.stdout)
