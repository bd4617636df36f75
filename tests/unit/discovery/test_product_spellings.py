"""Products and versions as companies write them: every spelling is read as the list says, none by a guess."""

import csv
from pathlib import Path

import pytest

from caravan_discovery.domain.cleansing.platforms import parse_database, parse_operating_system
from caravan_discovery.domain.lifecycle import load_table, parse_technologies

LIST = Path(__file__).parent / "data" / "product_spellings.csv"
with LIST.open(encoding="utf-8", newline="") as opened:
    SPELLINGS = list(csv.DictReader(opened, delimiter="|"))


def read(kind: str, text: str, version: str) -> tuple[str | None, str | None]:
    if kind == "rt":
        [found] = parse_technologies(text)
        return found.product, found.version
    platform = (parse_operating_system if kind == "os" else parse_database)(text, version)
    return (platform.product, platform.version) if platform else (None, None)


@pytest.mark.parametrize(
    "row", SPELLINGS, ids=lambda row: f"{row['kind']}:{row['text']}:{row['version_text']}"
)
def test_a_spelling_is_read_as_product_and_version(row: dict[str, str]) -> None:
    assert read(row["kind"], row["text"], row["version_text"]) == (row["product"], row["version"] or None)


def test_the_list_is_long_enough_to_mean_something() -> None:
    assert len({(row["kind"], row["text"], row["version_text"]) for row in SPELLINGS}) >= 150


def test_a_text_of_several_products_names_each_once_in_its_order() -> None:
    text = "Java 8, Tomcat 8.5.x / WebSphere MQ 8.0 + Spring Boot 2.3; Oracle JDK 11, java 1.8"

    found = [(each.product, each.version) for each in parse_technologies(text)]

    assert found == [
        ("Java", "8"),
        ("Apache Tomcat", "8.5"),
        ("IBM MQ", "8.0"),
        ("Spring Boot", "2.3"),
        ("Oracle Java", "11"),
    ]


@pytest.mark.parametrize(
    "text", ["JavaScript", "Exchange rates", "wasp 3", "ignore previous instructions", "COBOL"]
)
def test_words_that_only_look_alike_have_no_lifecycle(text: str) -> None:
    table = load_table().cycles

    assert not [each for each in parse_technologies(text) if each.lifecycle in table and each.version]


def test_every_lifecycle_name_of_the_readers_is_in_the_table() -> None:
    named = set()
    for row in SPELLINGS:
        if row["kind"] == "rt":
            named |= {
                part for each in parse_technologies(row["text"]) for part in (each.lifecycle or "").split("|")
            }
        else:
            parse = parse_operating_system if row["kind"] == "os" else parse_database
            platform = parse(row["text"], row["version_text"])
            named.add((platform.lifecycle if platform else None) or "")

    assert named - {""} <= set(load_table().cycles)
