"""A service's own broker user in wrong hands, and what to hold its lies against: all tables, all refusals."""

import asyncio
import json
import subprocess
import sys
from typing import Any

from caravan_common.bus.topology import REPLY_ROUTE, Route
from caravan_common.contracts import Message, encode, new_id
from tests.support.command import clean_environment
from tests.support.process_platform import ProcessPlatform
from tests.support.program import ROOT

# What a refusal may leave, and what lives by the clock alone.
_BESIDE = (
    "audit_log",
    "audit_heads",
    "audit_seals",
    "platform_audit",
    "dead_letters",
    "inbox",
    "lease_clock",
)
_BY_THE_CLOCK = ("lease_at", "at", "announced_at", "replicas", "slots", "next_wakeup_at")


class Liar:
    """A process that publishes as one broker user, and knows what a worker can know."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._lies: list[dict[str, Any]] = []

    def says(self, message: Message, route: Route = REPLY_ROUTE, **options: Any) -> str:
        """Its message id; published by `tell`."""
        return self.writes(encode(message), type(message).__name__, route, **options)

    def writes(
        self,
        body: bytes,
        kind: str,
        route: Route = REPLY_ROUTE,
        message_id: str | None = None,
        **options: Any,
    ) -> str:
        id_ = message_id or str(new_id())
        lie = {"exchange": route.exchange, "key": route.routing_key, "type": kind, "id": id_}
        self._lies.append({**lie, "body": body.decode(), **options})
        return id_

    async def tell(self) -> list[str]:
        """What the broker made of each."""
        lies, self._lies = self._lies, []
        done = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-m", "tests.support.malicious_worker", self._url],
            input="".join(json.dumps(lie) + "\n" for lie in lies),
            cwd=ROOT,
            env=clean_environment(),
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        return done.stdout.split()


async def state(platform: ProcessPlatform) -> dict[str, list[str]]:
    """Every table as text, without what a refusal may leave."""
    tables = await platform.as_owner(
        "select table_schema, table_name from information_schema.tables"
        " where table_schema in ('public', 'running') and table_type = 'BASE TABLE'"
    )
    found = {}
    for schema, name in tables:
        if name not in _BESIDE:
            without = "".join(f" - '{column}'" for column in _BY_THE_CLOCK)
            rows = await platform.as_owner(f"select (to_jsonb(t){without})::text from {schema}.{name} t")
            found[f"{schema}.{name}"] = sorted(row[0] for row in rows)
    return found


async def refusals(platform: ProcessPlatform) -> set[tuple[str, str, str, str]]:
    """(reason, actor, message type, subject) of all that were written down, wherever."""
    found: set[tuple[str, str, str, str]] = set()
    for table in ("audit_log", "running.platform_audit"):
        rows = await platform.as_owner(
            "select details->>'reason', actor, details->>'type', subject"
            f" from {table} where action = 'message.refused'"
        )
        found |= {tuple(row) for row in rows}
    return found
