"""Ends a private server when the test run that started it is gone, however it went.

A run that is killed, or ended by its time limit, runs no fixture's end and no atexit; its servers would stay.
"""

import shlex
import subprocess
from collections.abc import Mapping
from pathlib import Path


class Undertaker:
    """A shell that waits until the pipe from this process ends, then does the deed and removes the folder."""

    def __init__(self, deed: str, folder: Path, environment: Mapping[str, str] | None = None) -> None:
        script = f"read -r _; {deed}; sleep 1; rm -rf {shlex.quote(str(folder))}"
        self._shell = subprocess.Popen(
            ["sh", "-c", script],
            env=environment,
            cwd="/",
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # a ^C at the terminal must not reach it first
        )

    def dismiss(self) -> None:
        """The server has ended in good order."""
        self._shell.kill()
        self._shell.wait()
        if self._shell.stdin is not None:
            self._shell.stdin.close()
