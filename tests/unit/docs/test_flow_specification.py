"""docs/flow-specification.md names a test for each promise, and each test it names is there."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
DOCUMENT = ROOT / "docs" / "flow-specification.md"
NAMED = re.compile(r"`(tests/[\w/]+\.py)::([\w:]+)`")
# Every scenario of these is part of the specification.
SPECIFIED = ("test_phases.py", "test_units.py", "test_rollback.py")


def scenarios_of(path: Path) -> set[str]:
    """`test_name`, and `Class::test_name` for those of a class."""
    found = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        members = node.body if isinstance(node, ast.ClassDef) else [node]
        prefix = f"{node.name}::" if isinstance(node, ast.ClassDef) else ""
        functions = (m for m in members if isinstance(m, ast.FunctionDef | ast.AsyncFunctionDef))
        found |= {prefix + function.name for function in functions if function.name.startswith("test_")}
    return found


def promises() -> list[str]:
    """Each bullet, with the lines that belong to it."""
    return re.findall(r"^- .+(?:\n  .+)*", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)


def test_each_promise_has_a_given_a_when_a_then_and_a_test() -> None:
    parts = re.compile(r"\*\*Given\*\* .+ \*\*when\*\* .+ \*\*then\*\* .+", re.DOTALL)
    assert len(promises()) > 50
    assert [promise for promise in promises() if not (parts.search(promise) and NAMED.search(promise))] == []


def test_each_named_test_is_there() -> None:
    named = NAMED.findall(DOCUMENT.read_text(encoding="utf-8"))
    known = {file: scenarios_of(ROOT / file) for file in {file for file, _ in named}}
    assert [f"{file}::{test}" for file, test in named if test not in known[file]] == []


def test_no_test_holds_two_promises() -> None:
    named = NAMED.findall(DOCUMENT.read_text(encoding="utf-8"))
    assert sorted(set(named)) == sorted(named)


def test_every_scenario_of_phases_units_and_rollback_is_a_promise() -> None:
    named = set(NAMED.findall(DOCUMENT.read_text(encoding="utf-8")))
    missing = [
        f"{file}::{test}"
        for file in (f"tests/unit/orchestrator/{name}" for name in SPECIFIED)
        for test in sorted(scenarios_of(ROOT / file))
        if (file, test) not in named
    ]
    assert missing == []
