"""Programs that are only run have an environment of their own below `.cache`, made from a hashed lock."""

from __future__ import annotations

import subprocess
import venv
from pathlib import Path

from bootstrap import ROOT, VENV, CannotInstallError, environment


def install_tool(name: str) -> Path:
    """The environment's folder. Made once for each state of requirements/tools/NAME.lock. Raises CannotInstallError."""
    lock = ROOT / "requirements" / "tools" / f"{name}.lock"
    folder = ROOT / ".cache" / "tools" / name
    mark = folder / "installed-from"
    if mark.is_file() and mark.read_text() == lock.read_text():
        return folder
    venv.EnvBuilder(clear=True, with_pip=False, symlinks=True).create(folder)
    command: list[str | Path] = [
        VENV / "bin" / "uv",
        "pip",
        "install",
        "--quiet",
        "--python",
        folder / "bin" / "python",
    ]
    try:
        subprocess.run([*command, "--require-hashes", "-r", lock], check=True, env=environment())
    except (OSError, subprocess.CalledProcessError) as error:
        raise CannotInstallError(
            f"the packages of {lock.relative_to(ROOT)} could not be installed (the reason stands above);"
            " check the network, proxy and package index."
        ) from error
    mark.write_text(lock.read_text())
    return folder
