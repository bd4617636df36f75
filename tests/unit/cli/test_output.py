"""Tables in terminals of any width, and files that are there whole or not at all."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from caravan.failures import BadInput
from caravan.output import print_table
from caravan.results import Wanted, checked_targets
from caravan.whole_files import whole

ID = "01a200ec-7ffc-71a5-a0ed-a5cd866e3d8e"
COLUMNS = ("id", "name", "operating_system", "wave")
ROW = (ID, "pay-svc-01.harbour.example.org", "Microsoft Windows Server 2008 R2 (64-bit)", "wave-003")


def printed(width: int, *rows: tuple[str, ...]) -> list[str]:
    file = io.StringIO()
    print_table(COLUMNS, rows, on=Console(file=file, width=width, force_terminal=False, soft_wrap=True))
    return [line.rstrip() for line in file.getvalue().splitlines()]


@pytest.mark.parametrize("width", [20, 40, 60, 80, 100, 120, 160, 1000])
def test_nothing_is_cut_off_whatever_the_width(width: int) -> None:
    text = "".join("".join(printed(width, ROW, ROW)).split())
    for cell in ("wave-003", "operating_system"):
        assert cell in text
    letters = sorted("".join(printed(width, ROW)).replace(" ", ""))
    assert letters == sorted("".join((*COLUMNS, *ROW)).replace(" ", ""))


@pytest.mark.parametrize("width", [60, 80, 100, 120])
def test_an_id_stays_in_one_piece_and_no_line_is_longer_than_the_terminal(width: int) -> None:
    lines = printed(width, ROW, ROW)
    assert sum(ID in line for line in lines) == 2
    assert max(map(len, lines)) <= width


def test_a_row_is_a_line_where_there_is_room() -> None:
    assert len(printed(160, ROW, ROW)) == 3
    assert len(printed(160)) == 1


def test_a_file_is_replaced_once_it_is_whole_and_left_alone_when_that_fails(tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text("before")

    def write_half() -> None:
        with whole(file) as part:
            part.write_text("half")
            raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        write_half()
    assert (file.read_text(), [*tmp_path.iterdir()]) == ("before", [file])
    with whole(file) as part:
        part.write_text("after")
    assert (file.read_text(), [*tmp_path.iterdir()]) == ("after", [file])


def test_looking_whether_results_can_be_written_leaves_no_file(tmp_path: Path) -> None:
    kept = tmp_path / "report.html"
    kept.write_text("of yesterday")
    checked_targets(Wanted(export=tmp_path / "exports", report=kept))
    checked_targets(Wanted(report=tmp_path / "new.html"))
    assert kept.read_text() == "of yesterday"
    assert {path.name for path in tmp_path.rglob("*")} == {"exports", "report.html"}
    with pytest.raises(BadInput, match="name another place"):
        checked_targets(Wanted(report=kept / "below.html"))
