"""What `caravan doctor` looks at, each a line: what it found and, where it is not in order, what to do."""

import os
import platform as machine
import shutil
from collections.abc import AsyncIterator, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

from caravan.checks._broker import look_at_broker
from caravan.checks._check import ABSENT, BROKEN, FINE, LOOK, STUCK, Check, check
from caravan.checks._database import announced_workers, look_at_database
from caravan.checks._store import look_at_store
from caravan.connection import connect, platform_url
from caravan.embedded.folder import DataFolder
from caravan.embedded.platform import APP, DISPATCH
from caravan.failures import CommandFailed
from caravan.installed import installed_services
from caravan.workers import workers_of
from caravan_common.settings import Settings

__all__ = ["ABSENT", "BROKEN", "FINE", "LOOK", "STUCK", "Check", "examine"]

_LITTLE_BYTES = 1 << 30
_LIBRARIES = ("crewai", "polars", "fastapi", "sqlalchemy", "aio-pika")
# A flow in one of these states expects something to happen.
_MOVING = ("active", "rolling_back")


async def examine(url: str | None, token: str | None, folder: Path, *, platform_named: bool) -> list[Check]:
    """`platform_named`: somebody said where it is, so that its absence is a fault."""
    settings = Settings.load()
    checks = [*_machine(folder)]
    app, dispatch, artifacts = settings.database_url, settings.database_dispatch_url, settings.artifacts_url
    if (running := DataFolder(folder).running()) is not None and app is None and dispatch is None:
        app, dispatch = running["databases"][APP], running["databases"][DISPATCH]
        artifacts = DataFolder(folder).artifacts_url
    if app is not None and dispatch is not None:
        checks += [each async for each in look_at_database(app, dispatch)]
    elif app is not None or dispatch is not None:
        todo = "Set both, or none."
        words = "CARAVAN_DATABASE_URL or CARAVAN_DATABASE_DISPATCH_URL is missing"
        checks.append(Check(BROKEN, "database", words, todo))
    if artifacts is not None:
        checks.append(await look_at_store(artifacts, dispatch))
    if settings.amqp_url is not None:
        workers = {} if dispatch is None else await announced_workers(dispatch)
        checks += [each async for each in look_at_broker(settings.amqp_url, workers)]
    checks += [each async for each in _platform(url, token, folder, platform_named=platform_named)]
    return checks


def _machine(folder: Path) -> Iterator[Check]:
    yield Check(FINE, "Python", f"{machine.python_version()} on {machine.system()} {machine.machine()}")
    yield Check(FINE, "libraries", ", ".join(f"{name} {version(name)}" for name in _LIBRARIES))
    try:
        names = [f"{s.definition.flow_type} {s.definition.version}" for s in installed_services()]
        yield Check(FINE, "flow services", ", ".join(names))
    except CommandFailed as error:
        yield Check(BROKEN, "flow services", str(error), "Install them again: `make dev`.")
    yield _embedded_postgres()
    yield _folder(folder)


def _embedded_postgres() -> Check:
    from caravan.embedded.postgres import find_programs

    try:
        return Check(
            FINE, "embedded PostgreSQL", f"version {find_programs().parent.name.removeprefix('pginstall')}"
        )
    except CommandFailed as error:
        return Check(BROKEN, "embedded PostgreSQL", str(error), "Use a server of your own.")


def _folder(folder: Path) -> Check:
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not os.access(there, os.W_OK):
        words = f"{folder} can't be written to"
        return Check(BROKEN, "data folder", words, "Name another folder with --data-dir, or mend its rights.")
    running = DataFolder(folder).running()
    state = f"in use by process {running['pid']}" if running else "not in use"
    free = shutil.disk_usage(there).free
    words = f"{folder}, {state}, {free / (1 << 30):.1f} GiB free"
    return check(free < _LITTLE_BYTES, LOOK, "data folder", words, "Make room: files are unpacked there.")


async def _platform(
    url: str | None, token: str | None, folder: Path, *, platform_named: bool
) -> AsyncIterator[Check]:
    where = platform_url(url, folder)
    try:
        async with connect(url, token, folder) as api:
            health = await api.ready()
            state = FINE if health.get("ready") else BROKEN
            words = ", ".join(f"{name} {found}" for name, found in dict(health.get("checks", {})).items())
            todo = "" if state == FINE else "The gateway names what it waits for: database or broker."
            yield Check(state, f"platform at {where}", words, todo)
            for each in (await api.get("/flow-types"))["items"]:
                yield _flow_type(each)
            stuck = [f async for f in api.pages("/flows", status=_MOVING) if _is_stuck(f)]
            yield _stuck(stuck)
    except CommandFailed as error:
        todo = "Start it, or mend --url and --token." if platform_named else ""
        yield Check(BROKEN if platform_named else ABSENT, f"platform at {where}", str(error), todo)


def _flow_type(each: dict[str, Any]) -> Check:
    workers, free = workers_of(each), each["versions"][0]["consumers"] or 0
    what, todo = f"flow type {each['flow_type']} {each['latest']}", "Start a worker: its flows wait for one."
    # Its last consumer goes when its last slot is taken; and it may consume before its announcement was taken in.
    return check(not workers and not free, BROKEN, what, f"{workers} workers, {free} free slots", todo)


def _is_stuck(flow: dict[str, Any]) -> bool:
    return flow["next_wakeup_at"] is None


def _stuck(flows: list[dict[str, Any]]) -> Check:
    todo = "`caravan flow retry` each, and report it with the orchestrator's log."
    words = ", ".join(str(flow["id"]) for flow in flows) or "none"
    return check(bool(flows), STUCK, "stuck flows of this client", words, todo)
