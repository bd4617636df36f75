"""Exports: ids as the index makes them, and CSV that a spreadsheet takes for what it is."""

import csv
from pathlib import Path
from uuid import UUID, uuid5

import polars as pl

from caravan.exports import flat, questions_frame, with_entity_ids, write_both

DATASET = UUID("0190b0c0-0000-7000-8000-000000000001")


def test_an_entity_id_is_the_one_the_index_gives_the_row() -> None:
    rows = pl.LazyFrame({"natural_key": ["a", "b"], "name": ["x", None]})
    found = with_entity_ids(rows, DATASET).collect()
    assert found.columns == ["entity_id", "natural_key", "name"]
    assert found["entity_id"].to_list() == [str(uuid5(DATASET, "a")), str(uuid5(DATASET, "b"))]


def test_text_that_would_be_a_formula_stands_behind_an_apostrophe_and_numbers_do_not() -> None:
    rows = pl.LazyFrame(
        {
            "text": ["=1+1", "+49 40", "-", "@home", "\t=1", "plain = text", None],
            "number": [-1, 2, 3, 4, 5, 6, None],
            "list": [["=x", "y"], [], None, ["-"], ["a"], ["a", "=b"], ["c"]],
        }
    )
    found = flat(rows).collect()
    assert found["text"].to_list() == ["'=1+1", "'+49 40", "'-", "'@home", "'\t=1", "plain = text", None]
    assert found["list"].to_list() == ["'=x; y", "", None, "'-", "a", "a; =b", "c"]
    assert found["number"].to_list() == [-1, 2, 3, 4, 5, 6, None]


def test_parquet_keeps_what_csv_has_to_change(tmp_path: Path) -> None:
    rows = pl.LazyFrame({"entity_id": ["1"], "text": ["=1"], "list": [["a", "b"]]})
    write_both(rows, tmp_path, "things")
    assert pl.read_parquet(tmp_path / "things.parquet").row(0) == ("1", "=1", ["a", "b"])
    with (tmp_path / "things.csv").open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file)) == [["entity_id", "text", "list"], ["1", "'=1", "a; b"]]


def test_no_questions_are_a_table_with_columns_and_no_rows() -> None:
    found = questions_frame([])
    assert found.height == 0
    assert found.columns[0] == "entity_id"
