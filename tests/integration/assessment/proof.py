"""The statements of docs/proof.md, run from outside: by another role, and not by the code that rolls back."""

from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg

from tests.support import Database

_PAGE = Path(__file__).parents[3] / "docs/proof.md"
_TITLES = ("## 1.", "## 2.", "## 3.", "## 4.", "## 5.")


def statements() -> list[str]:
    """The first statement under each title, in order."""
    text = _PAGE.read_text(encoding="utf-8")
    return [text.split(title, 1)[1].split("```sql\n", 1)[1].split("```", 1)[0] for title in _TITLES]


async def refold(urls: Database, estate: str) -> tuple[int, int, int]:
    """Rows that the asset table lacks, has too many, and has."""
    (row,) = await _ask(urls, statements()[1], estate)
    return row["missing"], row["extra"], row["assets"]


async def faults(urls: Database, rollback: str, estate: str) -> list[Any]:
    """All that speaks against a rollback; nothing when the state is the one before."""
    pointers, _, indexed, effects, _ = statements()
    wrong = [
        row
        for row in await _ask(urls, indexed, rollback)
        if row["found"] != row["rows"] or row["found_hash"] != row["index_hash"]
    ]
    missing, extra, _ = await refold(urls, estate)
    rows = [
        await _ask(urls, pointers, rollback),
        wrong,
        await _ask(urls, effects, rollback),
        await selected(urls, rollback),
    ]
    return [*(each for some in rows for each in some), *([(missing, extra)] if missing or extra else [])]


async def selected(urls: Database, rollback: str) -> list[Any]:
    """Rows that a selective version lacks or has too many; none of another rollback."""
    return await _ask(urls, statements()[4], rollback)


async def _ask(urls: Database, sql: str, id_: str) -> list[Any]:
    connection = await asyncpg.connect(urls.owner.replace("+asyncpg", ""))
    try:
        return list(await connection.fetch(sql, UUID(id_)))
    finally:
        await connection.close()
