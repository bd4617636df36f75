"""docs/traps-covered.md names a test for each trap, and each test it names is there."""

import re

from tests.unit.docs.test_flow_specification import NAMED, ROOT, scenarios_of

DOCUMENT = ROOT / "docs" / "traps-covered.md"


def test_each_trap_names_its_tests() -> None:
    rows = [
        line
        for line in DOCUMENT.read_text(encoding="utf-8").splitlines()
        if line.startswith("| ") and not re.match(r"\| (trap|---)", line)
    ]
    assert len(rows) > 50
    assert [row for row in rows if not NAMED.search(row)] == []


def test_each_named_test_is_there() -> None:
    named = NAMED.findall(DOCUMENT.read_text(encoding="utf-8"))
    known = {file: scenarios_of(ROOT / file) for file in {file for file, _ in named}}
    assert [f"{file}::{test}" for file, test in named if test not in known[file]] == []
