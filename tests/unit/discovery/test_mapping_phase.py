"""The phase attribute_mapping: people, learning, the crew and the rules; what is asked and what is kept."""

from collections.abc import Sequence
from typing import Any

import polars as pl
import pytest

from caravan_common.contracts import DecisionKind, PhaseError
from caravan_common.crews import Case, Judgement, Judges
from tests.unit.discovery.conftest import Discovery

HEADER = "Server Name,Memory (GB),Feld 7,Zz9"
ROWS = [f"web-{number:02d},16,00:50:56:00:00:{number:02x},text" for number in range(1, 6)]
CONTESTED = "servers.csv##2|Feld 7"


@pytest.fixture
def flow(discovery: Discovery) -> Discovery:
    discovery.write("servers.csv", "\n".join([HEADER, *ROWS]) + "\n")
    return discovery


def mapping_of(flow: Discovery, column: str) -> dict[str, Any]:
    flow.run("data_import", "attribute_mapping")
    return next(row for row in flow.rows("field_mappings") if row["column"] == column)


def crew_saying(option: str, confidence: float) -> Any:
    def judge(crew: str, cases: Sequence[Case]) -> list[Judgement]:
        assert crew == "mapping"
        return [
            Judgement(
                case_id=case.id,
                option=option,
                confidence=confidence,
                decided_by=Judges.CREW,
                reasons=("seen",),
            )
            for case in cases
        ]

    return judge


def test_every_source_column_gets_one_row_with_its_evidence(flow: Discovery) -> None:
    name = mapping_of(flow, "Server Name")

    assert flow.table("field_mappings").height == 4
    assert (name["attribute"], name["method"], name["decided_by"], name["custom"]) == (
        "name",
        "synonym",
        "rule",
        False,
    )
    assert name["confidence"] >= 0.8
    assert name["evidence"] == "header reads 'server name'"


def test_what_maps_to_nothing_is_kept_as_custom(flow: Discovery) -> None:
    kept = mapping_of(flow, "Zz9")

    assert (kept["attribute"], kept["custom"]) == (None, True)


def test_a_contested_column_is_put_before_the_crew_with_closed_options_and_its_samples(
    flow: Discovery,
) -> None:
    seen: list[Case] = []

    def judge(crew: str, cases: Sequence[Case]) -> list[Judgement]:
        seen.extend(cases)
        return crew_saying("mac_addresses", 0.9)(crew, cases)

    flow.judge = judge
    settled = mapping_of(flow, "Feld 7")

    [case] = seen
    assert (case.id, case.recommendation) == (CONTESTED, "mac_addresses")
    assert case.option_ids == {"mac_addresses", "none"}
    assert case.facts["samples"][0] == "00:50:56:00:00:01"
    assert case.facts["other_headers"] == ["Server Name", "Memory (GB)", "Zz9"]
    assert (settled["attribute"], settled["method"], settled["decided_by"]) == (
        "mac_addresses",
        "crew",
        "crew",
    )
    assert flow.results["attribute_mapping"].questions == []
    assert flow.results["attribute_mapping"].decided_by.crew == 1


def test_a_crew_may_answer_that_none_of_the_options_fits(flow: Discovery) -> None:
    flow.judge = crew_saying("none", 0.95)
    kept = mapping_of(flow, "Feld 7")

    assert (kept["attribute"], kept["custom"], kept["method"]) == (None, True, "crew")


def test_an_unsure_crew_leads_to_a_question_for_a_person(flow: Discovery) -> None:
    flow.judge = crew_saying("mac_addresses", 0.6)
    mapping_of(flow, "Feld 7")

    [question] = flow.results["attribute_mapping"].questions
    assert question.subject == CONTESTED
    assert question.recommendation == "mac_addresses"
    assert {option.id for option in question.options} == {"mac_addresses", "none"}


def test_without_a_crew_the_recommendation_stands_and_the_question_is_asked(flow: Discovery) -> None:
    stands = mapping_of(flow, "Feld 7")

    assert (stands["attribute"], stands["decided_by"]) == ("mac_addresses", "rule")
    assert [question.subject for question in flow.results["attribute_mapping"].questions] == [CONTESTED]


@pytest.mark.parametrize("value", ["mac_addresses", {"attribute": "mac_addresses"}])
@pytest.mark.parametrize("kind", [DecisionKind.MAPPING, DecisionKind.ANSWER])
def test_a_person_has_the_last_word_and_is_not_asked_again(
    flow: Discovery, kind: DecisionKind, value: Any
) -> None:
    flow.judge = crew_saying("none", 0.99)
    flow.decide(kind, "attribute_mapping", CONTESTED, value)
    decided = mapping_of(flow, "Feld 7")

    assert (decided["attribute"], decided["confidence"], decided["method"]) == (
        "mac_addresses",
        1.0,
        "person",
    )
    assert flow.results["attribute_mapping"].questions == []
    assert flow.results["attribute_mapping"].decided_by.person == 1


def test_a_person_may_give_a_number_its_unit_by_the_header(flow: Discovery) -> None:
    flow.decide(DecisionKind.MAPPING, "attribute_mapping", "servers.csv##1|Memory (GB)", "storage_gb")
    decided = mapping_of(flow, "Memory (GB)")

    assert (decided["attribute"], decided["unit"], decided["factor"]) == ("storage_gb", "GiB", 1.0)


def test_a_person_may_keep_a_column_custom(flow: Discovery) -> None:
    flow.decide(DecisionKind.MAPPING, "attribute_mapping", "servers.csv##0|Server Name", None)

    assert mapping_of(flow, "Server Name")["custom"] is True


def test_a_decision_for_an_attribute_that_does_not_exist_fails_in_a_sentence(flow: Discovery) -> None:
    flow.decide(DecisionKind.MAPPING, "attribute_mapping", CONTESTED, "shoe_size")

    with pytest.raises(PhaseError, match="'shoe_size' is no canonical attribute") as error:
        flow.run("data_import", "attribute_mapping")

    assert error.value.info.code == "unknown_attribute"


def test_what_this_client_confirmed_before_is_taken_over_and_marked(flow: Discovery) -> None:
    learned = {"kind": ["mapping", "product"], "pattern": ["feld 7", "zz9"], "value": ["mac_addresses", "x"]}
    flow.provide("learned", pl.DataFrame(learned))
    known = mapping_of(flow, "Feld 7")

    assert (known["attribute"], known["method"], known["decided_by"]) == (
        "mac_addresses",
        "learned",
        "learned",
    )
    assert known["confidence"] >= 0.8
    assert mapping_of(flow, "Zz9")["attribute"] is None


def test_custom_attributes_of_a_vcenter_stay_custom_whatever_their_name(discovery: Discovery) -> None:
    discovery.write(
        "vinfo.csv",
        "VM,Powerstate,CPUs,Memory,Environment,VM UUID,VI SDK UUID\nweb,poweredOn,4,8192,prod,U,V\n",
    )

    assert mapping_of(discovery, "Environment")["custom"] is True
    assert mapping_of(discovery, "Memory")["factor"] == 1 / 1024


def test_the_parts_of_a_sources_own_key_are_numbered(discovery: Discovery) -> None:
    discovery.write("vinfo.csv", "VM,Powerstate,CPUs,Memory,VM UUID,VI SDK UUID\nweb,poweredOn,4,8192,U,V\n")
    discovery.run("data_import", "attribute_mapping")

    parts = {row["column"]: row["key_part"] for row in discovery.rows("field_mappings") if row["key_part"]}
    assert parts == {"VI SDK UUID": 1, "VM UUID": 2}


def test_of_two_headers_that_differ_in_case_only_the_tools_own_spelling_is_mapped(
    discovery: Discovery,
) -> None:
    discovery.write(
        "vnetwork.csv",
        "VM,Adapter,Mac Address,Type,type,VM UUID,VI SDK UUID\nweb,vmxnet3,00:50:56:00:00:01,IPv4,gold,U,V\n",
    )
    discovery.write("vinfo.csv", "VM,Powerstate,CPUs,Memory,VM UUID,VI SDK UUID\nweb,poweredOn,4,8192,U,V\n")
    discovery.run("data_import", "attribute_mapping")

    meanings = {row["column"]: row["attribute"] for row in discovery.rows("field_mappings")}
    assert (meanings["Type"], meanings["type"]) == ("relation:nic", None)


@pytest.mark.parametrize("unit", ["MiB", "MB"])
def test_a_person_may_name_the_unit_of_a_column(flow: Discovery, unit: str) -> None:
    value = {"attribute": "memory_gb", "unit": unit}
    flow.decide(DecisionKind.MAPPING, "attribute_mapping", "servers.csv##1|Memory (GB)", value)
    decided = mapping_of(flow, "Memory (GB)")

    assert (decided["unit"], decided["factor"], decided["method"]) == ("MiB", 1 / 1024, "person")


def test_a_unit_that_does_not_fit_is_left_aside_and_the_evidence_says_so(flow: Discovery) -> None:
    value = {"attribute": "memory_gb", "unit": "GHz"}
    flow.decide(DecisionKind.MAPPING, "attribute_mapping", "servers.csv##1|Memory (GB)", value)
    decided = mapping_of(flow, "Memory (GB)")

    assert (decided["unit"], decided["factor"]) == ("GiB", 1.0)
    assert "GHz is no unit of it" in decided["evidence"]


def test_a_header_taught_to_be_custom_is_kept_as_custom_without_asking(flow: Discovery) -> None:
    flow.provide("learned", pl.DataFrame({"kind": ["mapping"], "pattern": ["FELD 7"], "value": ["custom"]}))
    kept = mapping_of(flow, "Feld 7")

    assert (kept["attribute"], kept["method"], kept["decided_by"]) == (None, "learned", "learned")


def test_a_taught_attribute_that_there_is_not_any_more_is_passed_over(flow: Discovery) -> None:
    flow.provide(
        "learned", pl.DataFrame({"kind": ["mapping"], "pattern": ["Server Name"], "value": ["shoe_size"]})
    )
    assert mapping_of(flow, "Server Name")["method"] == "synonym"
