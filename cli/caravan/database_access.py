"""The database itself, for what no API answers: named by the environment, of a running platform, or at rest."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from caravan.embedded.folder import DataFolder
from caravan.embedded.platform import APP, DISPATCH
from caravan.embedded.postgres import EmbeddedPostgres
from caravan.failures import BadInput, PlatformUnavailable
from caravan_common.settings import Settings

if TYPE_CHECKING:
    from caravan_orchestrator.store.database import SqlDatabase


@asynccontextmanager
async def open_database(folder: Path) -> AsyncIterator["SqlDatabase"]:
    """Raises BadInput when there is none, PlatformUnavailable when it can't be reached."""
    settings = Settings.load()
    running = DataFolder(folder).running()
    if settings.database_url and settings.database_dispatch_url:
        async with connected(settings.database_url, settings.database_dispatch_url) as database:
            yield database
    elif running is not None:
        urls: Mapping[str, str] = running["databases"]
        async with connected(urls[APP], urls[DISPATCH]) as database:
            yield database
    elif (DataFolder(folder).postgres / "data").is_dir():
        async with (
            _at_rest(folder) as postgres,
            connected(postgres.url(APP), postgres.url(DISPATCH)) as database,
        ):
            yield database
    else:
        raise BadInput(
            f"There is no database: set CARAVAN_DATABASE_URL and CARAVAN_DATABASE_DISPATCH_URL, or name a platform's"
            f" folder with --data-dir ({folder} is none)."
        )


@asynccontextmanager
async def _at_rest(folder: Path) -> AsyncIterator[EmbeddedPostgres]:
    """PostgreSQL alone on a folder that no platform runs on."""
    with DataFolder(folder) as locked:
        postgres = EmbeddedPostgres(locked.postgres)
        await postgres.start()
        try:
            yield postgres
        finally:
            await postgres.stop()


@asynccontextmanager
async def connected(app: str, dispatch: str) -> AsyncIterator["SqlDatabase"]:
    from caravan_orchestrator.store.database import SqlDatabase, make_engine

    database = SqlDatabase(make_engine(app, 4), make_engine(dispatch, 4, autocommit=True))
    try:
        try:
            async with database.app.connect(), database.dispatch.connect():
                pass
        except Exception as error:  # whatever the driver raises, the person can only check the address
            words = str(error).strip().partition("\n")[0] or type(error).__name__
            raise PlatformUnavailable(
                f"The database can't be reached ({words}); check its address."
            ) from error
        yield database
    finally:
        await database.dispose()
