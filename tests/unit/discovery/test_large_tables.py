"""Tables that do not fit memory: written in parts, read back part by part, sorted and looked up through files."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from caravan_common.contracts import DatasetSpec, PhaseError
from caravan_common.phases import write_dataset
from caravan_discovery.domain.names import Names
from caravan_discovery.domain.parts import Parts, table_schema
from caravan_discovery.domain.sorting import sort_parts
from caravan_discovery.writing import write_batches

SCHEMA = table_schema({"key": pl.String, "number": pl.Int64})


def _written(folder: Path, rows: int) -> Parts:
    """Keys in an order that is far from theirs."""
    parts = Parts(folder, "rows", SCHEMA, part_rows=10_000)
    for start in range(0, rows, 10_000):
        numbers = pl.int_range(start, min(rows, start + 10_000), eager=True)
        parts.add(pl.DataFrame({"key": (numbers * 7_919 % 1_000_003).cast(pl.String), "number": numbers}))
    return parts


@pytest.mark.parametrize("rows", [0, 1, 9_999, 120_001])
def test_rows_sorted_through_files_are_those_sorted_in_memory(tmp_path: Path, rows: int) -> None:
    parts = _written(tmp_path, rows)

    found = sort_parts(parts, "key", tmp_path, "sorted").scan().collect()

    assert found.equals(parts.scan().collect().sort("key"))


def test_a_stream_gives_the_rows_of_a_scan_also_when_less_is_wanted(tmp_path: Path) -> None:
    parts = _written(tmp_path, 25_000)

    for ask in (
        lambda rows: rows,
        lambda rows: rows.select("number"),
        lambda rows: rows.filter(pl.col("number") > 19_990),
        lambda rows: rows.head(12_345),
    ):
        assert ask(parts.stream()).collect().equals(ask(parts.scan()).collect())


def test_a_stream_of_nothing_has_the_columns(tmp_path: Path) -> None:
    assert Parts(tmp_path, "none", SCHEMA).stream().collect().schema == SCHEMA


def test_names_are_found_by_key_in_any_order_and_unknown_keys_have_none() -> None:
    assets = pl.DataFrame({"natural_key": ["b", "a", "d"], "name": ["Bee", "Ay", None]})

    found = Names(assets).of(pl.Series(["d", "a", "c", "zz", "", "b", None]))

    assert found.to_list() == [None, "Ay", None, None, None, "Bee", None]


def test_without_assets_nothing_has_a_name() -> None:
    assert Names(pl.DataFrame(schema={"natural_key": pl.String, "name": pl.String})).of(
        pl.Series(["a"])
    ).to_list() == [None]


@pytest.mark.parametrize("rows", [0, 1, 120_001])
def test_rows_written_while_they_are_made_have_the_bytes_of_rows_written_at_the_end(
    tmp_path: Path, rows: int
) -> None:
    parts = _written(tmp_path, rows)
    (tmp_path / "at-once").mkdir()

    made = write_batches(parts.batches(), SCHEMA, tmp_path / "made.parquet")

    spec = DatasetSpec(name="rows")
    at_end = write_dataset(spec, parts.scan(), tmp_path / "at-once")
    assert write_dataset(spec, made, tmp_path).sha256 == at_end.sha256
    assert pl.read_parquet(made).height == rows


def test_an_error_of_a_batch_is_raised_as_it_is(tmp_path: Path) -> None:
    def batches() -> Iterator[pl.DataFrame]:
        yield pl.DataFrame({"key": ["a"], "number": [1]})
        raise PhaseError("too_odd", "This is too odd.")

    with pytest.raises(PhaseError, match="too odd"):
        write_batches(batches(), SCHEMA, tmp_path / "made.parquet")
