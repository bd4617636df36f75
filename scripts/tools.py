"""Programs that are only run have an environment of their own below `.cache`, made from a hashed lock."""

from __future__ import annotations

import subprocess
import venv
from pathlib import Path

from bootstrap import ROOT, VENV, environment


def install_tool(name: str) -> Path:
    """The environment's folder. Made once for each state of requirements/tools/NAME.lock."""
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
    subprocess.run([*command, "--require-hashes", "-r", lock], check=True, env=environment())
    mark.write_text(lock.read_text())
    return folder
