"""docs/security.md names a test for every risk of the OWASP API Security Top 10, and each of them is there."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
DOCUMENT = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
RISKS = [f"API{number}:2023" for number in range(1, 11)]
NAMED = re.findall(r"`([\w/]+\.py)(?:::(\w+))?`", DOCUMENT)


@cache
def functions(file: Path) -> frozenset[str]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return frozenset(
        node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )


@pytest.mark.parametrize("risk", RISKS)
def test_every_risk_has_a_row_with_a_test(risk: str) -> None:
    rows = [line for line in DOCUMENT.splitlines() if line.startswith(f"| {risk} ")]
    assert len(rows) == 1
    assert re.search(r"`tests/[\w/]+\.py::test_\w+`", rows[0])


@pytest.mark.parametrize(("path", "name"), sorted(set(NAMED)))
def test_a_test_that_is_named_is_there(path: str, name: str) -> None:
    file = ROOT / path
    assert file.is_file(), path
    assert not name or name in functions(file), f"{path} has no {name}"
