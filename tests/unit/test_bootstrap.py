"""What a newcomer's first `make` says when something is missing, and that it costs nothing when all is there."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what the environment is made from, with no environment."""
    for path in ("scripts", "requirements"):
        shutil.copytree(ROOT / path, tmp_path / path)
    for project in [*ROOT.glob("libs/*/pyproject.toml"), *ROOT.glob("services/*/pyproject.toml")]:
        (tmp_path / project.relative_to(ROOT)).parent.mkdir(parents=True)
        shutil.copy(project, tmp_path / project.relative_to(ROOT))
    return tmp_path


def bootstrap(checkout: Path, python_says: str | None) -> subprocess.CompletedProcess[str]:
    """Runs it where the only Python there is answers the probe with these words, or where there is none."""
    bin_folder = checkout / "bin"
    bin_folder.mkdir()
    for program in ("sh", "dirname"):
        (bin_folder / program).symlink_to(str(shutil.which(program)))
    if python_says:
        python = bin_folder / "python3"
        python.write_text(f"#!/bin/sh\necho '{python_says}'\n")
        python.chmod(0o755)
    return subprocess.run(
        [checkout / "scripts" / "bootstrap", "runtime"],
        env={"PATH": str(bin_folder), "HOME": str(checkout)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("python_says", "words"),
    [
        (None, "no working Python was found"),
        ("version 3.9", "Python 3.11, 3.12 or 3.13 is needed, and only 3.9 was found"),
        ("version 3.14", "Python 3.11, 3.12 or 3.13 is needed, and only 3.14 was found"),
        ("novenv 3.12", "apt-get install python3.12-venv"),
    ],
)
def test_an_unsuitable_python_is_named_in_one_line(
    checkout: Path, python_says: str | None, words: str
) -> None:
    done = bootstrap(checkout, python_says)
    assert done.returncode == 1
    assert words in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (checkout / ".venv").exists()


def test_the_environment_stands_when_nothing_has_changed() -> None:
    if not any((ROOT / ".venv" / f".caravan-{level}").exists() for level in ("runtime", "dev")):
        pytest.skip("the tests run in an environment that make did not make")
    command = [str(ROOT / "scripts" / "bootstrap.py"), "check", "runtime"]
    assert subprocess.run([sys.executable, "-I", *command], check=False, timeout=60).returncode == 0


def test_a_changed_lock_makes_the_environment_stale(checkout: Path) -> None:
    venv = checkout / ".venv"
    venv.mkdir()
    command = [sys.executable, "-I", str(checkout / "scripts" / "bootstrap.py"), "check", "runtime"]
    program = "import runpy, sys; b = runpy.run_path(sys.argv[1]); print(b['fingerprint']('runtime'), end='')"
    mark = subprocess.run(
        [sys.executable, "-c", program, command[2]], capture_output=True, text=True, check=True
    )
    (venv / ".caravan-runtime").write_text(mark.stdout)
    assert subprocess.run(command, check=False).returncode == 0
    with (checkout / "requirements" / "runtime.lock").open("a") as lock:
        lock.write("# changed\n")
    assert subprocess.run(command, check=False).returncode == 1


def test_a_full_disk_is_told_before_anything_is_downloaded(checkout: Path) -> None:
    program = (
        "import runpy, shutil, sys; program = sys.argv[1]; sys.argv = [program, 'install', 'runtime']\n"
        "shutil.disk_usage = lambda _: shutil._ntuple_diskusage(9 << 30, 8 << 30, 1 << 30)\n"
        "runpy.run_path(program, run_name='__main__')"
    )
    script = str(checkout / "scripts" / "bootstrap.py")
    done = subprocess.run(
        [sys.executable, "-c", program, script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "3 GiB of disk are needed and 1.0 GiB are free" in done.stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_checkout_is_named(checkout: Path) -> None:
    checkout.chmod(0o555)
    command = [sys.executable, "-I", str(checkout / "scripts" / "bootstrap.py"), "install", "runtime"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    checkout.chmod(0o755)
    assert "can't be written to" in done.stderr
