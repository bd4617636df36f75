"""What an office's tools do while a platform is replaced under them: create flows, read, follow the events.

A request fails when it is answered with 400 or more, cut after it was sent, or not answered in time. One that could
not be sent, because the replica no longer takes connections, goes to the next, as every load balancer does.
"""

import asyncio
import json
import random
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.support.waiting import eventually

_LOOK_SECONDS = 0.2
_REQUEST_SECONDS = 30.0
# Shorter than gateways keep theirs (75 s): else a request meets the end of its connection now and then.
_KEPT = httpx.Limits(keepalive_expiry=1.0)


class Balancer:
    """Each request goes to the next replica in turn of those whose /health/ready says 200, or of all when none does."""

    def __init__(self, token: str) -> None:
        self._headers = {"Authorization": f"Bearer {token}"}
        self._clients: dict[str, httpx.AsyncClient] = {}
        self._ready: set[str] = set()
        self._turn = 0
        self._under_way: Counter[str] = Counter()
        self._streams: dict[str, asyncio.Task[None]] = {}
        self.answered: Counter[int] = Counter()
        self.refused = 0
        self.failed: list[str] = []

    async def join(self, name: str, url: str) -> None:
        """Returns when it is ready."""
        self._clients[name] = httpx.AsyncClient(
            base_url=url, headers=self._headers, timeout=_REQUEST_SECONDS, limits=_KEPT
        )
        async with asyncio.timeout(60):
            while name not in self._ready:
                await self.look()
                await asyncio.sleep(0.05)

    async def leave(self, name: str) -> None:
        """Nothing more is sent there; returns when what was has been answered."""
        client = self._clients.pop(name)
        self._ready.discard(name)
        if (stream := self._streams.get(name)) is not None:
            stream.cancel()

        async def answered() -> bool:
            return not self._under_way[name]

        await eventually(answered, timeout=_REQUEST_SECONDS, every=0.02, what=f"last answers of {name}")
        await client.aclose()

    async def watch(self) -> None:
        while True:
            await self.look()
            await asyncio.sleep(_LOOK_SECONDS)

    async def look(self) -> None:
        await asyncio.gather(*(self._ask(name, client) for name, client in list(self._clients.items())))

    async def _ask(self, name: str, client: httpx.AsyncClient) -> None:
        try:
            ready = (await client.get("/health/ready")).status_code == 200
        except (httpx.HTTPError, RuntimeError):
            ready = False
        if ready and name in self._clients:
            self._ready.add(name)
        else:
            self._ready.discard(name)

    def _next(self) -> list[str]:
        names = sorted(self._ready) or sorted(self._clients)
        self._turn += 1
        first = self._turn % len(names)
        rest = [name for name in sorted(self._clients) if name not in names]
        return names[first:] + names[:first] + rest

    async def send(self, method: str, path: str, **options: Any) -> Any:
        """The answer's JSON, or None when it failed."""
        for name in self._next():
            client = self._clients.get(name)
            if client is None:
                continue
            self._under_way[name] += 1
            try:
                answer = await client.request(method, f"/api/v1{path}", **options)
            except httpx.ConnectError:
                self.refused += 1
                continue
            except httpx.HTTPError as error:
                self.failed.append(f"{method} {path} by {name}: {error!r}")
                return None
            finally:
                self._under_way[name] -= 1
            self.answered[answer.status_code] += 1
            if answer.status_code >= 400:
                self.failed.append(f"{method} {path} by {name}: {answer.status_code} {answer.text[:300]}")
                return None
            return answer.json()
        self.failed.append(f"{method} {path}: no replica takes connections")
        return None

    async def stream(self, position: str | None, take: Callable[[str], None]) -> str:
        """Follows the events after `position` at one replica, to the end: `ended`, `cut`, `left` or `refused`."""
        name = self._next()[0]
        client = self._clients[name]
        headers = {} if position is None else {"Last-Event-ID": position}

        async def read() -> None:
            async with client.stream("GET", "/api/v1/events", headers=headers) as answer:
                answer.raise_for_status()
                async for line in answer.aiter_lines():
                    take(line)

        task = self._streams[name] = asyncio.create_task(read())
        try:
            await asyncio.wait({task})
        finally:
            task.cancel()
        if task.cancelled():
            return "left"
        error = task.exception()
        if isinstance(error, httpx.HTTPStatusError):
            raise error
        if isinstance(error, httpx.ConnectError):
            return "refused"
        return f"cut by {name}" if error else "ended"

    async def close(self) -> None:
        for client in self._clients.values():
            await client.aclose()


@dataclass
class Traffic:
    """`configure` makes the configuration of the flow with that number. `known`: flows that were confirmed to us."""

    balancer: Balancer
    configure: Callable[[int], dict[str, Any]]
    open_flows: Callable[[], Awaitable[int]]
    under_way: int
    readers: int = 3
    known: list[str] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    streams: Counter[str] = field(default_factory=Counter)
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)
    _creating: asyncio.Event = field(default_factory=asyncio.Event)

    def start(self) -> None:
        self._creating.set()
        deeds = [
            self.balancer.watch(),
            self._follow(),
            self._create(),
            *(self._read() for _ in range(self.readers)),
        ]
        self._tasks = [asyncio.create_task(deed) for deed in deeds]

    def create_no_more(self) -> None:
        self._creating.clear()

    async def stop(self) -> None:
        """Fails with what ended one of its tasks."""
        ended = [task for task in self._tasks if task.done()]
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.balancer.close()
        for task in ended:
            task.result()

    async def _create(self) -> None:
        number = 0
        while True:
            await self._creating.wait()
            missing = self.under_way - await self.open_flows()
            for _ in range(max(0, min(missing, 5))):
                number += 1
                body = {
                    "flow_type": "chaos",
                    "name": f"flow {number}",
                    "configuration": self.configure(number),
                    "auto_accept": True,
                }
                created = await self.balancer.send(
                    "POST", "/flows", json=body, headers={"Idempotency-Key": str(uuid.uuid4())}
                )
                if created is not None:
                    self.known.append(created["id"])
            await asyncio.sleep(0.1)

    async def _read(self) -> None:
        while True:
            paths = ["/flows?limit=20", "/flow-types"]
            if self.known:
                flow = random.choice(self.known)
                paths += [f"/flows/{flow}", f"/flows/{flow}/phases", f"/flows/{flow}/events"]
            await self.balancer.send("GET", random.choice(paths))
            await asyncio.sleep(0.05)

    async def _follow(self) -> None:
        """One client that follows everything, coming back where it was whenever its stream ends."""
        position: str | None = None

        def take(line: str) -> None:
            nonlocal position
            name, _, value = line.partition(": ")
            if name == "id":
                position = value
            elif name == "data":
                self.events.append(json.loads(value))

        while True:
            self.streams[await self.balancer.stream(position, take)] += 1
            await asyncio.sleep(0.1)

    def events_missed_or_doubled(self) -> list[str]:
        """Flows whose events did not come in full, each once and in order."""
        seen: dict[str, list[int]] = {flow: [] for flow in self.known}
        for event in self.events:
            seen.setdefault(event["subject"], []).append(event["sequence"])
        last = {event["subject"]: event["type"] for event in self.events}
        return [
            f"{flow}: {numbers} {last.get(flow)}"
            for flow, numbers in seen.items()
            if numbers != list(range(1, len(numbers) + 1)) or last.get(flow) != "caravan.flow.completed"
        ]

    def heard_of(self) -> int:
        """How many flows were reported as completed."""
        return sum(event["type"] == "caravan.flow.completed" for event in self.events)
