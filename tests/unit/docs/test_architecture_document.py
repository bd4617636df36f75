"""docs/architecture.md names files and functions of the journey that are there, and no file is too long to read."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
DOCUMENT = ROOT / "docs" / "architecture.md"
FOLDERS = {
    "O": ROOT / "services" / "orchestrator" / "caravan_orchestrator",
    "C": ROOT / "libs" / "common" / "caravan_common",
}
LONGEST = 400
STEP = re.compile(r"^\| \d+ \| (.+?) \|", re.MULTILINE)
NAMED = re.compile(r"`([\w/]+\.py)(?: : ([\w.]+))?`")


def named_in_the_journey() -> Iterator[tuple[str, str, str]]:
    """Folder letter, file and function (or nothing) of each name in the second column of the table."""
    for cell in STEP.findall(DOCUMENT.read_text(encoding="utf-8")):
        letter = cell[0]
        for match in NAMED.finditer(cell):
            yield letter, match[1], match[2] or ""


def definitions(path: Path) -> set[str]:
    """Functions and classes of a module, methods as `Class.method`."""
    found = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        if isinstance(node, ast.ClassDef):
            methods = (n for n in node.body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))
            found |= {f"{node.name}.{method.name}" for method in methods}
    return found


def source_files() -> Iterator[Path]:
    for folder in ("libs", "services", "cli", "scripts", "benchmarks"):
        yield from (ROOT / folder).rglob("*.py")


def test_the_journey_has_its_ten_steps_and_every_one_names_code() -> None:
    cells = STEP.findall(DOCUMENT.read_text(encoding="utf-8"))
    assert len(cells) == 10
    assert [cell for cell in cells if "`" not in cell] == []


@pytest.mark.parametrize(("letter", "file", "function"), [*named_in_the_journey()])
def test_a_file_and_function_of_the_journey_is_there(letter: str, file: str, function: str) -> None:
    path = FOLDERS[letter] / file
    assert path.is_file(), f"the journey names {letter} {file}, which is not there"
    assert not function or function in definitions(path), f"{letter} {file} has no {function}"


def test_every_other_file_the_document_names_is_there() -> None:
    named = {match[1] for match in NAMED.finditer(DOCUMENT.read_text(encoding="utf-8"))}
    places = (ROOT, *FOLDERS.values())
    assert [file for file in sorted(named) if not any((place / file).is_file() for place in places)] == []


def test_every_flow_service_has_a_run_function_for_each_file_below_phases() -> None:
    phases = [
        path for path in (ROOT / "services").glob("*/caravan_*/phases/*.py") if not path.name.startswith("_")
    ]
    assert phases
    assert [str(path.relative_to(ROOT)) for path in phases if "run" not in definitions(path)] == []


def test_no_source_file_is_longer_than_four_hundred_lines() -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for path in source_files()
    }
    assert {file: lines for file, lines in lengths.items() if lines > LONGEST} == {}
