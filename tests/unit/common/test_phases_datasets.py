"""Datasets as written: equal bytes for equal rows, and nothing but what was declared."""

from pathlib import Path

import polars as pl
import pytest

from caravan_common.contracts import ColumnSpec, DatasetSpec, Index, PhaseError
from caravan_common.phases import write_dataset
from caravan_common.phases.datasets import ROW_GROUP_ROWS

PLAIN = DatasetSpec(name="plain")
INDEXED = DatasetSpec(name="indexed", index=Index.ROWS, entity_type="thing")


def rows(count: int) -> pl.DataFrame:
    return pl.DataFrame({"natural_key": [f"k{n:06}" for n in range(count)], "n": range(count)})


def test_equal_rows_give_equal_bytes_whatever_they_are_held_in(tmp_path: Path) -> None:
    frame = rows(2 * ROW_GROUP_ROWS + 17)
    pieces = pl.concat([frame[:5], frame[5:70_001], frame[70_001:]], rechunk=False)
    lazy = pieces.lazy().filter(pl.col("n") >= 0)
    written = [write_dataset(INDEXED, each, tmp_path) for each in (frame, pieces, lazy)]
    assert len({each.sha256 for each in written}) == 1
    assert len({each.index_hash for each in written}) == 1
    assert {each.rows for each in written} == {frame.height}


def test_a_file_is_taken_as_it_is_and_measured(tmp_path: Path) -> None:
    frame = rows(10)
    path = tmp_path / "own.parquet"
    frame.write_parquet(path, compression="uncompressed")
    content = path.read_bytes()
    written = write_dataset(INDEXED, path, tmp_path / "unused")
    assert (written.path, written.rows, written.size) == (path, 10, len(content))
    assert path.read_bytes() == content
    assert written.index_hash == write_dataset(INDEXED, frame, tmp_path).index_hash


def test_the_order_of_rows_reaches_the_bytes_and_not_the_index_hash(tmp_path: Path) -> None:
    frame = rows(100)
    forth, back = (write_dataset(INDEXED, each, tmp_path) for each in (frame, frame.reverse()))
    assert forth.sha256 != back.sha256
    assert forth.index_hash == back.index_hash


def test_a_dataset_that_is_not_indexed_has_no_index_hash(tmp_path: Path) -> None:
    assert write_dataset(PLAIN, pl.DataFrame({"x": [1]}), tmp_path).index_hash is None


def test_the_manifest_says_what_was_written(tmp_path: Path) -> None:
    written = write_dataset(INDEXED, rows(3), tmp_path)
    manifest = written.manifest(INDEXED, "t/indexed.parquet")
    assert (manifest.name, manifest.rows, manifest.index_hash) == ("indexed", 3, written.index_hash)
    assert (manifest.artifact.key, manifest.artifact.sha256) == ("t/indexed.parquet", written.sha256)


DECLARED = DatasetSpec(
    name="declared",
    columns=(
        ColumnSpec(name="name", dtype="String"),
        ColumnSpec(name="tags", dtype="List(String)"),
        ColumnSpec(name="size", dtype="Float64", optional=True),
    ),
)
GOOD = {"name": ["a"], "tags": [["x"]]}


def test_declared_columns_may_have_others_beside_them_and_optional_ones_may_be_absent(tmp_path: Path) -> None:
    for frame in (pl.DataFrame(GOOD), pl.DataFrame({**GOOD, "size": [1.0], "more": [1]})):
        assert write_dataset(DECLARED, frame, tmp_path).rows == 1


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"name": ["a"]}, "column tags is missing"),
        ({"name": [1], "tags": [["x"]]}, "column name is Int64, not String"),
        ({**GOOD, "size": [1]}, "column size is Int64, not Float64"),
    ],
)
def test_a_column_that_differs_from_its_declaration_is_named(
    tmp_path: Path, columns: dict[str, list[object]], words: str
) -> None:
    with pytest.raises(PhaseError, match=words) as refused:
        write_dataset(DECLARED, pl.DataFrame(columns).lazy(), tmp_path)
    assert refused.value.info.code == "dataset_invalid"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (pl.DataFrame({"x": [1]}), "no column natural_key"),
        (pl.DataFrame({"natural_key": ["a", "b", "a"]}), "repeats natural_key in 1 rows, for example 'a'"),
        (pl.DataFrame({"natural_key": ["a", None]}), "null or a NUL character in natural_key"),
        (pl.DataFrame({"natural_key": ["a\0"]}), "null or a NUL character in natural_key"),
    ],
)
def test_an_indexed_dataset_has_one_usable_key_per_row(
    tmp_path: Path, frame: pl.DataFrame, words: str
) -> None:
    with pytest.raises(PhaseError, match=words):
        write_dataset(INDEXED, frame, tmp_path)


def test_an_indexed_dataset_without_any_type_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PhaseError, match="neither a column entity_type nor a declared one"):
        write_dataset(DatasetSpec(name="x", index=Index.ROWS), rows(1), tmp_path)
