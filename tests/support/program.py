"""One process of a platform: started as it is deployed, killed as a power cut would, started again under its name."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import psutil

from tests.support.command import clean_environment
from tests.support.undertaker import Undertaker

ROOT = Path(__file__).parents[2]


class Program:
    """One process of the platform. What it says is appended to its log over all its lives."""

    def __init__(
        self, name: str, module: str, folder: Path, environment: Mapping[str, str], root: Path = ROOT
    ) -> None:
        """`root`: the checkout whose code it runs; PYTHONPATH in the environment must agree."""
        self.name, self.module, self.root = name, module, root
        self.log = folder / f"{name}.log"
        self._environment = clean_environment(**environment)
        self._grave = folder / f"{name}.grave"
        self._process: subprocess.Popen[bytes] | None = None
        self._undertaker: Undertaker | None = None

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        assert self._process is not None, f"{self.name} was never started"
        return self._process.pid

    def start(self) -> None:
        """Returns at once; see `said`."""
        if self.is_running:
            return
        self._dismiss_undertaker()
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", self.module],
                cwd=self.root,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        self._undertaker = Undertaker(f"kill -9 {self.pid}", self._grave)

    def kill(self) -> None:
        """Kill -9 of this process alone: whatever it started is left to notice by itself."""
        self._end(kill=True)

    def stop(self) -> int | None:
        """Ends it in good order, as a deployment does; its exit code."""
        self._end(kill=False)
        return None if self._process is None else self._process.returncode

    def listens_on(self) -> int | None:
        """The port that it takes connections on, once it does."""
        if not self.is_running:
            return None
        found = psutil.Process(self.pid).net_connections("inet")
        return next((each.laddr.port for each in found if each.status == psutil.CONN_LISTEN), None)

    def _end(self, *, kill: bool) -> None:
        if self._process is not None and self.is_running:
            (self._process.kill if kill else self._process.terminate)()
            try:
                self._process.wait(30)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(30)
        self._dismiss_undertaker()

    def _dismiss_undertaker(self) -> None:
        if self._undertaker is not None:
            self._undertaker.dismiss()
            self._undertaker = None

    def descendants(self) -> list[psutil.Process]:
        """Of a living process: the number of a dead one may be another's by now."""
        if not self.is_running:
            return []
        try:
            return psutil.Process(self.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            return []

    def said(self, event: str) -> int:
        """How often its log has the event."""
        return self.log.read_text(errors="replace").count(event) if self.log.exists() else 0
