"""What the demo tells a newcomer to do next."""

import os
import sys
from pathlib import Path

import pytest

from caravan.commands.demo import how_called, next_steps
from tests.support.command_lines import check_typed, split


@pytest.fixture
def program(tmp_path: Path) -> Path:
    found = tmp_path / ".venv" / "bin" / "caravan"
    found.parent.mkdir(parents=True)
    found.touch(mode=0o755)
    return found


def test_the_command_is_named_as_it_can_be_typed_again(
    program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(program.parents[2])
    monkeypatch.setattr(sys, "argv", [".venv/bin/caravan", "demo"])
    monkeypatch.setenv("PATH", "/nowhere")
    assert how_called() == ".venv/bin/caravan"
    monkeypatch.setenv("PATH", os.pathsep.join(["/nowhere", str(program.parent)]))
    assert how_called() == "caravan"
    monkeypatch.setattr(sys, "argv", ["/somewhere/__main__.py"])
    assert how_called() == f"{sys.executable} -m caravan"


def test_each_next_step_can_be_typed() -> None:
    for label, words in next_steps("caravan"):
        assert label
        if "--help" not in words:
            check_typed(split(words.partition("   ")[0].removeprefix("caravan ")))
