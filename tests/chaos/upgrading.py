"""A platform whose processes are of two versions: this one and, out of the repository's history, the one before."""

import asyncio
import os
import subprocess
import sys
import tarfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import jwt
import pytest

from caravan_common.contracts import Tenant
from caravan_orchestrator.store.database import SqlDatabase
from tests.support.command import clean_environment
from tests.support.private_broker import PrivateBroker
from tests.support.private_postgres import PrivatePostgres
from tests.support.process_platform import START_SECONDS, ProcessPlatform
from tests.support.program import ROOT, Program
from tests.support.waiting import eventually

PREVIOUS = ROOT / "deploy" / "previous-version"


@dataclass(frozen=True)
class Tree:
    """A checkout that programs run from, with the libraries of this environment."""

    version: str
    root: Path

    @property
    def environment(self) -> dict[str, str]:
        parts = (self.root, *self.root.glob("libs/*"), *self.root.glob("services/*"), self.root / "cli")
        return {"PYTHONPATH": os.pathsep.join(map(str, parts))}


CURRENT = Tree("this version", ROOT)


def previous_tree(folder: Path) -> Tree:
    """The commit that `deploy/previous-version` names, unpacked below `folder`. Skips where there is no history."""
    commit = PREVIOUS.read_text().strip()
    if _git("rev-parse", "--is-shallow-repository").strip() != b"false":
        pytest.skip("no full git history here (a shallow clone or an archive), so no version before to run")
    archive = _git("archive", commit)
    if not archive:
        pytest.fail(f"{PREVIOUS.name} names {commit}, which is no commit of this repository")
    root = folder / "previous"
    with tarfile.open(fileobj=BytesIO(archive)) as packed:
        packed.extractall(root, filter="data")
    return Tree(commit[:7], root)


def _git(*arguments: str) -> bytes:
    """What it printed; nothing when it failed."""
    # A checkout may belong to another user than the one who runs the tests.
    command = ["git", "-c", f"safe.directory={ROOT}", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, check=False).stdout


class MixedPlatform(ProcessPlatform):
    """Everything begins as `previous`: database, token and processes. `token` is one that was made by it."""

    def __init__(self, folder: Path, services: Mapping[str, str], previous: Tree, **options: Any) -> None:
        postgres = PrivatePostgres({"max_connections": "200"})
        super().__init__(folder, services, PrivateBroker(), postgres, **options)
        self.previous, self.token = previous, ""
        self._given: dict[str, dict[str, str]] = {}

    async def migrate(self, owner: str, app: str, dispatch: str) -> None:
        await self.upgrade(self.previous, owner, app, dispatch)

    async def upgrade(self, tree: Tree, owner: str, app: str, dispatch: str) -> None:
        """`caravan db upgrade` of that version."""
        urls = {
            "CARAVAN_DATABASE_OWNER_URL": owner,
            "CARAVAN_DATABASE_URL": app,
            "CARAVAN_DATABASE_DISPATCH_URL": dispatch,
        }
        await asyncio.to_thread(_caravan, tree, urls, "db", "upgrade")

    async def upgrade_schema(self) -> None:
        users = ("postgres", "caravan_app", "caravan_dispatch")
        await self.upgrade(CURRENT, *(self.postgres.url_of("postgres", user) for user in users))

    async def make_tenant(self, database: SqlDatabase) -> Tenant:
        urls = {"CARAVAN_DATABASE_URL": self.postgres.url_of("postgres", "caravan_app")}
        arguments = ("--client", "upgraded", "--engagement", "main", "--ttl", "1h", "--data-dir", self.folder)
        self.token = (await asyncio.to_thread(_caravan, self.previous, urls, "token", *arguments)).strip()
        claims = jwt.decode(self.token, options={"verify_signature": False})
        return Tenant(
            client_account_id=claims["client_account_id"], engagement_id=claims["engagement_ids"][0]
        )

    def make_program(self, name: str, module: str, environment: dict[str, str]) -> Program:
        self._given[name] = environment
        return self._program(name, module, self.previous)

    def _program(self, name: str, module: str, tree: Tree) -> Program:
        return Program(name, module, self.folder, self._given[name] | tree.environment, tree.root)

    async def replace(self, name: str, tree: Tree) -> None:
        """Ends it as a deployment does (SIGTERM) and starts that version in its place. Returns once it works."""
        old = self.programs[name]
        new = self._program(name, old.module, tree)
        event = '"orchestrator.started"' if name.startswith("orchestrator-") else '"worker.started"'
        before = old.said(event)
        code = await asyncio.to_thread(old.stop)
        assert code == 0, f"{name} ended with {code}:\n{old.log.read_text()[-3000:]}"
        self.programs[name] = new
        new.start()

        async def works() -> bool:
            assert new.is_running, f"{name} ended at once:\n{new.log.read_text()[-3000:]}"
            return new.said(event) > before

        await eventually(works, timeout=START_SECONDS, every=0.1, what=f"{name} of {tree.version}")

    async def schema_version(self) -> str:
        return str((await self.as_owner("select version_num from schema_version"))[0][0])


def _caravan(tree: Tree, settings: Mapping[str, str], *arguments: object) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "caravan", *map(str, arguments)],
        cwd=tree.root,
        env=clean_environment(**settings, **tree.environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, f"caravan {arguments} of {tree.version}: {done.stderr}"
    return done.stdout


@asynccontextmanager
async def mixed_platform(
    folder: Path, services: Mapping[str, str], **options: Any
) -> AsyncIterator[MixedPlatform]:
    """All of it of the version before."""
    platform = MixedPlatform(folder, services, previous_tree(folder), **options)
    try:
        await platform.open()
        yield platform
    finally:
        await platform.close()
