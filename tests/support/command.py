"""The command `caravan` as a user runs it, and what it may have left behind."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import psutil
import pytest
from typer.testing import CliRunner

from caravan.main import app


def clean_environment(**variables: str) -> dict[str, str]:
    """This process's own, without settings of Caravan that some developer has set."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("CARAVAN_")}
    return ours | variables


def caravan(
    *arguments: str | Path, env: Mapping[str, str] | None = None, timeout: float = 110
) -> subprocess.CompletedProcess[str]:
    """Runs the command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "caravan", *map(str, arguments)],
        env=clean_environment(**(env or {})),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


async def caravan_here(monkeypatch: pytest.MonkeyPatch, *arguments: str, env: Mapping[str, str]) -> str:
    """What it prints, run in a thread of this process, where signals can't be listened for. A process for each would
    take a second more."""
    monkeypatch.setattr("caravan.running.run", asyncio.run)
    done = await asyncio.to_thread(
        CliRunner(env=dict(env)).invoke, app, list(arguments), catch_exceptions=False
    )
    assert done.exit_code == 0, done.output
    return str(done.stdout)


def left_behind(folder: Path) -> list[str]:
    """Command lines of living processes that have to do with `folder`: by arguments, working folder or TMPDIR."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.pid == os.getpid() or process.status() == psutil.STATUS_ZOMBIE:
                continue
            traces = [*process.cmdline(), process.cwd(), process.environ().get("TMPDIR", "")]
        except psutil.Error:
            continue
        if any(str(folder) in trace for trace in traces):
            found.append(" ".join(process.cmdline())[:200])
    return found
