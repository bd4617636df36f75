"""The statements of docs/proof.md, read out of that page and put to the database from outside, as its owner."""

import re
from typing import Any
from uuid import UUID

from tests.support.process_platform import ProcessPlatform
from tests.support.program import ROOT

_PAGE = ROOT / "docs" / "proof.md"


def _statements(heading: str) -> list[str]:
    text = _PAGE.read_text()
    section = re.search(rf"^## {re.escape(heading)}.*?$(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert section is not None, f"{_PAGE.name} has no section {heading!r}"
    found = re.findall(r"```sql\n(.*?)```", section.group(1), re.DOTALL)
    assert found, f"{heading!r} has no statement"
    return found


async def faults_in_ledger(platform: ProcessPlatform) -> list[Any]:
    """Every row that the ledger's statements return: none, when each result and each effect is there once."""
    return [row for sql in _statements("The ledger") for row in await platform.as_owner(sql)]


async def faults_in_assets(platform: ProcessPlatform, estate: UUID) -> list[Any]:
    """The difference of the asset table from a refold of what is active."""
    (sql,) = _statements("2.")
    (row,) = await platform.as_owner(sql, estate)
    return [row] if row["missing"] or row["extra"] else []


async def faults_in_rollback(platform: ProcessPlatform, rollback: UUID, estate: UUID) -> list[Any]:
    """What keeps the proof of a rollback from holding."""
    (pointers,), (index,), (effects,), (rows,) = map(_statements, ("1.", "3.", "4.", "5."))
    faults = [row for sql in (pointers, effects, rows) for row in await platform.as_owner(sql, rollback)]
    faults += [row for row in await platform.as_owner(index, rollback) if not _is_indexed(row)]
    return faults + await faults_in_assets(platform, estate)


def _is_indexed(row: Any) -> bool:
    return bool((row["rows"], row["index_hash"]) == (row["found"], row["found_hash"]))
