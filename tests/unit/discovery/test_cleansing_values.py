"""Single values: numbers, dates, addresses, words, platforms and secrets as people write them."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import polars as pl
import pytest

from caravan_discovery.domain.cleansing.addresses import (
    clean_host_names,
    clean_ip_addresses,
    clean_mac_addresses,
    clean_uuids,
)
from caravan_discovery.domain.cleansing.dates import clean_dates
from caravan_discovery.domain.cleansing.numbers import NumberFormat, clean_number
from caravan_discovery.domain.cleansing.platforms import parse_database, parse_operating_system
from caravan_discovery.domain.cleansing.terms import find_term, read_flag
from caravan_discovery.domain.cleansing.values import Cleaned, clean_by_value, few_values
from caravan_discovery.domain.secrets import mask_column
from caravan_discovery.domain.unknown import is_unknown, trim


@pytest.mark.parametrize(
    ("cell", "gib"),
    [
        ("16 GiB", 16.0),
        ("16GB", 16.0),
        ("16,384", 16.0),
        ("16'384", 16.0),
        ("16384 MB", 16.0),
        ("1 TiB", 1024.0),
        ("0", 0.0),
        (None, None),
    ],
)
def test_a_size_in_mebibytes_is_read_in_gibibytes_whatever_unit_the_cell_names(
    cell: str | None, gib: float | None
) -> None:
    cleaned = clean_number(pl.Series([cell], dtype=pl.String), NumberFormat("GiB", 1 / 1024, "MiB"))

    assert cleaned.values.to_list() == [gib]


@pytest.mark.parametrize(
    ("cell", "value"), [("1.234,5", 1234.5), ("0,75", 0.75), ("12", 12.0), ("3.000", 3000.0)]
)
def test_a_column_with_decimal_commas_is_read_with_them(cell: str, value: float) -> None:
    cleaned = clean_number(pl.Series([cell]), NumberFormat("GiB", decimal_comma=True))

    assert cleaned.values.to_list() == [value]


@pytest.mark.parametrize(
    ("cell", "unit", "code"),
    [
        ("ask owner", "GiB", "not_a_number"),
        ("16 GHz", "GiB", "not_a_number"),
        ("-4", "GiB", "negative_value"),
        ("140", "percent", "percent_over_100"),
    ],
)
def test_a_number_that_can_not_be_is_unknown_and_an_issue(cell: str, unit: str, code: str) -> None:
    cleaned = clean_number(pl.Series([cell]), NumberFormat(unit))

    assert cleaned.values.to_list() == [None]
    assert cleaned.problem is not None
    assert cleaned.problem.to_list() == [code]


@pytest.mark.parametrize(
    "cell",
    [
        "2026-03-04",
        "2026/03/04 00:00:00",
        "04.03.2026",
        "4 Mar 2026",
        "Mar 4, 2026",
        "3/4/2026 0:00",
        "2026-03-04T00:00:00Z",
        "2026-03-04T02:00:00+02:00",
        "46085",
        "1772582400",
        "3/4/2026 12:00 AM",
        "04.03.26",
        "3/4/26",
        "4. März 2026",
        "4. Mär 2026",
    ],
)
def test_a_date_is_the_same_moment_in_every_common_form(cell: str) -> None:
    cleaned = clean_dates(pl.Series([cell]), day_first=False)

    assert cleaned.values.to_list() == [datetime(2026, 3, 4, tzinfo=UTC)]


def test_slashed_dates_are_day_first_where_the_column_is() -> None:
    cleaned = clean_dates(pl.Series(["3/4/2026", "25/12/2026"]), day_first=True)

    assert [moment.date().isoformat() for moment in cleaned.values] == ["2026-04-03", "2026-12-25"]


@pytest.mark.parametrize(
    ("cell", "day"), [("31.12.99", "1999-12-31"), ("1.1.69", "2069-01-01"), ("24-03-04", None)]
)
def test_years_of_two_digits_are_of_the_century_that_is_meant_or_of_none(cell: str, day: str | None) -> None:
    [moment] = clean_dates(pl.Series([cell]), day_first=False).values
    assert (moment and moment.date().isoformat()) == day


def test_words_in_a_date_column_are_an_issue_and_no_date() -> None:
    cleaned = clean_dates(pl.Series(["soon", None]), day_first=False)

    assert cleaned.values.to_list() == [None, None]
    assert cleaned.problem is not None
    assert cleaned.problem.to_list() == ["not_a_date", None]


def test_addresses_are_lists_without_scopes_and_impossible_ones_are_issues() -> None:
    cells = pl.Series(
        ["10.0.0.1", "10.0.0.2; fe80::1%3, 10.0.0.2", "10.0.20.447", "10.0.0.3,10.0.0.999", None]
    )

    cleaned = clean_ip_addresses(cells, {})

    assert cleaned.values.to_list() == [["10.0.0.1"], ["10.0.0.2", "fe80::1"], None, ["10.0.0.3"], None]
    assert cleaned.problem is not None
    assert cleaned.problem.to_list() == [None, None, "impossible_address", "impossible_address", None]


def test_mac_addresses_have_one_form() -> None:
    cleaned = clean_mac_addresses(
        pl.Series(["00-50-56-AA-BB-CC", "0050.56aa.bbcc", "00:00:00:00:00:00", "zz"]), {}
    )

    assert cleaned.values.to_list() == [["00:50:56:aa:bb:cc"], ["00:50:56:aa:bb:cc"], None, None]


def test_a_name_without_a_dot_is_a_host_name_and_localhost_is_nobody() -> None:
    cells = pl.Series(
        ["Web-01.Corp.Example.", "web-02", "localhost.localdomain", "vcdr_00:50:56:be:3b:bd", "10.1.2.3"]
    )

    cleaned, short = clean_host_names(cells)

    assert cleaned.values.to_list() == ["web-01.corp.example", None, None, None, None]
    assert short.to_list() == [None, "web-02", None, None, None]
    assert cleaned.problem is not None
    assert cleaned.problem.to_list() == [None, None, "loopback_name", "impossible_name", "impossible_name"]


def test_a_uuid_of_zeros_is_no_identity() -> None:
    cells = [
        "{423EE9C0-216A-12A5-B4CB-F259C5FCCC01}",
        "0" * 32,
        "VMware-42 3e e9 c0 21 6a 12 a5-b4 cb f2 59 c5 fc cc 01",
    ]

    cleaned = clean_uuids(pl.Series(cells))

    known = "423ee9c0-216a-12a5-b4cb-f259c5fccc01"
    assert cleaned.values.to_list() == [known, None, known]


@pytest.mark.parametrize("cell", ["n/a", "N/A", "-", "unknown", "NULL", "  tbd ", "#N/A"])
def test_what_people_write_for_unknown_is_never_a_value(cell: str) -> None:
    frame = pl.DataFrame({"cell": [cell]}).select(is_unknown(trim(pl.col("cell")), errors=True))

    assert frame.item() is True


def test_zero_and_no_are_values() -> None:
    frame = pl.DataFrame({"cell": ["0", "No", "None of these"]}).select(is_unknown(pl.col("cell")))

    assert frame["cell"].to_list() == [False, False, False]


@pytest.mark.parametrize(
    ("attribute", "cell", "word"),
    [
        ("environment", "PROD", "production"),
        ("environment", "non-prod", "non-production"),
        ("environment", "UAT", "test"),
        ("business_criticality", "Tier 1", "high"),
        ("power_state", "poweredOff", "off"),
        ("virtualization_platform", "VmWare", "VMware"),
        ("environment", "Mars", None),
    ],
)
def test_words_come_to_the_vocabulary(attribute: str, cell: str, word: str | None) -> None:
    assert find_term(attribute, cell) == word


def test_yes_and_no_are_read_and_maybe_is_neither() -> None:
    assert [read_flag(word) for word in ("Y", "No", "maybe")] == [True, False, None]


@pytest.mark.parametrize(
    ("text", "version_text", "product", "version"),
    [
        ("Microsoft Windows Server 2008 R2 (64-bit)", "", "Windows Server", "2008 R2"),
        ("Microsoft Windows Server 2016 or later (64-bit)", "", "Windows Server", "2016 or later"),
        ("Windows ", "2012 Standard R2", "Windows Server", "2012 R2"),
        ("LINUX RedHat", "EL 5.11 64bit", "Red Hat Enterprise Linux", "5.11"),
        ("linux", "Red Hat Enterprise Linux 7", "Red Hat Enterprise Linux", "7"),
        ("CentOS 4/5/6/7 (64-bit)", "", "CentOS", "4/5/6/7"),
        ("SLES 15 SP4", "", "SUSE Linux Enterprise Server", "15.4"),
        ("Other 3.x or later Linux (64-bit)", "", "Linux", None),
        ("IBM i V7R3", "", "IBM i", "7.3"),
    ],
)
def test_products_and_versions_are_read_out_of_free_text(
    text: str, version_text: str, product: str, version: str | None
) -> None:
    found = parse_operating_system(text, version_text)

    assert found is not None
    assert (found.product, found.version) == (product, version)


@pytest.mark.parametrize(
    ("text", "version_text", "expected"),
    [
        ("SQL Server", "2017", ("Microsoft SQL Server", "2017")),
        ("Oracle", "11g", ("Oracle Database", "11g")),
        ("IBM DB2", "", ("IBM Db2", None)),
    ],
)
def test_databases_are_read_likewise(text: str, version_text: str, expected: tuple[Any, ...]) -> None:
    found = parse_database(text, version_text)

    assert found is not None
    assert (found.product, found.version) == expected


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("User: ubuntu Password: hunter2", "hunter2"),
        ("Default password for root user is changeme. Change it.", "changeme"),
        ("jdbc://app:s3cr3t@db-01/crm", "s3cr3t"),
        ("Zugangsdaten: admin/Winter19", "Winter19"),
        ("Anmeldedaten = admin / Winter19", "Winter19"),
        ("creds: sa / Winter19", "Winter19"),
        ("see sk-abcdefghijklmnopqrstuvwxyz", "abcdefghij"),
        ("Logindaten: admin/Winter19", "Winter19"),
    ],
)
def test_passwords_in_notes_are_masked(text: str, secret: str) -> None:
    masked = mask_column("Notes", pl.Series([text]))[0]

    assert secret not in masked
    assert "***" in masked


def test_a_note_without_a_password_stays_as_it_is() -> None:
    text = "No password. Auto-login."

    assert mask_column("Notes", pl.Series([text]))[0] == text


@pytest.mark.parametrize(
    ("attribute", "text", "word"),
    [
        ("business_criticality", "1 - most critical", "mission-critical"),
        ("business_criticality", "2 - somewhat critical", "high"),
        ("business_criticality", "3 - less critical", "low"),
        ("business_criticality", "4 - not critical", "low"),
        ("business_criticality", "mittel", "medium"),
        ("environment", "non-prod (EU)", "non-production"),
        ("environment", "Produktion", "production"),
        ("environment", "not production", None),
        ("data_classification", "streng vertraulich", "restricted"),
        ("virtualization_type", "virtuell (VMware)", "virtual"),
    ],
)
def test_words_are_placed_whole_before_in_part_and_never_against_a_negation(
    attribute: str, text: str, word: str | None
) -> None:
    assert find_term(attribute, text) == word


def test_a_column_whose_header_names_a_secret_is_masked_whole() -> None:
    masked = mask_column("Admin Password", pl.Series(["hunter2", None]))

    assert masked.to_list() == ["***", None]


@pytest.mark.parametrize(
    ("clean", "cells"),
    [
        (
            partial(clean_number, form=NumberFormat("GiB", 1 / 1024, "MiB")),
            ["1,024", "2048", "-1", "16 GiB", "x", None],
        ),
        (partial(clean_number, form=NumberFormat(None, whole=True)), ["4", "4.5", None, "", "vier"]),
        (
            partial(clean_dates, day_first=True),
            ["03/04/2026", "2026-05-01T10:00:00Z", "12 Jan 2026", "Jan 2, 2026", None, "x"],
        ),
    ],
)
def test_a_column_of_few_values_is_cleaned_as_one_of_many(
    clean: Callable[[pl.Series], Cleaned], cells: list[str | None]
) -> None:
    column = pl.Series("c", cells * 50, dtype=pl.String)
    assert few_values(column) is not None

    by_value, by_cell = clean_by_value(column, clean), clean(column)

    assert by_value.uniform == by_cell.uniform
    for name in ("values", "rule", "problem"):
        one, other = getattr(by_value, name), getattr(by_cell, name)
        assert (one is None) == (other is None), name
        assert one is None or one.equals(other, null_equal=True, check_dtypes=True), name


def test_a_column_of_many_values_is_not_looked_at_by_value() -> None:
    assert few_values(pl.Series([f"{n}" for n in range(2_000)])) is None
    assert few_values(pl.Series([*["a"] * 1_500, *(f"{n}" for n in range(1_500))])) is None
    assert few_values(pl.Series([], dtype=pl.String)) is not None
