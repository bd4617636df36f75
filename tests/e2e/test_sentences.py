"""What goes wrong is told in one sentence with what to do, and by an exit code that scripts can use."""

import socket
from pathlib import Path

import pytest

from tests.e2e.conftest import SAMPLES
from tests.support.command import caravan

SMALL = SAMPLES / "cmf_intake.csv"


def one_sentence(stderr: str) -> str:
    """The last line, which is all there is but for the steps told before."""
    assert "Traceback" not in stderr
    last = stderr.rstrip().splitlines()[-1]
    assert last.startswith("caravan: ")
    return last


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "no-such-file.csv"], "check its name"),
        (["run", str(SAMPLES)], "name the files in it"),
        (["run"], "--help"),
        (["run", str(SMALL), "--through", "nonsense"], "discovery"),
        (["run", str(SMALL), "--as-of", "yesterday"], "write it as"),
        (["run", str(SMALL), "--scope", "no-such-file"], "one name per line"),
        (["run", str(SMALL), "--export", "/proc/nowhere"], "name another place"),
        (["nonsense"], "--help"),
        (["up", "--port", "99999"], "65535"),
        (["flow", "show"], "caravan flow show --help"),
        (["token", "--ttl", "soon"], "write it as"),
        (["token", "--role", "king"], "there are: viewer"),
        (["dead", "replay"], "--all"),
        (["db", "upgrade"], "CARAVAN_DATABASE_OWNER_URL"),
        (["worker", "nonsense"], "discovery"),
        (["flow", "list"], "CARAVAN_TOKEN"),
        (["audit", "verify"], "CARAVAN_DATABASE_URL"),
    ],
)
def test_bad_input_ends_with_2_and_says_what_to_do(tmp_path: Path, arguments: list[str], words: str) -> None:
    done = caravan(*arguments, env={"CARAVAN_DATA_DIR": str(tmp_path / "data")})
    assert done.returncode == 2, done.stderr
    assert words in one_sentence(done.stderr)
    assert not done.stdout


def test_a_setting_that_makes_no_sense_is_named() -> None:
    done = caravan("up", env={"CARAVAN_PORT": "eighty"})
    assert done.returncode == 2
    assert "CARAVAN_PORT" in one_sentence(done.stderr)


def test_files_without_any_table_end_with_2_and_name_the_file(tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_text("\n")
    done = caravan("run", tmp_path / "empty.csv", "--json", env={"TMPDIR": str(tmp_path)})
    assert done.returncode == 2
    assert "empty.csv" in one_sentence(done.stderr)


def test_a_port_in_use_ends_with_4(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = caravan("up", "--port", str(port), "--data-dir", tmp_path / "data")
    assert done.returncode == 4
    assert one_sentence(done.stderr) == f"caravan: Port {port} is in use; name another with --port."


def test_a_data_folder_that_cannot_be_made_ends_with_4(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = caravan("run", SMALL, "--data-dir", tmp_path / "file" / "data")
    assert done.returncode == 4
    assert "--data-dir" in one_sentence(done.stderr)


def test_a_damaged_database_ends_with_4_and_leaves_nothing_running(tmp_path: Path) -> None:
    (tmp_path / "data" / "postgres" / "data").mkdir(parents=True)
    (tmp_path / "data" / "postgres" / "data" / "PG_VERSION").write_text("11\n")
    done = caravan("run", SMALL, "--data-dir", tmp_path / "data")
    assert done.returncode == 4
    assert "PostgreSQL could not start" in one_sentence(done.stderr)


def test_a_platform_that_is_not_there_ends_with_4() -> None:
    done = caravan("status", env={"CARAVAN_URL": "http://127.0.0.1:1", "CARAVAN_TOKEN": "x"})
    assert done.returncode == 4
    assert "caravan up" in one_sentence(done.stderr)


def test_the_doctor_finds_this_machine_in_order(tmp_path: Path) -> None:
    done = caravan("doctor", "--json", "--data-dir", tmp_path / "data")
    assert done.returncode == 0, done.stderr
