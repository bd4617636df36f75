"""The definition says the truth: columns described, the README's table, handoff rules that can fail."""

import re
from pathlib import Path

import polars as pl
import pytest

from caravan_assessment.domain.planning.groups import measure_largest
from caravan_assessment.domain.roadmap.critical_path import find_critical, link_waves
from caravan_assessment.flow import ASSESSMENT, SERVICE
from caravan_assessment.handoff import hand_over
from caravan_common.worker import HandoffContext
from caravan_common.worker.service import resolve
from tests.unit.assessment.conftest import Assessment, edges

README = Path(__file__).resolve().parents[3] / "services" / "assessment" / "README.md"


@pytest.fixture
def done(harbour: Assessment) -> Assessment:
    harbour.configuration["waves"] = {"steps": 500}
    harbour.run()
    return harbour


def test_every_column_is_described() -> None:
    for phase in ASSESSMENT.phases:
        for output in phase.outputs:
            bare = [column.name for column in output.columns if not column.description]
            assert not bare, f"{output.name}: {bare}"


def test_every_function_of_the_service_is_there() -> None:
    for target in (
        *SERVICE.phases.values(),
        *SERVICE.edits.values(),
        SERVICE.handoff,
    ):
        assert callable(resolve(str(target)))


def test_the_readme_lists_what_each_phase_reads_and_writes() -> None:
    table = dict(re.findall(r"^\| (\w+) \| (.+) \|$", README.read_text(encoding="utf-8"), flags=re.MULTILINE))
    for phase in ASSESSMENT.phases:
        for name in (*(spec.name for spec in phase.inputs), *(spec.name for spec in phase.outputs)):
            assert re.search(rf"\b{name}\b", table[phase.name]), (phase.name, name)


def test_a_finished_assessment_hands_over_with_all_rules_kept(done: Assessment) -> None:
    result = hand_over(HandoffContext("assessment", "planning", done.inputs))
    assert [rule.rule for rule in result.rules if not rule.passed] == []
    assert len(result.rules) == 5
    assert result.summary["targets"] == 365


@pytest.mark.parametrize(
    ("dataset", "change", "broken"),
    [
        ("members", lambda rows: pl.concat([rows, rows.head(40)]), "every target is in exactly one unit"),
        ("treatments", lambda rows: rows.tail(-1), "every unit has exactly one treatment"),
        ("waves", lambda rows: rows.tail(-1), "every unit has exactly one row of the plan"),
        ("waves", lambda rows: rows.with_columns(wave=pl.col("wave") * 0 + 1), "the plan breaks no rule"),
    ],
)
def test_a_broken_result_is_not_handed_over(
    done: Assessment, dataset: str, change: object, broken: str
) -> None:
    assert callable(change)
    done.provide(dataset, change(done.table(dataset)))
    result = hand_over(HandoffContext("assessment", "planning", done.inputs))
    assert broken in [rule.rule for rule in result.rules if not rule.passed]


def test_the_critical_path_is_the_chain_of_most_days() -> None:
    placed = pl.DataFrame({"natural_key": list("abcd"), "name": list("ABCD"), "wave": [1, 2, 3, 4]})
    links = link_waves(placed, edges(("c", "a", "hard_order"), ("d", "b", "hard_order"), ("b", "a", "noise")))
    assert links.select("first", "then", "example").rows() == [(1, 3, "A before C"), (2, 4, "B before D")]
    assert find_critical({1: 12, 2: 12, 3: 12, 4: 12}, links) == [2, 4]
    assert find_critical({1: 12, 2: 5, 3: 12, 4: 12}, links) == [1, 3]


def test_the_largest_group_counts_ties_and_circles_but_not_what_only_comes_first() -> None:
    planned = pl.DataFrame(
        {"natural_key": list("abcd"), "effort": [1.0, 2.0, 4.0, 8.0], "servers": [1, 1, 1, 1]}
    )
    between = edges(
        ("a", "b", "must_together"),
        ("b", "c", "hard_order"),
        ("c", "b", "hard_order"),
        ("d", "a", "hard_order"),
    )
    assert measure_largest(planned, between) == (8.0, 3)
