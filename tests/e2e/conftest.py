"""The sample estate, run once by the command for all tests that look at what came out."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.command import caravan

SAMPLES = Path(__file__).parents[2] / "samples" / "harbour"


@dataclass(frozen=True)
class Harbour:
    """`expected` is the sample's own account, `answer` what `caravan run --json` printed."""

    expected: dict[str, Any]
    answer: dict[str, Any]
    exports: Path
    report: Path


@pytest.fixture(scope="session")
def expected() -> dict[str, Any]:
    account: dict[str, Any] = json.loads((SAMPLES / "expected.json").read_text(encoding="utf-8"))
    return account


@pytest.fixture(scope="session")
def sample_files(expected: dict[str, Any]) -> list[Path]:
    return [SAMPLES / name for name in expected["inputs"]]


@pytest.fixture(scope="session")
def harbour(
    expected: dict[str, Any], sample_files: list[Path], tmp_path_factory: pytest.TempPathFactory
) -> Harbour:
    folder = tmp_path_factory.mktemp("harbour")
    done = caravan(
        "run",
        *sample_files,
        "--json",
        "--as-of",
        expected["as_of"],
        "--export",
        folder / "exports",
        "--report",
        folder / "report.html",
        env={"TMPDIR": str(folder)},
    )
    assert done.returncode == 0, done.stderr
    return Harbour(expected, json.loads(done.stdout), folder / "exports", folder / "report.html")
