"""The index hash computed where the rows were written equals the one PostgreSQL computes over its index."""

from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import polars as pl
import pytest

from caravan_common.contracts import DatasetSpec, Index
from caravan_common.phases import iter_entities, write_dataset
from tests.support import Database

QUERY = """
select encode(sha256(coalesce(string_agg(sha256(convert_to(
  '[' || to_json(entity_type)::text || ',' || to_json(natural_key)::text || ',' || data::text || ']', 'UTF8')),
  ''::bytea order by entity_type collate "C", natural_key collate "C"), ''::bytea)), 'hex')
from entities
"""
SPEC = DatasetSpec(name="awkward", index=Index.ROWS, entity_type="asset")
AWKWARD = [
    'quoted "twice" and \\ back',
    "line\nbreak\r\n\ttab",
    "Übermaß ß ẞ",
    "emoji 🧳👩‍💻",
    "".join(map(chr, range(1, 32))) + "\x7f\x80\x9f",
    "\u2028\u2029\ufeff",
    "</script>&amp;'",
    "",
    " ",
    "Z",
    "a",
    "ä",
    "z",
    "\U0010ffff",
    "\uffff",
    "\\u0000 is text",
]
NUMBERS = [
    0.1,
    -0.0,
    1e22,
    1e-7,
    5e-324,
    1.7976931348623157e308,
    123456789.123456789,
    1.0,
    2.5e15,
    float("nan"),
]


@pytest.fixture
async def database(database_urls: Database) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(database_urls.owner)
    await connection.execute(
        "create temporary table entities (entity_type text, natural_key text, data json)"
    )
    yield connection
    await connection.close()


def awkward_frame() -> pl.DataFrame:
    rows = len(AWKWARD)
    return pl.DataFrame(
        {
            "natural_key": AWKWARD,
            "entity_type": ["asset" if row % 3 else 'as"set' for row in range(rows)],
            "zulu": AWKWARD[::-1],
            "alpha": [NUMBERS[row % len(NUMBERS)] for row in range(rows)],
            "whole": [2**63 - 1 - row for row in range(rows)],
            "sparse": [None if row % 2 else "x" for row in range(rows)],
            "empty": pl.Series([None] * rows, dtype=pl.String),
            "nested": [{"b": [{"d": word, "c": None}], "a": True} for word in AWKWARD],
            'Ünïcode key "quoted"': ["v"] * rows,
        }
    )


@pytest.mark.parametrize("rows", [len(AWKWARD), 1, 0])
async def test_the_proof_over_the_index_equals_the_hash_in_the_manifest(
    database: asyncpg.Connection, tmp_path: Path, rows: int
) -> None:
    written = write_dataset(SPEC, awkward_frame().head(rows), tmp_path)
    for batch in iter_entities(written.path, SPEC, batch=5):
        records = batch.select("entity_type", "natural_key", "data").rows()
        await database.copy_records_to_table("entities", records=records)
    assert await database.fetchval(QUERY) == written.index_hash


async def test_a_changed_character_in_the_index_changes_the_proof(
    database: asyncpg.Connection, tmp_path: Path
) -> None:
    written = write_dataset(SPEC, awkward_frame(), tmp_path)
    for batch in iter_entities(written.path, SPEC):
        await database.copy_records_to_table(
            "entities", records=batch.select("entity_type", "natural_key", "data").rows()
        )
    await database.execute(
        "update entities set data = replace(data::text, 'true', 'false')::json where natural_key = 'Z'"
    )
    assert await database.fetchval(QUERY) != written.index_hash


async def test_every_text_of_the_index_is_json_that_postgres_can_look_into(
    database: asyncpg.Connection, tmp_path: Path
) -> None:
    frame = awkward_frame().with_columns(zulu=pl.lit("nul\0inside \\\0 \\u0000\0\0"))
    written = write_dataset(SPEC, frame, tmp_path)
    for batch in iter_entities(written.path, SPEC):
        await database.copy_records_to_table(
            "entities", records=batch.select("entity_type", "natural_key", "data").rows()
        )
    found = await database.fetch(
        "select data->>'zulu' as zulu, data->'nested'->'b'->0->>'d' as d from entities"
    )
    assert {row["zulu"] for row in found} == {"nulinside \\ \\u0000"}
    assert {row["d"] for row in found} == set(AWKWARD)
