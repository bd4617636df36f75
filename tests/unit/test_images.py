"""What each image holds is enough for what it runs: every module is imported with the packages of its lock alone."""

import json
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SERVICES = sorted(path.parent.name for path in ROOT.glob("services/*/pyproject.toml"))
WORKERS = [name for name in SERVICES if name != "orchestrator"]
# Takes from its arguments what may be imported; everything else is as if it were not installed.
PROGRAM = """
import importlib, json, pkgutil, sys

order = json.loads(sys.argv[1])


class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in order["absent"]:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


sys.meta_path.insert(0, Absent())
for name in order["packages"]:
    package = importlib.import_module(name)
    for each in pkgutil.walk_packages(package.__path__, f"{name}."):
        if not each.name.startswith(tuple(order["without"])) and not each.name.endswith("__main__"):
            importlib.import_module(each.name)
for name in order["modules"]:
    importlib.import_module(name)
"""


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def absent_with(lock: str) -> list[str]:
    """Top-level modules of what is installed here and not in that lock, our own left out."""
    text = (ROOT / "requirements" / f"{lock}.lock").read_text()
    given = {normal(name) for name in re.findall(r"^([a-z0-9._-]+)==", text, re.MULTILINE)}
    return [
        module
        for module, owners in packages_distributions().items()
        if not given & {normal(owner) for owner in owners} and not module.startswith("caravan")
    ]


def import_all(lock: str, packages: list[str], without: tuple[str, ...], modules: list[str]) -> None:
    order = {"absent": absent_with(lock), "packages": packages, "without": without, "modules": modules}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, json.dumps(order)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.mark.parametrize("name", WORKERS)
def test_a_workers_image_holds_what_its_service_imports(name: str) -> None:
    import_all(name, ["caravan_common", f"caravan_{name}"], ("caravan_common.reporting",), [])


def test_the_orchestrators_image_holds_what_the_orchestrator_and_every_report_import() -> None:
    reports = []
    for name in WORKERS:
        described = tomllib.loads((ROOT / "services" / name / "pyproject.toml").read_text())["project"]
        entries = described["entry-points"].get("caravan.reports", {})
        reports += [entry.partition(":")[0] for entry in entries.values()]
    assert len(reports) == len(WORKERS)
    # The migrations' environment runs inside Alembic only.
    without = ("caravan_orchestrator.migrations.env",)
    import_all("orchestrator", ["caravan_orchestrator", "caravan_common.reporting"], without, reports)


def test_the_orchestrators_image_has_the_code_of_every_report_in_it() -> None:
    text = (ROOT / "services/orchestrator/Dockerfile").read_text()
    assert re.search(r"^COPY services services$", text, re.MULTILINE)
    assert re.search(r"--no-deps .*\\\n\s+\./libs/common \./services/\*$", text, re.MULTILINE)
