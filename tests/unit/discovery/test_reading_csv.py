"""Text files of every make: encodings, delimiters, quotes, ragged rows."""

import codecs

import pytest

from caravan_common.contracts import PhaseError
from tests.unit.discovery.conftest import Discovery

HEADER = "Server Name,Operating System,CPUs,Memory (GB),Environment"
ROW = "web-01,Ubuntu 22.04,4,16,prod"


def cells(discovery: Discovery) -> list[list[str | None]]:
    discovery.run("data_import")
    return [row["cells"] for row in discovery.rows("raw_rows")]


def the_import(discovery: Discovery) -> dict[str, object]:
    [entry] = discovery.rows("imports")
    return entry


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        ("utf-8", b""),
        ("utf-8", codecs.BOM_UTF8),
        ("utf-16-le", codecs.BOM_UTF16_LE),
        ("utf-16-be", codecs.BOM_UTF16_BE),
        ("utf-16-le", b""),
        ("cp1252", b""),
    ],
)
def test_umlauts_survive_any_usual_encoding(discovery: Discovery, encoding: str, mark: bytes) -> None:
    # The last sign lies outside Latin-1: UTF-16 that is taken for padded bytes loses it.
    text = "Rechnername;Standort;Kerne\nsrv-01;Köln;4\nsrv-02;Düsseldorf;8\nsrv-03;Gießen – €;2\n"
    discovery.write("liste.csv", mark + text.encode(encoding))

    assert cells(discovery) == [
        ["srv-01", "Köln", "4"],
        ["srv-02", "Düsseldorf", "8"],
        ["srv-03", "Gießen – €", "2"],
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_by_looking(discovery: Discovery, delimiter: str) -> None:
    discovery.write("a.csv", f"{HEADER}\n{ROW}\n".replace(",", delimiter))

    assert cells(discovery) == [["web-01", "Ubuntu 22.04", "4", "16", "prod"]]
    assert the_import(discovery)["delimiter"] == delimiter


def test_decimal_commas_do_not_pass_for_delimiters(discovery: Discovery) -> None:
    rows = [["srv-01", "16,5", "nur Test"], ["srv-02", "32,0", "alt, laut, warm, wird 2027 ersetzt"]]
    discovery.write("a.csv", "\n".join(map(";".join, [["Rechnername", "RAM (GB)", "Notiz"], *rows])) + "\n")

    assert cells(discovery) == rows


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_decimal_commas_in_every_row_do_not_pass_for_delimiters(discovery: Discovery, delimiter: str) -> None:
    """They cut nearly all rows alike then, as the true delimiter does, and into no fewer fields."""
    rows = [["Rechnername", "RAM (GB)", "Platte (TB)"]]
    rows += [[f"srv-{number:02d}", "16,5", "1,25"] for number in range(1, 41)]
    discovery.write("a.csv", "\n".join(map(delimiter.join, rows)) + "\n")

    assert cells(discovery) == rows[1:]


def test_numbers_beside_one_another_are_parted_by_commas_too(discovery: Discovery) -> None:
    rows = [["Server Name", "CPUs", "Memory (GB)", "Ports"]]
    rows += [[str(1_000 + number), "4", "16", "80;443"] for number in range(40)]
    discovery.write("a.csv", "\n".join(map(",".join, rows)) + "\n")

    assert cells(discovery) == rows[1:]


def test_a_line_that_states_the_separator_is_obeyed_and_is_no_header(discovery: Discovery) -> None:
    discovery.write("a.csv", "sep=|\nServer Name|CPUs\nweb-01|4\n")

    assert cells(discovery) == [["web-01", "4"]]
    assert discovery.rows("raw_rows")[0]["row_number"] == 3


def test_a_quoted_cell_may_hold_newlines_and_the_rows_still_count_as_records(discovery: Discovery) -> None:
    discovery.write("a.csv", 'Server Name,Notes,CPUs\nweb-01,"first\nsecond",4\nweb-02,plain,8\n')

    assert cells(discovery) == [["web-01", "first\nsecond", "4"], ["web-02", "plain", "8"]]
    assert [row["row_number"] for row in discovery.rows("raw_rows")] == [2, 3]


def test_a_quote_that_is_never_closed_costs_its_own_row_only(discovery: Discovery) -> None:
    rows = [f"web-{number:02d},ok,{number}" for number in range(1, 9)]
    rows[2] = 'web-03,"19 inch,3'
    discovery.write("a.csv", "Server Name,Notes,CPUs\n" + "\n".join(rows) + "\n")

    names = [row[0] for row in cells(discovery)]

    assert len(names) == 8
    assert names[3:] == ["web-04", "web-05", "web-06", "web-07", "web-08"]


def test_rows_with_another_number_of_fields_are_rejected_with_both_numbers(discovery: Discovery) -> None:
    discovery.write("a.csv", f"{HEADER}\n{ROW}\nweb-02,Ubuntu\n{ROW},x,y\n")

    assert len(cells(discovery)) == 1
    first, second = discovery.rows("rejected_rows")
    assert (first["row_number"], first["code"]) == (3, "wrong_field_count")
    assert first["message"] == "The row has 2 fields, the header 5."
    assert second["message"] == "The row has 7 fields, the header 5."


def test_an_unquoted_comma_before_a_blank_last_cell_is_not_mistaken_for_a_trailing_delimiter(
    discovery: Discovery,
) -> None:
    lines = [f"web-{number},Ubuntu 22.04,4,16,Ada" for number in range(5)]
    discovery.write(
        "a.csv", "\n".join(["Server Name,OS,CPUs,Owner,Env", *lines, "web-9,Ubuntu,4,Doe, Jane,"]) + "\n"
    )

    assert len(cells(discovery)) == 5
    assert discovery.rows("rejected_rows")[0]["code"] == "wrong_field_count"


def test_a_delimiter_behind_every_row_is_no_field(discovery: Discovery) -> None:
    discovery.write("a.csv", f"{HEADER}\n{ROW},\n{ROW},\n")

    assert cells(discovery) == [["web-01", "Ubuntu 22.04", "4", "16", "prod"]] * 2


def test_null_bytes_are_stripped_and_blank_cells_are_null(discovery: Discovery) -> None:
    discovery.write("a.csv", "Server Name,Notes,CPUs\nweb\x00-01,   ,4\n")

    assert cells(discovery) == [["web-01", None, "4"]]


def test_leading_title_rows_are_not_the_header(discovery: Discovery) -> None:
    discovery.write("a.csv", f"Inventory of Acme,,,,\nas of 2026-01-01,,,,\n,,,,\n{HEADER}\n{ROW}\n")

    assert cells(discovery) == [["web-01", "Ubuntu 22.04", "4", "16", "prod"]]
    assert the_import(discovery)["header_row"] == 4


def test_a_list_of_names_alone_is_a_table(discovery: Discovery) -> None:
    discovery.write("a.csv", "hostname\nweb-01\nweb-02\n")

    assert cells(discovery) == [["web-01"], ["web-02"]]


def test_a_file_of_more_columns_than_are_read_is_refused_in_a_sentence(discovery: Discovery) -> None:
    row = ",".join(f"c{number}" for number in range(3_000))
    discovery.write("wide.csv", f"{row}\n{row}x\n")
    discovery.write("good.csv", f"{HEADER}\n{ROW}\n")
    discovery.run("data_import")

    wide = next(row for row in discovery.rows("imports") if row["file"] == "wide.csv")
    assert wide["format"] == "unreadable"
    assert wide["reason"] == "wide.csv has 3000 columns; at most 2000 are read."


def test_a_binary_file_is_unreadable_and_the_others_go_on(discovery: Discovery) -> None:
    discovery.write("photo.csv", bytes(range(256)) * 100)
    discovery.write("good.csv", f"{HEADER}\n{ROW}\n")
    discovery.run("data_import")

    formats = {row["file"]: row["format"] for row in discovery.rows("imports")}
    assert formats == {"photo.csv": "unreadable", "good.csv": "generic"}


def test_when_no_file_can_be_read_the_phase_fails_and_says_why(discovery: Discovery) -> None:
    discovery.write("photo.csv", bytes(range(256)) * 100)

    with pytest.raises(PhaseError, match=r"photo\.csv is neither text nor a workbook") as error:
        discovery.run("data_import")

    assert error.value.info.code == "no_readable_file"


def test_a_file_that_is_left_aside_is_named_with_why_in_words(discovery: Discovery) -> None:
    for name in "abcdefg":
        discovery.write(f"{name}.csv", f"Name,CPU,{name}\n")

    with pytest.raises(PhaseError) as error:
        discovery.run("data_import")

    named = "; ".join(f"{name}.csv holds no rows below a header" for name in "abcde")
    assert error.value.info.message.endswith(f"can be read: {named}; and 2 more.")


def test_an_encoding_that_umlauts_do_not_tell_is_the_commonest_one(discovery: Discovery) -> None:
    """Behind what is looked at stands a letter that others of these encodings have elsewhere."""
    rows = "".join(f"srv-{number},Müller & Söhne Straße\n" for number in range(30_000))
    discovery.write("a.csv", f"Server Name,Owner\n{rows}srv-x,Ibáñez Åse\n", "cp1252")
    discovery.run("data_import")
    [entry] = discovery.rows("imports")
    assert entry["encoding"] == "cp1252"
    assert discovery.table("raw_rows")["cells"].list.get(1)[-1] == "Ibáñez Åse"
