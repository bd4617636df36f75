"""The data folder: where things lie in it, and the lock that lets one platform at a time work on it."""

import contextlib
import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from caravan.failures import PlatformUnavailable

_NEEDED_BYTES = 256 << 20


def default_folder() -> Path:
    """Of `caravan up` and of those who talk to it: CARAVAN_DATA_DIR, else below the user's own data folder."""
    if named := os.environ.get("CARAVAN_DATA_DIR"):
        return Path(named).expanduser()
    shared = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(shared).expanduser() / "caravan"


class DataFolder:
    """`temporary` ones are removed when closed. Use as a context manager: inside, the lock is held."""

    def __init__(self, path: Path, *, temporary: bool = False) -> None:
        self.path = path.absolute()
        self.temporary = temporary
        self._lock: int | None = None

    @classmethod
    def make_temporary(cls) -> "DataFolder":
        """Raises PlatformUnavailable."""
        try:
            return cls(Path(tempfile.mkdtemp(prefix="caravan-")), temporary=True)
        except OSError as error:
            raise PlatformUnavailable(
                f"No temporary folder can be made ({error.strerror or error}); set TMPDIR to a place for one."
            ) from error

    @property
    def postgres(self) -> Path:
        return self.path / "postgres"

    @property
    def scratch(self) -> Path:
        return self.path / "scratch"

    @property
    def log(self) -> Path:
        return self.path / "caravan.log"

    @property
    def artifacts_url(self) -> str:
        return (self.path / "artifacts").as_uri()

    @property
    def _note(self) -> Path:
        return self.path / "platform.json"

    def __enter__(self) -> Self:
        """Raises PlatformUnavailable when it can't be written to, is full, or is in use."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            self._lock = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            self._take_lock(self._lock)
            free = shutil.disk_usage(self.path).free
            (self.path / "artifacts").mkdir(exist_ok=True)
        except OSError as error:
            self._release()
            raise PlatformUnavailable(
                f"The data folder {self.path} can't be used ({error.strerror or error});"
                " name one that can be written to with --data-dir."
            ) from error
        if free < _NEEDED_BYTES:
            self._release()
            raise PlatformUnavailable(
                f"Only {free >> 20} MiB are free at {self.path} and {_NEEDED_BYTES >> 20} MiB are needed;"
                " free some space or name another folder with --data-dir."
            )
        return self

    def __exit__(self, *_: object) -> None:
        self.note_gone()
        self._release()

    def _take_lock(self, lock: int) -> None:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(lock, 32, 0).decode(errors="replace").strip()
            self._release()
            raise PlatformUnavailable(
                f"The data folder {self.path} is in use by process {holder or 'unknown'};"
                " stop that one or name another folder with --data-dir."
            ) from None
        os.ftruncate(lock, 0)
        os.pwrite(lock, str(os.getpid()).encode(), 0)

    def _release(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None
            if self.temporary:
                shutil.rmtree(self.path, ignore_errors=True)

    def note_running(self, running: Mapping[str, Any]) -> None:
        """For other commands on the same folder: where the platform answers."""
        part = self._note.with_suffix(".part")
        part.write_text(json.dumps({"pid": os.getpid(), **running}))
        part.chmod(0o600)
        part.replace(self._note)

    def note_gone(self) -> None:
        if self._lock is not None:
            self._note.unlink(missing_ok=True)

    def running(self) -> dict[str, Any] | None:
        """What the platform on this folder noted, as long as it lives."""
        with contextlib.suppress(OSError, ValueError):
            found: dict[str, Any] = json.loads(self._note.read_text())
            os.kill(int(found["pid"]), 0)
            return found
        return None
