"""`caravan db`: the schema of a database of one's own."""

import typer

from caravan.commands.gateway import show
from caravan.commands.options import Json
from caravan.failures import BadInput, PlatformUnavailable

app = typer.Typer(help="The schema of a database of your own.", no_args_is_help=True)


@app.command()
def upgrade(json: Json = False) -> None:
    """Bring the database to the current schema: roles, tables, rights. Safe to repeat, and to run twice at once.

    Takes CARAVAN_DATABASE_OWNER_URL, CARAVAN_DATABASE_URL and CARAVAN_DATABASE_DISPATCH_URL.
    """
    from caravan.running import run
    from caravan_common.settings import Settings

    settings = Settings.load()
    urls = {
        "CARAVAN_DATABASE_OWNER_URL": settings.database_owner_url,
        "CARAVAN_DATABASE_URL": settings.database_url,
        "CARAVAN_DATABASE_DISPATCH_URL": settings.database_dispatch_url,
    }
    if missing := [name for name, url in urls.items() if url is None]:
        raise BadInput(f"Set {', '.join(missing)}: migrations need the owner, and make the other two roles.")
    run(_upgrade(*(url or "" for url in urls.values())))
    show({"upgraded": True}, "The database has the current schema.", json=json)


async def _upgrade(owner: str, app_url: str, dispatch: str) -> None:
    import asyncpg
    from sqlalchemy.exc import SQLAlchemyError

    from caravan_orchestrator.store.upgrade import upgrade_database

    try:
        await upgrade_database(owner, app_url, dispatch)
    except (OSError, TimeoutError, SQLAlchemyError, asyncpg.PostgresError) as error:
        words = str(error).strip().partition("\n")[0]
        raise PlatformUnavailable(
            f"The database could not be upgraded ({words}); check its address and owner."
        ) from error
