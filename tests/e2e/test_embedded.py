"""The embedded platform as a process: it starts, answers, and leaves nothing behind, however it ends."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import SAMPLES
from tests.support.command import caravan, clean_environment, left_behind
from tests.support.waiting import wait_until

SMALL = SAMPLES / "cmf_intake.csv"


@contextmanager
def started(*arguments: str | Path, folder: Path) -> Iterator[subprocess.Popen[str]]:
    """The command in the background, its output in `folder`; killed at the end if it still runs."""
    with (folder / "out").open("w") as out, (folder / "err").open("w") as err:
        process = subprocess.Popen(
            [sys.executable, "-m", "caravan", *map(str, arguments)],
            env=clean_environment(TMPDIR=str(folder)),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            text=True,
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def nothing_left(folder: Path) -> None:
    wait_until(lambda: not left_behind(folder), timeout=20, what=f"the end of {left_behind(folder)}")


def up(folder: Path, data_dir: Path) -> Any:
    """Starts one on any free port; the process and what it says of itself."""
    return started("up", "--port", "0", "--data-dir", data_dir, "--json", folder=folder)


def address(folder: Path) -> dict[str, str]:
    wait_until(lambda: (folder / "out").read_text().rstrip().endswith("}"), timeout=60, what="caravan up")
    found: dict[str, str] = json.loads((folder / "out").read_text())
    return found


def test_the_demo_ends_well_within_a_minute_and_leaves_no_process_and_no_data(tmp_path: Path) -> None:
    began = time.monotonic()
    done = caravan("demo", env={"TMPDIR": str(tmp_path)})
    assert done.returncode == 0, done.stderr
    assert time.monotonic() - began < 60
    assert not left_behind(tmp_path)
    (kept,) = tmp_path.iterdir()
    assert [file.name for file in kept.iterdir()] == ["report.html"]
    assert str(kept / "report.html") in done.stdout
    for number in "123":
        assert f"\n  {number}. " in done.stdout


def test_two_platforms_in_two_folders_run_at_once_and_one_folder_takes_only_one(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    with up(first, first / "data") as one, up(second, second / "data") as two:
        urls = {address(first)["url"], address(second)["url"]}
        assert len(urls) == 2
        for folder in (first, second):
            assert caravan("status", "--data-dir", folder / "data").returncode == 0
        refused = caravan("up", "--port", "0", "--data-dir", first / "data")
        assert refused.returncode == 4
        assert f"in use by process {one.pid}" in refused.stderr
        for process in (one, two):
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0
    nothing_left(tmp_path)


@pytest.mark.timeout(240)
def test_a_platform_keeps_its_flows_between_runs_and_in_its_backup(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    env = {"CARAVAN_DATA_DIR": str(data_dir)}
    with up(tmp_path, data_dir) as process:
        address(tmp_path)
        created = caravan("flow", "create", SMALL, "--auto-accept", "--wait", "--json", env=env)
        flow = json.loads(created.stdout)
        assert flow["status"] == "completed", created.stderr
        half = [sys.executable, "-m", "caravan", "backup", str(tmp_path / "half")]
        halfway = subprocess.run(
            ["/bin/sh", "-c", 'ulimit -f 1; exec "$@"', "sh", *half],
            # Python would leave halves of what it compiles beside the code.
            env=clean_environment(**env, PYTHONDONTWRITEBYTECODE="1"),
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert (halfway.returncode, (tmp_path / "half").exists()) == (4, False), halfway.stderr
        kept = caravan("backup", tmp_path / "backup", "--json", env=env)
        assert kept.returncode == 0, kept.stderr
        process.terminate()
        assert process.wait(30) == 0
    assert caravan("audit", "verify", env=env).returncode == 0
    restored = {"CARAVAN_DATA_DIR": str(tmp_path / "restored")}
    back = caravan("restore", tmp_path / "backup", "--yes", "--json", env=restored)
    assert back.returncode == 0, back.stderr
    told = json.loads(back.stdout)
    assert told["digest"] == json.loads(kept.stdout)["digest"]
    assert told["proof"]["holds"]
    assert told["proof"]["datasets"] > 0
    key = "token-key.pem"
    assert (tmp_path / "restored" / key).read_bytes() == (data_dir / key).read_bytes()
    again = caravan("restore", tmp_path / "backup", "--yes", env=restored)
    assert (again.returncode, "holds a platform already" in again.stderr) == (2, True)
    with up(tmp_path, data_dir) as process:
        address(tmp_path)
        again = json.loads(caravan("flow", "show", flow["id"], "--json", env=env).stdout)
        assert again["phases"] == flow["phases"]
        back = caravan("flow", "rollback", flow["id"], "--phase", "inventory", "--yes", "--json", env=env)
        assert json.loads(back.stdout)["status"] == "completed", back.stderr
        other = caravan("token", "--client", "other", env=env).stdout.strip()
        assert (
            "no such flow" in caravan("flow", "show", flow["id"], env={**env, "CARAVAN_TOKEN": other}).stderr
        )
        process.terminate()
        assert process.wait(30) == 0
    nothing_left(tmp_path)


@pytest.mark.parametrize(
    ("command", "moment"),
    [
        (("run", SMALL), "starting PostgreSQL"),
        (("run", SMALL), "preparing the database"),
        (("run", SMALL, "--report", "{}/report.html", "--export", "{}/exports"), "data import"),
        (("demo",), "starting PostgreSQL"),
    ],
)
def test_an_interrupted_run_says_so_and_stops_everything(
    tmp_path: Path, command: tuple[str | Path, ...], moment: str
) -> None:
    words = [str(word).format(tmp_path) for word in command]
    with started(*words, folder=tmp_path) as process:
        wait_until(lambda: moment in (tmp_path / "err").read_text(), every=0.01, timeout=60, what=moment)
        process.send_signal(signal.SIGINT)
        assert process.wait(40) == 130
    assert (tmp_path / "err").read_text().rstrip().endswith("has been stopped.")
    nothing_left(tmp_path)
    assert {path.name for path in tmp_path.rglob("*")} - {"exports"} == {"out", "err"}


def test_a_killed_platform_takes_everything_along_and_starts_again(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    with up(tmp_path, data_dir) as process:
        address(tmp_path)
        process.kill()
        process.wait()
    nothing_left(tmp_path)
    with up(tmp_path, data_dir) as process:
        address(tmp_path)
        process.terminate()
        assert process.wait(30) == 0


@pytest.mark.timeout(180)
def test_a_refreshed_lifecycle_table_is_in_force_from_the_start_and_replaced_while_it_runs(
    tmp_path: Path,
) -> None:
    data_dir = tmp_path / "data"
    data_dir.mkdir()
    dates = tmp_path / "rhel.json"

    def refresh(eol: str) -> Any:
        dates.write_text(json.dumps([{"cycle": "9", "eol": eol}]))
        done = caravan("lifecycle", "refresh", dates, "--data-dir", data_dir, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)["in_force"]

    def shown() -> str:
        done = caravan("lifecycle", "show", "rhel", "--data-dir", data_dir, "--json")
        assert done.returncode == 0, done.stderr
        return str(json.loads(done.stdout)["releases"][0]["eol"])

    assert refresh("2033-01-01") is None
    with up(tmp_path, data_dir) as process:
        address(tmp_path)
        (data_dir / "lifecycle.json").unlink()
        assert shown() == "2033-01-01"
        assert refresh("2034-01-01")["changed"]
        assert shown() == "2034-01-01"
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)
