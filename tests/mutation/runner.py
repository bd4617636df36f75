"""Puts each fault into a copy of the project and runs the test that is to notice.

    python -m tests.mutation.runner [WORD …]

With words, only the faults whose trap, file or test holds one of them. Before any fault, the tests must pass in the
copy. Prints a line per fault with what the test said; exit 1 when a fault went unnoticed, or only broke the program.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

from tests.mutation.table import ROOT, Fault, load_faults, named_like

_COPIED = ("libs", "services", "cli", "tests", "samples", "docs", "scripts", "deploy", "benchmarks")
_LEFT_BEHIND = ("__pycache__", "*.egg-info", ".cache", ".mypy_cache")
SECONDS_PER_TEST, SECONDS_PER_RUN = 60, 180
# The test would fail for these whatever it looks at: the program no longer runs, which shows nothing.
_BROKEN = (
    "SyntaxError",
    "ImportError",
    "ModuleNotFoundError",
    "NameError",
    "UnboundLocalError",
    "AttributeError",
)


@dataclass(frozen=True)
class Outcome:
    """What the test said to a fault. `reason` is the first line of its failure."""

    fault: Fault
    noticed: bool
    reason: str


@contextmanager
def copied_project() -> Iterator[Path]:
    """A copy of the code and the tests, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="caravan-mutation-") as folder:
        copy = Path(folder) / "project"
        copy.mkdir()
        for path in sorted(ROOT.iterdir()):
            if path.is_file():
                shutil.copy2(path, copy)
        for name in _COPIED:
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns(*_LEFT_BEHIND))
        yield copy


def try_fault(fault: Fault, copy: Path) -> Outcome:
    """Runs the fault's test with the fault in the copy, and mends the copy again."""
    path = copy / fault.file
    sound = path.read_text(encoding="utf-8")
    fault.apply(copy)
    try:
        return judge(fault, *run_tests([fault.test], copy))
    finally:
        path.write_text(sound, encoding="utf-8")


def run_tests(
    tests: Sequence[str], copy: Path, seconds: float = SECONDS_PER_RUN
) -> tuple[int | None, list[str]]:
    """The exit code (null: not done in time) and the first line of each failure; errors begin with `error: `."""
    report = copy / "report.xml"
    report.unlink(missing_ok=True)
    command = [
        *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junit-xml={report}"),
        *("-o", f"timeout={SECONDS_PER_TEST}", "-o", "timeout_method=signal", *tests),
    ]
    # Without compiled files: one made of a file and one of its faulty twin may bear the same size and time.
    environment = os.environ | {"PYTHONPATH": _import_path(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            command, cwd=copy, env=environment, timeout=seconds, check=False, capture_output=True
        )
    except subprocess.TimeoutExpired:
        return None, []
    return done.returncode, _failures(report) if report.exists() else []


def _import_path(copy: Path) -> str:
    """The copy's packages, before those that the environment has installed."""
    settings = tomllib.loads((copy / "pyproject.toml").read_text(encoding="utf-8"))
    packages = settings["tool"]["mypy"]["mypy_path"].split(":")
    return os.pathsep.join(str(copy / place) for place in (*packages, "."))


def _failures(report: Path) -> list[str]:
    found = []
    for case in ET.parse(report).iter("testcase"):
        for word, prefix in (("failure", ""), ("error", "error: ")):
            found += [f"{prefix}{_first_line(node.get('message', ''))}" for node in case.findall(word)]
    return found


def _first_line(message: str) -> str:
    return " ".join(message.split())[:200]


def judge(fault: Fault, code: int | None, failures: Sequence[str]) -> Outcome:
    """What `run_tests` found, as an outcome. A test that did not run, or whose program did not, noticed nothing."""
    if code is None:
        return Outcome(fault, True, f"not done within {SECONDS_PER_RUN} s")
    if code < 0:
        return Outcome(fault, True, f"the process died of signal {-code}")
    if code == 0:
        return Outcome(fault, False, "the test passes")
    if code != 1 or not failures:
        return Outcome(fault, False, f"the test did not run: exit code {code}")
    broken = [line for line in failures if line.startswith(("error: ", *_BROKEN))]
    return Outcome(fault, not broken, f"breaks the program: {broken[0]}" if broken else failures[0])


def main(words: Sequence[str]) -> int:
    faults = named_like(load_faults(), words)
    with copied_project() as copy:
        tests = list(dict.fromkeys(fault.test for fault in faults))
        code, failures = run_tests(tests, copy, seconds=SECONDS_PER_RUN + 10 * len(tests))
        if code != 0:
            _say(f"without any fault the {len(tests)} tests end with {code}:", *failures)
            return 1
        outcomes = []
        for fault in faults:
            outcomes.append(try_fault(fault, copy))
            _say(_line(outcomes[-1]))
    missed = [outcome for outcome in outcomes if not outcome.noticed]
    _say(f"{len(outcomes)} faults, {len(outcomes) - len(missed)} noticed", *map(_line, missed))
    return 1 if missed else 0


def _line(outcome: Outcome) -> str:
    return f"{'noticed' if outcome.noticed else 'MISSED '} {outcome.fault.name}: {outcome.reason}"


def _say(*lines: str) -> None:
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
