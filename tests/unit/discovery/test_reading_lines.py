"""Lines cut by columns come out as Python's csv module reads them, whatever stands in them."""

import io
import random
from pathlib import Path

import polars as pl
import pytest

from caravan_discovery.domain.reading import csv_records, delimited
from caravan_discovery.domain.reading.csv_records import Records
from caravan_discovery.domain.reading.plain_lines import PlainLines, part_fields
from caravan_discovery.domain.reading.source import Batch, Limits

PIECES = [
    "a",
    "ö",
    '"',
    '""',
    '"a,b"',
    '"a;b"',
    ",",
    ";",
    ",,",
    " ",
    "'",
    "\x00",
    '","',
    '" "',
    "1",
    "\u200b",
]


def a_text(seed: int) -> str:
    draw = random.Random(seed)
    lines = [
        "".join(draw.choices(PIECES, k=draw.randint(0, 6))) + draw.choice(["\n", "\r\n", "\r"])
        for _ in range(draw.randint(1, 12))
    ]
    # Most files have mostly well-made rows.
    lines += ['a,"b, c",d\n', "a,b,c\n", ",,\n", "\n", '"","",""\n'] * draw.randint(0, 2)
    draw.shuffle(lines)
    return "".join(lines).rstrip("\n") if draw.random() < 0.2 else "".join(lines)


def read_batches(path: Path, width: int) -> list[Batch]:
    table = delimited.open_delimited(path, Limits())
    return list(table.read(2, width))


def shown(batches: list[Batch]) -> dict[str, object]:
    rows = (
        pl.concat([each.whole.insert_column(0, each.numbers) for each in batches]).rows() if batches else []
    )
    return {
        "rows": rows,
        "unfit": [each for batch in batches for each in batch.unfit],
        "blank": [number for batch in batches for number in batch.blank],
    }


@pytest.mark.parametrize("chunk", range(10))
def test_columns_and_records_say_the_same(
    chunk: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.csv"
    for seed in range(chunk * 40, chunk * 40 + 40):
        path.write_text("h1,h2,h3\n" + a_text(seed), encoding="utf-8", newline="")
        by_columns = shown(read_batches(path, 3))
        with monkeypatch.context() as patched:
            patched.setattr(csv_records, "part_fields", lambda _lines, _delimiter: None)
            by_records = shown(read_batches(path, 3))
        assert by_columns == by_records, seed


def test_a_well_made_file_is_never_read_record_by_record(monkeypatch: pytest.MonkeyPatch) -> None:
    text = 'a,"b, c",d\n' * 5 + "a,b,c\r\n" * 5 + "\n"
    monkeypatch.setattr(Records, "_one_a_line", lambda *_: pytest.fail("read by records"))

    [part] = Records(io.StringIO(text, newline=""), ",", 3).parts_or_lines()

    assert isinstance(part, PlainLines)
    assert part.fields.to_list() == [3] * 10 + [1]
    assert part.blank().to_list() == [False] * 10 + [True]


def test_a_quote_within_a_field_makes_its_line_odd() -> None:
    lines = part_fields(['a,b"c,d\n', '"a""b",c,d\n', '"a",b,"c,d"\n', 'a, "b",c\n'], ",")

    assert lines is not None
    assert lines.fields.to_list() == [None, None, 3, None]


def test_a_quote_over_several_lines_takes_its_part_as_before() -> None:
    text = 'a,"b\nc",d\na,b,c\n'

    [part] = Records(io.StringIO(text, newline=""), ",", 3).parts_or_lines()

    assert part == [["a", "b\nc", "d"], ["a", "b", "c"]]


@pytest.mark.parametrize("delimiter", ["\t", "|", "\\", "^", "-", "]", ".", " "])
def test_signs_that_mean_something_in_a_pattern_are_delimiters_all_the_same(delimiter: str) -> None:
    lines = part_fields(
        [f'a{delimiter}"b{delimiter}c"{delimiter}d\n', f"a{delimiter}b{delimiter}c\n"], delimiter
    )

    assert lines is not None
    cells = lines.cells(lines.fields == 3, 3)
    assert cells is not None
    assert cells.rows() == [("a", f"b{delimiter}c", "d"), ("a", "b", "c")]


def test_a_delimiter_that_no_column_reader_takes_is_left_to_the_records() -> None:
    assert part_fields(["a§b\n"], "§") is None
