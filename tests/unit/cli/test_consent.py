"""Somebody at a terminal is asked; nobody else is taken to have said yes."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.command import caravan, clean_environment


def at_a_terminal(answer: str, *arguments: str | Path) -> tuple[int, str]:
    """Exit code and what stood there, of a command that is typed and answered."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "caravan", *map(str, arguments)],
        env=clean_environment(),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    os.write(ours, answer.encode())
    shown = b""
    try:
        while data := os.read(ours, 4096):
            shown += data
    except OSError:  # the terminal is gone with the last who had it open
        pass
    finally:
        os.close(ours)
    return process.wait(60), shown.decode()


@pytest.fixture
def prices(tmp_path: Path) -> Path:
    """A price list that would be gone for good."""
    kept = tmp_path / "prices.json"
    kept.write_text('{"rows": {}}')
    return kept


def test_a_no_leaves_everything_as_it_is(prices: Path) -> None:
    code, shown = at_a_terminal("n\n", "price", "withdraw", "--data-dir", prices.parent)
    assert code == 130
    assert "Delete your own price list" in shown
    assert "Nothing was done." in shown
    assert prices.exists()


def test_a_yes_is_carried_out(prices: Path) -> None:
    code, _ = at_a_terminal("y\n", "price", "withdraw", "--data-dir", prices.parent)
    assert (code, prices.exists()) == (0, False)


def test_a_script_is_refused_until_it_says_yes(prices: Path) -> None:
    refused = caravan("price", "withdraw", "--data-dir", prices.parent)
    assert (refused.returncode, prices.exists()) == (2, True)
    assert "give --yes" in refused.stderr
    assert caravan("price", "withdraw", "--yes", "--data-dir", prices.parent).returncode == 0
    assert not prices.exists()


def test_a_command_alone_is_answered_by_its_help() -> None:
    done = caravan("flow")
    assert (done.returncode, "Commands" in done.stdout) == (2, True)
    assert done.stderr == "caravan: Name one of these commands. See `caravan flow --help`.\n"


def test_what_goes_into_a_pipe_has_neither_bars_nor_colours() -> None:
    done = caravan("lifecycle", "show", env={"FORCE_COLOR": "", "TERM": "xterm-256color"})
    assert done.returncode == 0
    assert "\x1b" not in done.stdout + done.stderr


def test_no_color_is_obeyed_at_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    _, coloured = at_a_terminal("", "--help")
    monkeypatch.setenv("NO_COLOR", "1")
    _, plain = at_a_terminal("", "--help")
    assert "\x1b[36m" in coloured or "\x1b[1;36m" in coloured
    assert "\x1b[36m" not in plain
    assert "\x1b[1;36m" not in plain


def test_the_version_is_told_and_words_are_completed() -> None:
    assert caravan("--version").stdout == "caravan 0.1.0\n"
    asked = {"_CARAVAN_COMPLETE": "complete_bash", "COMP_WORDS": "caravan wave ch", "COMP_CWORD": "2"}
    environment = {**clean_environment(), **asked}
    done = subprocess.run(
        [sys.executable, "-m", "caravan"], env=environment, capture_output=True, text=True, check=False
    )
    assert done.stdout.split() == ["check"]
