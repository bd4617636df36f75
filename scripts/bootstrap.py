"""Makes `.venv` from the hashed locks and installs Caravan's own packages in place.

Standard library only: it runs before anything is installed. `scripts/bootstrap` finds a Python and calls it.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
# A level is fulfilled by its own mark or by that of a level that contains it.
LEVELS = {"runtime": ("runtime", "dev"), "dev": ("dev",)}
GIB = 1 << 30
NEEDED_BYTES = 3 * GIB


class CannotInstallError(Exception):
    """Carries the one sentence that the user reads."""


def projects() -> list[Path]:
    """Folders of our own packages; a service stamped later is found without a change here."""
    return sorted(
        p.parent
        for pattern in ("libs/*", "services/*", "cli")
        for p in ROOT.glob(f"{pattern}/pyproject.toml")
    )


def fingerprint(level: str) -> str:
    """Names what the environment was made from, and where: its programs hold the path of its Python."""
    digest = hashlib.sha256(str(ROOT).encode())
    for path in [ROOT / "requirements" / f"{level}.lock", *(p / "pyproject.toml" for p in projects())]:
        digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def stamp(level: str) -> Path:
    return VENV / f".caravan-{level}"


def is_current(level: str) -> bool:
    return any(
        stamp(each).is_file() and stamp(each).read_text() == fingerprint(each) for each in LEVELS[level]
    )


def is_writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def check_machine() -> None:
    """Raises CannotInstallError before a download that could not end well."""
    if not is_writable(ROOT):
        raise CannotInstallError(
            f"the project folder {ROOT} can't be written to; make it writable or copy it elsewhere."
        )
    free = shutil.disk_usage(ROOT).free
    if not VENV_PYTHON.exists() and free < NEEDED_BYTES:
        raise CannotInstallError(
            f"{NEEDED_BYTES / GIB:.0f} GiB of disk are needed and {free / GIB:.1f} GiB are free at {ROOT};"
            " free some space."
        )


def environment() -> dict[str, str]:
    """What pip and uv run with: caches in the project where HOME is read-only, pip's settings for uv too."""
    env = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "UV_PYTHON_DOWNLOADS": "never"}
    home = Path(env.get("HOME") or "/")
    if not is_writable(home / ".cache"):
        print(
            f"caravan: the home folder {home} can't be written to; caches go to {ROOT / '.cache'}.",
            file=sys.stderr,
        )
        env["UV_CACHE_DIR"] = str(ROOT / ".cache" / "uv")
        env["PIP_CACHE_DIR"] = str(ROOT / ".cache" / "pip")
    # uv does not read pip's configuration, and behind a mirror pip's is the one that people have set.
    index = subprocess.run(
        [str(VENV_PYTHON), "-m", "pip", "config", "get", "global.index-url"],
        capture_output=True, text=True, check=False, env=env,
    ).stdout.strip()  # fmt: skip
    if url := env.get("PIP_INDEX_URL") or index:
        env.setdefault("UV_DEFAULT_INDEX", url)
    if certificate := env.get("PIP_CERT"):
        env.setdefault("SSL_CERT_FILE", certificate)
    return env


def runs(command: list[str], env: dict[str, str]) -> bool:
    return subprocess.run(command, env=env, stdin=subprocess.DEVNULL, cwd=ROOT, check=False).returncode == 0


def installs(arguments: list[str], env: dict[str, str]) -> bool:
    """uv first, in seconds; pip where uv can't (no wheel for the platform, a proxy it dislikes)."""
    quiet = [] if sys.stderr.isatty() else ["--quiet"]
    uv = VENV / "bin" / "uv"
    if uv.exists() and runs(
        [str(uv), "pip", "install", "--python", str(VENV_PYTHON), *quiet, *arguments], env
    ):
        return True
    return runs([str(VENV_PYTHON), "-m", "pip", "install", *quiet, *arguments], env)


def tell(what: str) -> None:
    """Nobody is left before a silent screen; how far a download is, uv and pip show themselves."""
    print(f"caravan: {what} ...", file=sys.stderr, flush=True)


def is_usable() -> bool:
    """Not so an environment that was copied or moved here, is half made, or has lost its Python."""
    place = VENV / ".caravan-place"
    if not (VENV_PYTHON.exists() and place.is_file() and place.read_text() == str(VENV)):
        return False
    return runs([str(VENV_PYTHON), "-c", "import pip"], dict(os.environ))


def install(level: str) -> None:
    check_machine()
    if not is_usable():
        tell("1 of 4: an empty environment")
        venv.EnvBuilder(clear=True, with_pip=True, symlinks=True).create(VENV)
        (VENV / ".caravan-place").write_text(str(VENV))
    for each in LEVELS:
        stamp(each).unlink(missing_ok=True)  # an install that is interrupted must not look finished
    env = environment()
    hashed = ["--require-hashes", "-r"]
    pip = [str(VENV_PYTHON), "-m", "pip", "install", "--quiet"]
    tell("2 of 4: the installer")
    runs([*pip, *hashed, "requirements/bootstrap.lock"], env)  # without uv it is only slower
    own = [argument for path in projects() for argument in ("--editable", str(path))]
    tell("3 of 4: packages, some minutes of download the first time")
    installed = installs([*hashed, f"requirements/{level}.lock"], env)
    if installed:
        tell("4 of 4: Caravan itself")
        installed = installs(["--no-deps", "--no-build-isolation", *own], env)
    if not installed:
        free = shutil.disk_usage(ROOT).free
        if free < GIB // 4:
            raise CannotInstallError(
                f"the disk is full ({free >> 20} MiB free at {ROOT}); free some space and run make again."
            )
        raise CannotInstallError(
            "the packages could not be installed (the reason stands above);"
            " check the network, proxy and package index, and run make again."
        )
    stamp(level).write_text(fingerprint(level))


def main(deed: str, level: str) -> int:
    if deed == "check":
        return 0 if is_current(level) else 1
    lock = os.open(ROOT, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)  # two makes at once: the second waits and finds the work done
    if is_current(level):
        return 0
    print(f"caravan: making the environment in {VENV} ({level}), once ...", file=sys.stderr)
    try:
        install(level)
    except CannotInstallError as error:
        print(f"caravan: {error}", file=sys.stderr)
        return 1
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"caravan: the environment could not be made: {error}.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
