"""Quantities as people compose them in a cell, and what is left alone because it may mean something else."""

import polars as pl
import pytest

from caravan_discovery.domain.cleansing.numbers import NumberFormat, clean_number
from tests.unit.discovery.conftest import Discovery

SIZE = NumberFormat("GiB", composed=True)
COUNT = NumberFormat("count", whole=True, composed=True)


@pytest.mark.parametrize(
    ("cell", "gib"),
    [
        ("2 x 500 GB", 1000.0),
        ("2x300 GB SAS", 600.0),
        ("C: 100 GB, D: 200 GB", 300.0),
        ("C:\\ 100GB | D:\\ 1,5 TB", 1636.0),
        ("HDD1: 50 GB; HDD2: 60 GB", 110.0),
        ("1 TB + 500 GB", 1524.0),
        ("/data: 3 TB", 3072.0),
        ("ca. 500 GB", 500.0),
        ("~2TB", 2048.0),
        ("16 GB DDR4 RAM", 16.0),
        ("50 GB (D:)", 50.0),
    ],
)
def test_sizes_that_people_compose_are_added_up_and_the_change_is_logged(cell: str, gib: float) -> None:
    cleaned = clean_number(pl.Series([cell]), SIZE)
    assert cleaned.values.to_list() == [gib]
    assert cleaned.rule is not None
    assert cleaned.rule.to_list() == ["composed_quantity"]
    assert cleaned.problem is None or cleaned.problem.null_count() == 1


@pytest.mark.parametrize(
    ("cell", "cores"), [("2 x 4", 8), ("8 (2x4)", 8), ("2 (4 logical)", 2), ("4 vCPU", 4)]
)
def test_cores_with_how_they_come_about(cell: str, cores: int) -> None:
    assert clean_number(pl.Series([cell]), COUNT).values.to_list() == [cores]


@pytest.mark.parametrize(
    "cell", ["100, 200", "12-16 GB", "500 GB free", "120GB/300GB", "500 EUR", "see note"]
)
def test_what_may_mean_something_else_stays_unknown_with_an_issue(cell: str) -> None:
    cleaned = clean_number(pl.Series([cell]), SIZE)
    assert cleaned.values.to_list() == [None]
    assert cleaned.problem is not None
    assert cleaned.problem.to_list() == ["not_a_number"]


@pytest.mark.parametrize("cell", ["4 + 4", "8C/16T", "4 Cores je Socket", "2x Intel Xeon 4110"])
def test_cores_that_may_be_counted_otherwise_stay_unknown(cell: str) -> None:
    assert clean_number(pl.Series([cell]), COUNT).values.to_list() == [None]


def test_a_row_whose_disks_are_listed_by_drive_comes_in_with_their_sum(discovery: Discovery) -> None:
    discovery.write(
        "servers.csv",
        "Server;CPU;Festplatte\nweb01;2 x 4;C: 100 GB, D: 200 GB\nweb02;4 vCPU;500 GB\nweb03;8;2 x 1 TB\n",
    )
    discovery.run("data_import", "attribute_mapping", "data_cleansing", "inventory")
    assert discovery.table("rejected_rows").is_empty()
    assert min(discovery.table("field_mappings")["confidence"]) > 0.9
    found = {row["name"]: (row["cpu_cores"], row["storage_gb"]) for row in discovery.rows("assets")}
    assert found == {"web01": (8, 300.0), "web02": (4, 500.0), "web03": (8, 2048.0)}


@pytest.mark.parametrize(
    ("cells", "users"),
    [
        (["1.200", "250", "40"], [1200, 250, 40]),
        (["1.000", "250", "40"], [1000, 250, 40]),
        (["4.000", "16.000", "2.000"], [4, 16, 2]),
        (["1.5", "1.200", "3"], [2, 1, 3]),
    ],
)
def test_points_of_thousands_in_whole_numbers(
    discovery: Discovery, cells: list[str], users: list[int]
) -> None:
    rows = "".join(f"App {number};Anna;{cell}\n" for number, cell in enumerate(cells))
    discovery.write("apps.csv", f"Application;Owner;User count\n{rows}")
    discovery.run("data_import", "attribute_mapping", "data_cleansing", "inventory")
    found = {row["name"]: row["user_count"] for row in discovery.rows("assets")}
    assert [found[f"App {number}"] for number in range(len(cells))] == users
