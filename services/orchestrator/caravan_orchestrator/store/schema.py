"""Whether the database has the schema that this code works on. Without Alembic: processes that stay up need no more."""

from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

_VERSIONS = Path(__file__).parent.parent / "migrations" / "versions"


class SchemaIsOlder(Exception):
    """One sentence: which schema is there, which is needed, and what to do."""


@cache
def newest_revision() -> str:
    """A migration's number begins its file's name."""
    return max(path.name[:4] for path in _VERSIONS.glob("[0-9][0-9][0-9][0-9]_*.py"))


async def require_schema(app: AsyncEngine) -> None:
    """A newer one will do: schemas change in two steps, so that the version before works on them.

    Raises SchemaIsOlder, and DBAPIError where there is no schema at all.
    """
    async with app.connect() as connection:
        found: Any = (await connection.exec_driver_sql("select version_num from schema_version")).scalar_one()
    if found < newest_revision():
        raise SchemaIsOlder(
            f"the database's schema is {found}, this version needs {newest_revision()}: run `caravan db upgrade`"
        )
