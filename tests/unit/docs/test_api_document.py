"""docs/api.md has every operation of the gateway once, under its tag and with the role it needs."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
OPENAPI = json.loads((ROOT / "docs/openapi.json").read_text(encoding="utf-8"))
CHAPTER = (
    (ROOT / "docs/api.md").read_text(encoding="utf-8").partition("\n## Routes\n")[2].partition("\n## ")[0]
)

Operation = tuple[str, str]


def alike(path: str) -> str:
    """The path, whatever its parameters are called."""
    return re.sub(r"\{\w+\}", "{}", path)


OPERATIONS = {
    (method.upper(), alike(path.removeprefix("/api/v1"))): operation
    for path, methods in OPENAPI["paths"].items()
    for method, operation in methods.items()
    if path.startswith("/api/v1/")
}


def named(cell: str) -> list[Operation]:
    """`GET /a/b`, `c` · `POST`: what is left out is as it was before, a word alone is another end of the path."""
    found: list[Operation] = []
    method = path = ""
    for word in re.findall(r"`([^`]+)`", cell):
        if re.fullmatch(r"[A-Z]+ /\S+", word):
            method, path = word.split()
        elif word.isupper():
            method = word
        else:
            path = re.sub(r"[^/:]+$", word, path)
        found.append((method, alike(path)))
    return found


def rows() -> list[tuple[str, list[Operation], set[str]]]:
    """Heading, operations and roles of each row."""
    found = []
    _, *sections = re.split(r"^### (.+)$", CHAPTER, flags=re.MULTILINE)
    for heading, text in zip(sections[::2], sections[1::2], strict=True):
        for line in re.findall(r"^\| (`.+) \|$", text, flags=re.MULTILINE):
            routes, roles, _ = line.split(" | ", 2)
            found.append((heading, named(routes), set(re.split(" · |, ", roles))))
    return found


def test_every_operation_has_one_row_and_every_row_an_operation() -> None:
    written = [operation for _, operations, _ in rows() for operation in operations]
    assert sorted(written) == sorted(OPERATIONS)


@pytest.mark.parametrize(("heading", "operations", "roles"), rows())
def test_a_row_stands_under_its_tag_with_its_roles(
    heading: str, operations: list[Operation], roles: set[str]
) -> None:
    for operation in operations:
        assert [tag.capitalize() for tag in OPERATIONS[operation]["tags"]] == [heading]
    assert roles == {OPERATIONS[operation]["x-required-role"] for operation in operations}
