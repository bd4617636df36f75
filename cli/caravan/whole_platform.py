"""A platform as its owner sees it, database and artifacts: named by the environment, or in a data folder."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from caravan.embedded.folder import DataFolder
from caravan.embedded.platform import APP, DISPATCH
from caravan.embedded.postgres import OWNER, EmbeddedPostgres
from caravan.failures import BadInput
from caravan_common.settings import Settings

# The embedded platform's own, beside its database; a platform of separate processes has them elsewhere.
_KEPT = ("token-key.pem", "tenants.json")


@dataclass(frozen=True)
class Whole:
    """URLs of the three roles and of the store; `folder` when it is an embedded platform's."""

    owner: str
    app: str
    dispatch: str
    artifacts: str
    folder: Path | None = None


@asynccontextmanager
async def open_whole(data_dir: Path) -> AsyncIterator[Whole]:
    """One that is there, up or at rest. Raises BadInput, PlatformUnavailable."""
    if (named := _named()) is not None:
        yield named
        return
    folder = DataFolder(data_dir)
    running = folder.running()
    if running is not None:
        urls = running["databases"]
        owner = str(urls[APP]).replace(f"://{APP}@", f"://{OWNER}@", 1)
        yield Whole(owner, urls[APP], urls[DISPATCH], folder.artifacts_url, folder.path)
    elif (folder.postgres / "data").is_dir():
        async with _started(folder) as whole:
            yield whole
    else:
        raise BadInput(
            "There is no platform: set CARAVAN_DATABASE_OWNER_URL, CARAVAN_DATABASE_URL, CARAVAN_DATABASE_DISPATCH_URL"
            f" and CARAVAN_ARTIFACTS_URL, or name a platform's folder with --data-dir ({data_dir} is none)."
        )


@asynccontextmanager
async def make_whole(data_dir: Path) -> AsyncIterator[Whole]:
    """An empty one: what the environment names, else a new folder. Raises BadInput, PlatformUnavailable."""
    if (named := _named()) is not None:
        yield named
        return
    folder = DataFolder(data_dir)
    if (folder.postgres / "data").exists():
        raise BadInput(f"{data_dir} holds a platform already; name a new folder with --data-dir.")
    async with _started(folder) as whole:
        yield whole


def _named() -> Whole | None:
    settings = Settings.load()
    urls = (settings.database_owner_url, settings.database_url, settings.database_dispatch_url)
    owner, app, dispatch = urls
    if owner is None or app is None or dispatch is None:
        if any(urls):
            raise BadInput(
                "Set all of CARAVAN_DATABASE_OWNER_URL, CARAVAN_DATABASE_URL, CARAVAN_DATABASE_DISPATCH_URL, or none."
            )
        return None
    if settings.artifacts_url is None:
        raise BadInput("Set CARAVAN_ARTIFACTS_URL: a platform is its database and its artifacts.")
    return Whole(owner, app, dispatch, settings.artifacts_url)


@asynccontextmanager
async def _started(folder: DataFolder) -> AsyncIterator[Whole]:
    """PostgreSQL alone on a folder that no platform runs on."""
    with folder as locked:
        postgres = EmbeddedPostgres(locked.postgres)
        await postgres.start()
        try:
            yield Whole(
                postgres.url(OWNER),
                postgres.url(APP),
                postgres.url(DISPATCH),
                locked.artifacts_url,
                locked.path,
            )
        finally:
            await postgres.stop()


def keep_settings(whole: Whole, backup: Path) -> None:
    """The signing key with the rest, so that tokens stay good. Raises OSError."""
    if whole.folder is not None:
        _copy_settings(whole.folder, backup)


def take_settings(whole: Whole, backup: Path) -> None:
    """And back. Raises OSError."""
    if whole.folder is not None:
        _copy_settings(backup, whole.folder)


def _copy_settings(source: Path, target: Path) -> None:
    for name in _KEPT:
        if (source / name).exists():
            shutil.copy2(source / name, target / name)
