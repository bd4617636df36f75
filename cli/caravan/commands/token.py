"""`caravan token`: one token on stdout, and nothing else."""

import asyncio
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from caravan.commands.options import DataDir
from caravan.failures import BadInput, PlatformUnavailable

if TYPE_CHECKING:
    from caravan.tenants import NamedTenant

_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}


def token(
    client: Annotated[str, typer.Option(help="Name of the client.")] = "demo",
    engagement: Annotated[str, typer.Option(help="Name of the client's engagement.")] = "demo",
    role: Annotated[
        list[str] | None,
        typer.Option(help="viewer, operator, approver, admin (all four when absent) or platform."),
    ] = None,
    subject: Annotated[str | None, typer.Option(help="Who it is for; you when absent.")] = None,
    ttl: Annotated[str, typer.Option(help="How long it is good, such as 30m, 1h or 7d.")] = "1h",
    data_dir: DataDir = None,
) -> None:
    """Print a bearer token for a platform on this machine; client and engagement are made when they are new."""
    from caravan.connection import user_name
    from caravan.embedded.folder import default_folder
    from caravan.tenants import PLATFORM, ROLES, NamedTenant, make_token, remember_tenant

    roles = tuple(role or ROLES)
    if unknown := sorted(set(roles) - {*ROLES, PLATFORM}):
        raise BadInput(f"There is no role {unknown[0]!r}; there are: {', '.join((*ROLES, PLATFORM))}.")
    if not client.strip() or not engagement.strip():
        raise BadInput("Client and engagement need names; leave the options out for the demo's.")
    folder, named = data_dir or default_folder(), NamedTenant(client, engagement)
    try:
        printed = make_token(
            folder, named, roles=roles, subject=subject or user_name(), seconds=_seconds(ttl)
        )
        remember_tenant(folder, named)
    except OSError as error:
        raise PlatformUnavailable(
            f"The data folder {folder} can't be written to ({error.strerror}); name another with --data-dir."
        ) from None
    asyncio.run(_make_tenant(folder, named))
    typer.echo(printed)


def _seconds(ttl: str) -> float:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd]?)", ttl.strip())
    if not found or float(found[1]) <= 0:
        raise BadInput(f"{ttl!r} is no length of time; write it as 30m, 1h or 7d.")
    return float(found[1]) * _UNITS[found[2]]


async def _make_tenant(folder: Path, named: "NamedTenant") -> None:
    """In the database that is there now; a platform that starts later makes it then."""
    from caravan.embedded.folder import DataFolder
    from caravan.embedded.platform import APP
    from caravan.tenants import create_tenant
    from caravan_common.settings import Settings

    running = DataFolder(folder).running()
    url = Settings.load().database_url or (running["databases"][APP] if running else None)
    if url is None:
        return
    import asyncpg

    try:
        await create_tenant(url, named)
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        raise PlatformUnavailable(
            f"The client could not be written to the database ({error}); check CARAVAN_DATABASE_URL."
        ) from None
