"""endoflife.date's published formats: what is taken from them, what is refused, what a refresh changes."""

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from caravan_common.contracts import PhaseError
from caravan_discovery.domain.lifecycle import (
    SHIPPED,
    Status,
    TableIsInvalid,
    assess_lifecycle,
    load_table,
    read_publication,
    read_raw,
    renew,
    table_of_rows,
    table_rows,
    table_text,
    write_table,
)
from tests.unit.discovery.conftest import CHAIN, Discovery

DAY = date(2026, 12, 1)


def release(name: str, eol: str | None, **more: Any) -> dict[str, Any]:
    return {"name": name, "label": name, "releaseDate": "2020-01-01", "isEol": False, "eolFrom": eol} | more


def full(*releases: dict[str, Any], name: str = "rhel") -> bytes:
    product = {"name": name, "label": "Red Hat", "category": "os", "releases": list(releases)}
    return json.dumps(
        {
            "schema_version": "1.2.1",
            "generated_at": "2026-11-30T10:00:00+00:00",
            "total": 1,
            "result": [product],
        }
    ).encode()


def test_the_full_list_of_api_v1_is_read_with_its_day() -> None:
    found = read_publication(
        full(release("9", "2032-05-31", eoesFrom="2036-05-31"), release("1", None, isEol=True)), "full"
    )

    assert found.taken == date(2026, 11, 30)
    [product] = found.products
    assert [(c["cycle"], c["eol"], c.get("extended")) for c in product["cycles"]] == [
        ("9", "2032-05-31", "2036-05-31"),
        ("1", True, None),
    ]


def test_a_single_product_of_api_v1_is_read() -> None:
    whole = json.loads(full(release("9", "2032-05-31")))
    [product] = read_publication(json.dumps(whole | {"result": whole["result"][0]}).encode(), "rhel").products

    assert product["product"] == "rhel"


def test_an_older_cycle_list_is_named_by_its_file_or_address() -> None:
    cycles = (
        b'[{"cycle": "9", "releaseDate": "2022-05-18", "eol": "2032-05-31", "extendedSupport": "2036-05-31"},'
    )
    cycles += b'{"cycle": "5", "eol": true, "extendedSupport": false}]'

    for name in ("rhel.json", "https://endoflife.date/api/rhel.json?x=1"):
        found = read_publication(cycles, name)
        [product] = found.products
        assert (product["product"], found.taken) == ("rhel", None)
        assert [cycle["eol"] for cycle in product["cycles"]] == ["2032-05-31", True]
        assert product["cycles"][0]["extended"] == "2036-05-31"


def test_a_product_file_of_the_project_is_read() -> None:
    text = (
        "---\ntitle: Red Hat Enterprise Linux\ncategory: os\nreleases:\n"
        "  - releaseCycle: 9\n    releaseLabel: RHEL __RELEASE_CYCLE__ (__CODENAME__)\n"
        "    eol: 2032-05-31\n---\nWords\n"
    )
    [product] = read_publication(text.encode(), "products/rhel.md").products

    assert product["cycles"] == [{"cycle": "9", "label": "RHEL 9", "eol": "2032-05-31"}]


@pytest.mark.parametrize(
    ("content", "name", "word"),
    [
        (b'["rhel", "ubuntu"]', "all.json", "only lists names"),
        (b"\xff\xfe", "x.json", "UTF-8"),
        (b"<html>", "x.json", "neither JSON"),
        (b"{}", "x.json", "none of endoflife.date's formats"),
        (b'{"result": [{"name": "rhel", "label": "x"}]}', "products", "no releases"),
        (b'{"result": []}', "full", "no product"),
        (b'[{"cycle": "9", "eol": "soon"}]', "rhel.json", "rhel 9: eol 'soon' is no day"),
        (b'[{"cycle": "9", "eol": "2032-13-31"}]', "rhel.json", "is no day"),
        (b'[{"eol": "2032-01-31"}]', "rhel.json", "cycle is missing"),
        (b'[{"cycle": "9"}, {"cycle": "9"}]', "rhel.json", "twice"),
        (b'[{"cycle": "9"}]', "../Etc Passwd.json", "no product name"),
        (b"[" * 100_000, "rhel.json", "neither JSON"),
        (full(release("9", "x")), "full", "eolFrom 'x' is no day"),
        (full(), "full", "has no releases"),
    ],
)
def test_what_is_no_lifecycle_data_is_refused_in_words(content: bytes, name: str, word: str) -> None:
    with pytest.raises(TableIsInvalid, match=word):
        read_publication(content, name)


def test_a_refresh_says_what_it_changes_and_keeps_the_rest_with_its_day(tmp_path: Path) -> None:
    raw = read_raw(SHIPPED)
    publication = read_publication(full(release("9", "2033-01-01"), release("99", None)), "full")

    renewed, changes = renew(raw, publication, DAY)
    write_table(renewed, tmp_path / "t.json")

    said = {(c.cycle, c.what, c.new) for c in changes if c.what != "removed"}
    assert said == {("9", "changed", "ends 2033-01-01"), ("99", "added", "no end announced")}
    assert {c.cycle for c in changes if c.what == "removed"} >= {"8", "7"}
    table = load_table(tmp_path / "t.json")
    assert table.taken == DAY
    assert table.cycles["rhel"][0].as_of == DAY
    assert table.cycles["ubuntu"][0].as_of == date(2026, 8, 22)
    assert "ibm-websphere" in table.cycles


def test_equal_facts_have_equal_bytes_and_an_equal_digest(tmp_path: Path) -> None:
    publication = read_publication(full(release("9", "2033-01-01")), "full")
    texts = [table_text(renew(read_raw(SHIPPED), publication, DAY)[0]) for _ in range(2)]
    paths = [tmp_path / "a.json", tmp_path / "b.json"]
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text)

    assert texts[0] == texts[1]
    assert load_table(paths[0]).digest == load_table(paths[1]).digest != load_table().digest


def test_every_fact_names_its_source_and_day() -> None:
    facts = [cycle for cycles in load_table().cycles.values() for cycle in cycles]

    assert all(fact.source and fact.as_of for fact in facts)


def test_most_products_come_from_endoflife_date_and_those_from_elsewhere_are_known_by_name() -> None:
    elsewhere = set()
    for product, cycles in load_table().cycles.items():
        sources = {cycle.source for cycle in cycles}
        if not all(re.match(r"(https://)?endoflife\.date", source) for source in sources):
            assert all(source.startswith("http") for source in sources)
            elsewhere.add(product)

    assert len(load_table().cycles) - len(elsewhere) >= 60
    assert elsewhere == {"ibm-websphere", "oracle-weblogic", "hp-ux", "ibm-zos", "ibm-informix"}


@pytest.mark.parametrize(
    ("product", "weak", "unknown"),
    [
        ("oracle-weblogic", ["10.3.6", "9.2"], ["12.1.3", "12.2.1.4", "14.1.1"]),
        ("hp-ux", ["11.31", "11.23", "11.11"], []),
        ("ibm-informix", ["11.10", "10.0"], ["11.50", "11.70", "12.10", "14.10"]),
        ("ibm-zos", ["1.13", "2.1", "2.4"], ["2.5", "3.1"]),
    ],
)
def test_what_only_others_state_is_weak_and_what_nobody_states_is_unknown(
    product: str, weak: list[str], unknown: list[str]
) -> None:
    table, day = load_table(), date(2026, 11, 21)

    for version in weak:
        found = assess_lifecycle(table, product, version, day)
        assert (found.weak, found.status) == (True, Status.UNSUPPORTED), version
    for version in unknown:
        assert assess_lifecycle(table, product, version, day).status is Status.UNKNOWN, version


@pytest.mark.parametrize(
    ("product", "version", "status"),
    [
        ("ibm-websphere", "8.0.0.15", Status.UNSUPPORTED),
        ("ibm-websphere", "8.5.5.20", Status.SUPPORTED),
        ("oracle-weblogic", "10.3.6", Status.UNSUPPORTED),
        ("hp-ux", "11.31", Status.UNSUPPORTED),
        ("ibm-zos", "2.3", Status.UNSUPPORTED),
        ("ibm-mq", "9.3.0.4", Status.ENDING),
        ("oracle-jdk|eclipse-temurin", "6", Status.UNSUPPORTED),
    ],
)
def test_products_that_endoflife_lacks_are_judged_by_sourced_facts(
    product: str, version: str, status: Status
) -> None:
    assert assess_lifecycle(load_table(), product, version, date(2026, 11, 21)).status is status


def test_a_version_whose_readings_differ_stays_unknown() -> None:
    found = assess_lifecycle(load_table(), "oracle-jdk|eclipse-temurin", "17", date(2026, 11, 21))

    assert found.status is Status.UNKNOWN
    assert found.note == "it may be any of oracle-jdk: unsupported, eclipse-temurin: ending_12_months"


def in_force(rows: dict[str, str]) -> pl.DataFrame:
    return pl.DataFrame(sorted(rows.items()), schema=["key", "value"], orient="row")


def test_the_phase_judges_by_the_table_in_force_and_says_so(discovery: Discovery, tmp_path: Path) -> None:
    path = tmp_path / "lifecycle.json"
    publication = read_publication(full(release("7", "2040-01-01")), "full")
    write_table(renew(read_raw(SHIPPED), publication, DAY)[0], path)
    discovery.provide("lifecycle", in_force(table_rows(read_raw(path))))
    discovery.write("s.csv", "Server Name,IP Address,Operating System\na,10.0.0.1,RHEL 7.9\n")

    summary = discovery.run(*CHAIN).summary

    assert summary["tech_debt"]["supported"] == 1
    assert summary["lifecycle_table"]["taken"] == "2026-12-01"
    assert summary["lifecycle_table"]["digest"] == load_table(path).digest
    [row] = [row for row in discovery.rows("tech_debt") if row["kind"] == "operating_system"]
    assert (row["eol_date"], row["fact_date"], row["patch_path"]) == (date(2040, 1, 1), DAY, "vendor")


def test_the_shipped_table_is_the_same_in_force_as_it_is_unasked() -> None:
    assert table_of_rows(table_rows(read_raw(SHIPPED))).digest == load_table().digest


def test_a_table_on_the_worker_changes_nothing(
    discovery: Discovery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Workers keep no state: what they judge by comes with the command, or ships with them."""
    publication = read_publication(full(release("7", "2040-01-01")), "full")
    write_table(renew(read_raw(SHIPPED), publication, DAY)[0], tmp_path / "lifecycle.json")
    monkeypatch.setenv("CARAVAN_LIFECYCLE_FILE", str(tmp_path / "lifecycle.json"))
    monkeypatch.setenv("CARAVAN_DATA_DIR", str(tmp_path))
    discovery.write("s.csv", "Server Name,IP Address,Operating System\na,10.0.0.1,RHEL 7.9\n")

    assert discovery.run(*CHAIN).summary["lifecycle_table"]["digest"] == load_table().digest


@pytest.mark.parametrize("rows", [{"rhel": "{}"}, {"(table)": "{", "rhel": "{}"}, {"(table)": "{}"}])
def test_a_broken_table_is_an_error_in_words(discovery: Discovery, rows: dict[str, str]) -> None:
    discovery.provide("lifecycle", in_force(rows))
    discovery.write("s.csv", "Server Name,IP Address\na,10.0.0.1\n")

    with pytest.raises(PhaseError, match="caravan lifecycle refresh"):
        discovery.run(*CHAIN)


def test_the_runtimes_of_an_application_are_judged_beside_its_machines(discovery: Discovery) -> None:
    discovery.configuration["as_of"] = "2026-11-21"
    discovery.write(
        "s.csv",
        "Server Name,IP Address,Operating System,Technology Stack\n"
        'a,10.0.0.1,RHEL 7.9,"Java 6, Tomcat 7"\nb,10.0.0.2,RHEL 9,WebSphere 8.0\n',
    )
    summary = discovery.run(*CHAIN).summary

    rows = {row["product"]: row for row in discovery.rows("tech_debt") if row["kind"] == "technology"}
    assert summary["technologies"]["unsupported"] == 3
    assert summary["tech_debt"]["unsupported"] == 1
    assert rows["IBM WebSphere Application Server"]["patch_path"] == "none"
    assert rows["IBM WebSphere Application Server"]["fact_source"].startswith("https://www.ibm.com/")
