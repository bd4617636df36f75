"""What is masked for those who may not read what tells of persons, by the shape of the answer."""

from caravan_orchestrator.api.privacy import veiled, veiled_cells, veiled_conflict

DECISION = {
    "number": 1,
    "kind": "conflict",
    "subject": "host:web#business_owner",
    "value": "Ada",
    "old": "Bob",
}


def test_a_decision_about_a_persons_attribute_hides_its_values_in_lists_and_in_the_audit() -> None:
    assert veiled([DECISION]) == [{**DECISION, "value": "***", "old": "***"}]
    noted = {"action": "decision.conflict", "actor": "ann", "subject": DECISION["subject"]}
    details = {"number": 1, "value": {"source": "cmdb"}, "old": "Bob", "reason": None}
    hidden = {"number": 1, "value": {"source": "***"}, "old": "***", "reason": None}
    assert veiled({**noted, "details": details}) == {**noted, "details": hidden}


def test_a_decision_about_something_else_is_shown() -> None:
    other = {**DECISION, "subject": "host:web#memory_gb", "value": "16", "old": "8"}
    assert veiled(other) == other
    # The key of a column whose header sounds like a person: what it means is no secret.
    mapping = {**DECISION, "subject": "fleet.csv##2|Owner", "value": {"attribute": "business_owner"}}
    assert veiled(mapping) == mapping


def test_a_conflict_about_an_owner_keeps_its_shape_and_its_sources() -> None:
    conflict = {
        "attribute": "technical_owner", "winner": "Ada", "winner_source": "a", "losers": ["Bob"],
        "loser_sources": ["b"], "decision": {"number": 1, "value": "Bob"},
    }  # fmt: skip
    assert veiled_conflict(conflict) == {
        **conflict, "winner": "***", "losers": ["***"], "decision": {"number": 1, "value": "***"},
    }  # fmt: skip


def test_what_is_unknown_stays_unknown_and_who_did_something_is_no_secret() -> None:
    row = {"business_owner": None, "technical_owner": "", "created_by": "ann", "user_count": 3}
    assert veiled(row) == row


def test_cells_of_a_column_that_nobody_knows_are_shown_only_to_those_who_see_all() -> None:
    assert veiled_cells(["web", "Ada", None, ""], [("Host", None)], personal=False) == [
        "web",
        "***",
        None,
        "",
    ]
    assert veiled_cells(["web", "Ada"], None, personal=True) == ["web", "Ada"]
