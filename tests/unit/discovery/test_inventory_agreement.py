"""Rows of one asset that say the same in other words, or less exactly, do not conflict."""

import polars as pl
import pytest

from caravan_discovery.domain.inventory.agreement import settle_wording


def settled(**columns: list[str | None]) -> dict[str, list[str | None]]:
    """Two rows of one asset, the winner's first."""
    rows = pl.DataFrame({"asset": ["a", "a"], **columns}, schema_overrides=dict.fromkeys(columns, pl.String))
    return settle_wording(rows).drop("asset").to_dict(as_series=False)


@pytest.mark.parametrize(
    ("versions", "expected"),
    [
        (["8", "8.10"], ["8.10", "8.10"]),
        (["2016 or later", "2019"], ["2019", "2019"]),
        (["2016 or later", "2012 R2"], ["2016 or later", "2012 R2"]),
        (["7.9", "6.10"], ["7.9", "6.10"]),
        (["1", "10"], ["1", "10"]),
        (["2012", "2012 R2"], ["2012", "2012 R2"]),
    ],
)
def test_the_more_exact_version_stands_for_both(versions: list[str | None], expected: list[str]) -> None:
    assert settled(operating_system=["RHEL", "RHEL"], os_version=versions)["os_version"] == expected


def test_a_version_of_another_system_is_not_put_beside_the_winner() -> None:
    found = settled(operating_system=["Ubuntu", "Windows Server"], os_version=[None, "2022"])

    assert found["os_version"] == [None, None]
    assert found["operating_system"] == ["Ubuntu", "Windows Server"]


def test_a_product_that_names_none_yields_to_one_that_does() -> None:
    found = settled(operating_system=["Linux", "Debian"], os_version=[None, "12"])

    assert found == {"operating_system": [None, "Debian"], "os_version": [None, "12"]}


def test_words_that_say_less_yield_to_words_that_say_more() -> None:
    found = settled(environment=["non-production", "test"], lifecycle=["Active", "tolerate"])

    assert found == {"environment": [None, "test"], "lifecycle": [None, "tolerate"]}


def test_words_that_contradict_each_other_stay() -> None:
    found = settled(environment=["non-production", "production"], lifecycle=["Active", "Active"])

    assert found == {"environment": ["non-production", "production"], "lifecycle": ["Active", "Active"]}
