"""docs/errors.md lists every code that a caller can meet, and none that there is not."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[3]
# Where a call of this name has its code.
_POSITION = {"Problem": 0, "Refused": 0, "PhaseError": 0, "unavailable": 0, "_failed": 2}


def codes_in(tree: ast.AST) -> Iterator[str]:
    """Codes given to problems, refusals and failures; returned by functions named …_code; by status."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            values = [keyword.value for keyword in node.keywords if keyword.arg == "code" and _raises(name)]
            position = _POSITION.get(name)
            values += [] if position is None else node.args[position : position + 1]
        elif isinstance(node, ast.FunctionDef) and node.name.endswith("_code"):
            values = [part.value for part in ast.walk(node) if isinstance(part, ast.Return) and part.value]
        elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "_BY_STATUS":
            assert isinstance(node.value, ast.Dict)
            values = list(node.value.values)
        else:
            continue
        for value in values:
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                yield value.value


def _raises(name: str) -> bool:
    return name in _POSITION or name == "ErrorInfo"


def in_source() -> set[str]:
    files = [file for part in ("libs", "services", "cli") for file in (ROOT / part).rglob("*.py")]
    return {code for file in files for code in codes_in(ast.parse(file.read_text(encoding="utf-8")))}


def documented() -> set[str]:
    rows = re.findall(r"^\| (`[^|]+) \|", (ROOT / "docs/errors.md").read_text(encoding="utf-8"), re.MULTILINE)
    return {code for row in rows for code in re.findall(r"`([a-z_]+)`", row)}


def test_every_code_in_the_source_is_documented() -> None:
    assert in_source() - documented() == set()


def test_every_documented_code_is_in_the_source() -> None:
    assert documented() - in_source() - {"bad_request"} == set()


def test_the_search_finds_codes_in_every_form() -> None:
    source = """
Problem("one", "words", status=422)
raise Refused("two", "words")
ErrorInfo(kind=kind, code="three", message="words")
_failed(run, kind, "four", "words")
log.warning("words", code="not_one")
_BY_STATUS = {404: "five"}
def _transient_code(error):
    return "six"
"""
    assert set(codes_in(ast.parse(source))) == {"one", "two", "three", "four", "five", "six"}
