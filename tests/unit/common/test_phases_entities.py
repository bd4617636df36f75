"""Rows as entities: the text that is stored, searched and proved."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from caravan_common.contracts import DatasetSpec, Index
from caravan_common.phases import entity_lines, index_hash, iter_entities
from caravan_common.phases.entities import ENTITY_COLUMNS, is_ordered

SPEC = DatasetSpec(name="things", index=Index.ROWS, entity_type="thing")


def data_of(**columns: list[Any]) -> list[str]:
    keys = [str(number) for number in range(len(next(iter(columns.values()))))]
    return entity_lines(pl.DataFrame({"natural_key": keys, **columns}), SPEC)["data"].to_list()


def test_keys_stand_in_alphabetical_order_at_every_depth() -> None:
    nested = [{"z": [{"y": 1, "b": 2}], "a": {"q": 1, "c": 2}}]
    assert data_of(zulu=[1], nested=nested, alpha=["x"]) == [
        '{"alpha":"x","nested":{"a":{"c":2,"q":1},"z":[{"b":2,"y":1}]},"zulu":1}'
    ]


def test_a_null_column_is_left_out_of_its_row_and_a_null_inside_a_value_stays() -> None:
    assert data_of(a=[None, 1], b=[[None, "x"], None], c=[{"d": None}, None]) == [
        '{"b":[null,"x"],"c":{"d":null}}',
        '{"a":1}',
    ]


def test_an_optional_column_that_nobody_filled_changes_no_text_and_no_hash() -> None:
    frame = pl.DataFrame({"natural_key": ["a", "b"], "x": [1, 2]})
    wider = frame.with_columns(new=pl.lit(None, dtype=pl.String))
    assert entity_lines(frame, SPEC).equals(entity_lines(wider, SPEC))
    assert index_hash([entity_lines(frame, SPEC)], SPEC) == index_hash([entity_lines(wider, SPEC)], SPEC)


def test_what_says_where_an_entity_is_from_is_kept_apart_from_its_data() -> None:
    frame = pl.DataFrame(
        {
            "natural_key": ["a"],
            "entity_type": ["own"],
            "source_entities": [["s1", "s2"]],
            "transformation_log": ['["trimmed"]'],
            "quality_score": [0.5],
            "x": [1],
        }
    )
    lines = entity_lines(frame, SPEC)
    assert tuple(lines.columns) == ENTITY_COLUMNS
    assert lines.row(0) == ("own", "a", '{"x":1}', ["s1", "s2"], '["trimmed"]', 0.5)


def test_without_them_the_type_is_the_declared_one_and_the_rest_is_empty() -> None:
    assert entity_lines(pl.DataFrame({"natural_key": ["a"]}), SPEC).row(0) == (
        "thing",
        "a",
        "{}",
        [],
        None,
        None,
    )


def test_no_rows_have_the_same_columns() -> None:
    lines = entity_lines(pl.DataFrame({"natural_key": ["a"], "x": [1]}).clear(), SPEC)
    assert lines.height == 0
    assert tuple(lines.columns) == ENTITY_COLUMNS


@given(st.lists(st.tuples(st.text(), st.one_of(st.none(), st.text())), min_size=1, max_size=20))
def test_the_text_is_json_of_the_row_without_nul_characters(values: list[tuple[str, str | None]]) -> None:
    texts = data_of(a=[first for first, _ in values], b=[second for _, second in values])
    for text, (first, second) in zip(texts, values, strict=True):
        expected = {"a": first.replace("\0", "")}
        if second is not None:
            expected["b"] = second.replace("\0", "")
        assert json.loads(text) == expected


def test_the_index_hash_is_the_rule_of_the_proof() -> None:
    frame = pl.DataFrame({"natural_key": ["b", "a", "ä", "B"], "x": [1, 2, 3, 4]})
    lines = [
        '["thing","B",{"x":4}]',
        '["thing","a",{"x":2}]',
        '["thing","b",{"x":1}]',
        '["thing","ä",{"x":3}]',
    ]
    digests = b"".join(hashlib.sha256(line.encode()).digest() for line in lines)
    assert index_hash([entity_lines(frame, SPEC)], SPEC) == hashlib.sha256(digests).hexdigest()


def test_batches_and_their_size_make_no_difference_to_the_hash(tmp_path: Path) -> None:
    numbers = [number * 7919 % 1000 for number in range(1000)]
    sparse = [None if number % 3 else number for number in numbers]
    frame = pl.DataFrame({"natural_key": [str(number) for number in numbers], "sparse": sparse})
    frame.write_parquet(tmp_path / "x.parquet", row_group_size=333)
    whole = index_hash([entity_lines(frame, SPEC)], SPEC)
    for batch in (1, 70, 5000):
        assert index_hash(iter_entities(tmp_path / "x.parquet", SPEC, batch=batch), SPEC) == whole


def test_rows_that_come_in_order_have_the_same_hash_without_being_kept(tmp_path: Path) -> None:
    keys = sorted(f"ä{number * 7919 % 1000}" for number in range(1000))
    pl.DataFrame({"natural_key": keys, "x": range(1000)}).write_parquet(tmp_path / "x.parquet")

    def lines() -> Iterator[pl.DataFrame]:
        return iter_entities(tmp_path / "x.parquet", SPEC, batch=70)

    assert is_ordered(pl.scan_parquet(tmp_path / "x.parquet"), SPEC)
    assert index_hash(lines(), SPEC, ordered=True) == index_hash(lines(), SPEC)


@pytest.mark.parametrize(
    "frame",
    [
        pl.DataFrame({"natural_key": ["a", "c", "b"]}),
        pl.DataFrame({"natural_key": ["a", "a"]}),
        pl.DataFrame({"natural_key": ["a", "b"], "entity_type": ["x", "w"]}),
        pl.DataFrame({"natural_key": [f"{number:06d}" for number in range(30_000)] + ["000000"]}),
    ],
    ids=["falling", "repeated", "several types", "falling between batches"],
)
def test_rows_out_of_order_are_seen(frame: pl.DataFrame) -> None:
    assert not is_ordered(frame.lazy(), SPEC)


def test_batches_number_their_rows_and_can_be_taken_up_again_anywhere(tmp_path: Path) -> None:
    frame = pl.DataFrame({"natural_key": [str(number) for number in range(25)]})
    frame.write_parquet(tmp_path / "x.parquet")
    whole = pl.concat(iter_entities(tmp_path / "x.parquet", SPEC, batch=10))
    assert whole["row_number"].to_list() == list(range(25))
    assert whole["natural_key"].to_list() == frame["natural_key"].to_list()
    rest = pl.concat(iter_entities(tmp_path / "x.parquet", SPEC, batch=10, start=10))
    assert rest.equals(whole[10:])
