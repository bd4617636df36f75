"""What is committed of the clients is what the generators make of the published document."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients.conftest import ROOT

CLIENTS = ROOT / "clients"


@pytest.fixture(scope="module")
def generator() -> Iterator[None]:
    """scripts/ is no package: its programs import each other by name."""
    sys.path.insert(0, str(ROOT / "scripts"))
    yield
    sys.path.remove(str(ROOT / "scripts"))


def files(folder: Path) -> dict[str, str]:
    kept = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in kept}


@pytest.mark.timeout(400)
@pytest.mark.usefixtures("generator")
def test_the_python_client_is_what_the_generator_makes(tmp_path: Path) -> None:
    from clients import PYTHON, generate_python

    generate_python(tmp_path / "generated")
    made, committed = files(tmp_path / "generated"), files(PYTHON)
    assert made.keys() == committed.keys(), "run `make clients`"
    assert [name for name in made if made[name] != committed[name]] == [], "run `make clients`"


@pytest.mark.timeout(400)
@pytest.mark.usefixtures("generator")
def test_the_typescript_client_is_what_the_generator_makes(tmp_path: Path) -> None:
    from clients import SCHEMA, generate_typescript

    generate_typescript(tmp_path / "schema.ts")
    assert (tmp_path / "schema.ts").read_text(encoding="utf-8") == SCHEMA.read_text(encoding="utf-8")


def test_the_lock_of_npm_names_no_registry() -> None:
    lock = json.loads((CLIENTS / "typescript" / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: each for name, each in lock["packages"].items() if name}
    assert [name for name, each in packages.items() if "resolved" in each] == []
    assert all(each["integrity"] for each in packages.values())


def test_the_packages_carry_the_licence_of_the_project() -> None:
    licence = (ROOT / "LICENSE").read_text(encoding="utf-8")
    for name in ("python", "typescript"):
        assert (CLIENTS / name / "LICENSE").read_text(encoding="utf-8") == licence


def test_a_wheel_of_the_python_client_is_built_and_holds_what_is_generated(tmp_path: Path) -> None:
    build = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"
    done = subprocess.run(
        [sys.executable, "-c", build, str(tmp_path)],
        cwd=CLIENTS / "python",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    from zipfile import ZipFile

    names = ZipFile(tmp_path / done.stdout.strip()).namelist()
    assert "caravan_client/generated/api/flows/create_flow.py" in names
    assert "caravan_client/py.typed" in names
