"""What made the records of an asset one is said in a line each."""

from typing import Any

from caravan.commands.lineage import joins_of

JOIN = {"source": "servicenow:1", "kind": "fqdn", "values": ["a.corp.example"], "decided_by": "rule"}
BY_RULE = {**JOIN, "question": None, "advice": None, "decision": None}
DECISION = {"number": 7, "actor": "ann", "reason": "replaced in May"}


def record(
    *joins: dict[str, Any], rows: int = 1, known: bool = True, source_key: str | None = None
) -> dict[str, Any]:
    places = [{"file": "f.xlsx", "sheet": "S", "row_number": 2 + at} for at in range(rows)]
    joined = list(joins) if known else None
    return {"source": "generic:1", "source_key": source_key, "rows": places, "joined": joined}


def test_an_asset_of_one_row_has_nothing_to_say() -> None:
    assert joins_of([record()]) == []


def test_an_identifier_is_named_with_its_value() -> None:
    lines = joins_of([record(BY_RULE), record()])
    assert lines[0] == "generic:1 (f.xlsx, S, row 2): joined with servicenow:1 by fqdn a.corp.example"
    assert lines[1] == "generic:1 (f.xlsx, S, row 2)"


def test_a_person_is_named_with_the_reason_and_what_the_crew_had_advised() -> None:
    by_person = {
        **BY_RULE,
        "kind": "person",
        "values": [],
        "decided_by": "person",
        "advice": {"advice": "different", "confidence": 0.7, "reasons": []},
        "decision": DECISION,
    }
    (line, _) = joins_of([record(by_person), record()])
    assert line.endswith("by the answer of ann (decision 7): replaced in May; the crew had advised different")


def test_rows_of_one_source_share_its_key_and_many_are_cut_short() -> None:
    (line,) = joins_of([record(rows=7, source_key="T1")])
    assert line.startswith("generic:1 (f.xlsx, S, row 2; ")
    assert line.endswith("f.xlsx, S, row 6; 2 more), one by key T1")


def test_an_inventory_of_before_says_that_it_does_not_know() -> None:
    (line, _) = joins_of([record(known=False), record(known=False)])
    assert line.endswith("what joined it was not kept when this inventory was made")
