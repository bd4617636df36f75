"""What `caravan doctor` looks at, each a line: fine, absent (and that is no fault), broken, or stuck."""

import os
import platform as machine
import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from caravan.connection import connect, platform_url
from caravan.embedded.folder import DataFolder
from caravan.failures import CommandFailed
from caravan.installed import installed_services
from caravan_common.settings import Settings

if TYPE_CHECKING:
    from caravan_common.bus import RabbitBus

FINE, ABSENT, BROKEN, STUCK = "ok", "-", "broken", "stuck"
_LIBRARIES = ("crewai", "polars", "fastapi", "sqlalchemy", "aio-pika")
# A flow in one of these states expects something to happen.
_MOVING = ("active", "rolling_back")


@dataclass(frozen=True)
class Check:
    state: str
    what: str
    found: str

    def as_dict(self) -> dict[str, str]:
        return asdict(self)


async def examine(url: str | None, token: str | None, folder: Path, *, platform_named: bool) -> list[Check]:
    """`platform_named`: somebody said where it is, so that its absence is a fault."""
    settings = Settings.load()
    checks = [*_machine(folder)]
    for address, what in (
        (settings.database_url, "database (caravan_app)"),
        (settings.database_dispatch_url, "database (caravan_dispatch)"),
    ):
        if address is not None:
            checks.append(await _database(address, what))
    if settings.amqp_url is not None:
        checks += [check async for check in _broker(settings.amqp_url)]
    checks += [check async for check in _platform(url, token, folder, platform_named=platform_named)]
    return checks


def _machine(folder: Path) -> Iterator[Check]:
    yield Check(FINE, "Python", f"{machine.python_version()} on {machine.system()} {machine.machine()}")
    yield Check(FINE, "libraries", ", ".join(f"{name} {version(name)}" for name in _LIBRARIES))
    try:
        names = [f"{s.definition.flow_type} {s.definition.version}" for s in installed_services()]
        yield Check(FINE, "flow services", ", ".join(names))
    except CommandFailed as error:
        yield Check(BROKEN, "flow services", str(error))
    yield _embedded_postgres()
    yield _folder(folder)


def _embedded_postgres() -> Check:
    from caravan.embedded.postgres import find_programs

    try:
        return Check(
            FINE, "embedded PostgreSQL", f"version {find_programs().parent.name.removeprefix('pginstall')}"
        )
    except CommandFailed as error:
        return Check(BROKEN, "embedded PostgreSQL", str(error))


def _folder(folder: Path) -> Check:
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not os.access(there, os.W_OK):
        return Check(BROKEN, "data folder", f"{folder} can't be written to")
    running = DataFolder(folder).running()
    state = f"in use by process {running['pid']}" if running else "not in use"
    return Check(FINE, "data folder", f"{folder}, {state}, {shutil.disk_usage(there).free >> 30} GiB free")


async def _database(url: str, what: str) -> Check:
    import asyncpg

    try:
        connection = await asyncpg.connect(url, timeout=5)
        try:
            return Check(FINE, what, f"PostgreSQL {await connection.fetchval('show server_version')}")
        finally:
            await connection.close()
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        return Check(BROKEN, what, str(error) or type(error).__name__)


async def _broker(url: str) -> AsyncIterator[Check]:
    from caravan_common.bus import BusError, RabbitBus

    bus = RabbitBus(url)
    try:
        await bus.start()
        yield Check(FINE, "broker", "reachable")
        async for check in _queues(bus):
            yield check
    except BusError as error:
        yield Check(BROKEN, "broker", str(error))
    finally:
        await bus.stop()


async def _queues(bus: "RabbitBus") -> AsyncIterator[Check]:
    from caravan_common.bus import DEAD, HEARTBEATS, REPLIES, command_queue

    services = [command_queue(s.definition.flow_type, s.definition.major) for s in installed_services()]
    for queue in (REPLIES, HEARTBEATS, DEAD, *services):
        consumers, ready = await bus.consumer_count(queue), await bus.message_count(queue)
        state = FINE if consumers else BROKEN
        yield Check(state, f"queue {queue.name}", f"{consumers} consumers, {ready} messages ready")


async def _platform(
    url: str | None, token: str | None, folder: Path, *, platform_named: bool
) -> AsyncIterator[Check]:
    where = platform_url(url, folder)
    try:
        async with connect(url, token, folder) as api:
            health = await api.ready()
            state = FINE if health.get("ready") else BROKEN
            words = ", ".join(f"{name} {found}" for name, found in dict(health.get("checks", {})).items())
            yield Check(state, f"platform at {where}", words)
            for each in (await api.get("/flow-types"))["items"]:
                yield _flow_type(each)
            stuck = [f async for f in api.pages("/flows", status=_MOVING) if _is_stuck(f)]
            yield _stuck(stuck)
    except CommandFailed as error:
        yield Check(BROKEN if platform_named else ABSENT, f"platform at {where}", str(error))


def _flow_type(each: dict[str, Any]) -> Check:
    consumers = each["versions"][0]["consumers"]
    return Check(
        FINE if consumers else BROKEN,
        f"flow type {each['flow_type']} {each['latest']}",
        f"{consumers or 0} workers",
    )


def _is_stuck(flow: dict[str, Any]) -> bool:
    return flow["next_wakeup_at"] is None


def _stuck(flows: list[dict[str, Any]]) -> Check:
    if not flows:
        return Check(FINE, "stuck flows", "none")
    return Check(STUCK, "stuck flows", ", ".join(str(flow["id"]) for flow in flows))
