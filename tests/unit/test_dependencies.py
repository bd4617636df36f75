"""Every package names what it imports: nothing is borrowed from what a dependency happens to bring along."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROJECTS = sorted(path.parent for path in (*ROOT.glob("*/*/pyproject.toml"), ROOT / "cli/pyproject.toml"))
OWNERS = packages_distributions()


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def declared(project: Path) -> set[str]:
    described = tomllib.loads((project / "pyproject.toml").read_text())["project"]
    optional = described.get("optional-dependencies", {}).values()
    wanted = [*described["dependencies"], *(each for group in optional for each in group)]
    return {normal(re.match(r"[A-Za-z0-9._-]+", each).group()) for each in wanted} | {
        normal(described["name"])
    }  # type: ignore[union-attr]


def imported(project: Path) -> dict[str, Path]:
    """Top-level module → a file that imports it, standard library left out."""
    found: dict[str, Path] = {}
    for path in project.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module or ""]
            else:
                continue
            found |= {name.partition(".")[0]: path for name in names}
    return {name: path for name, path in found.items() if name not in sys.stdlib_module_names}


@pytest.mark.parametrize("project", PROJECTS, ids=lambda project: project.name)
def test_a_package_names_what_it_imports(project: Path) -> None:
    own = {path.parent.name for path in project.glob("*/__init__.py")}
    names = declared(project)
    missing = {
        f"{module} (in {path.relative_to(ROOT)})"
        for module, path in imported(project).items()
        if module not in own and not names & {normal(owner) for owner in OWNERS.get(module, [module])}
    }
    assert not missing
