"""PostgreSQL over TLS: in with its own authority, and neither with another one nor by another name, whoever asks."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import text

from caravan.checks import BROKEN, FINE, Check, examine
from caravan_common.artifacts import ArtifactStore
from caravan_common.event_loop import run
from caravan_orchestrator.backup import Restoration, prove, restore, write_backup
from caravan_orchestrator.store import direct
from caravan_orchestrator.store.binding import bind_store
from caravan_orchestrator.store.connecting import NoTrustedConnection, connect
from caravan_orchestrator.store.database import SqlDatabase, make_engine
from caravan_orchestrator.store.failures import is_passing
from caravan_orchestrator.store.upgrade import upgrade_database
from tests.support.command import caravan
from tests.support.flows import new_tenant
from tests.support.secured_postgres import SecuredPostgres, find_programs, make_authority

_PROTECTION = "select ssl, version from pg_stat_ssl where pid = pg_backend_pid()"


@dataclass(frozen=True)
class Secured:
    """A server that takes no connection but by TLS, its authority, and one that it does not know."""

    server: SecuredPostgres
    authority: Path
    stranger: Path

    def url(self, role: str, database: str = "postgres") -> str:
        trusted = self.server.secured(user=role, sslmode="verify-full", sslrootcert=self.authority)
        return trusted.replace("/postgres?", f"/{database}?")

    def refused(self, why: str) -> str:
        return {
            "another authority": self.server.secured(sslmode="verify-full", sslrootcert=self.stranger),
            "another authority, any name": self.server.secured(
                sslmode="verify-ca", sslrootcert=self.stranger
            ),
            "another name": self.server.secured(
                "127.0.0.1", sslmode="verify-full", sslrootcert=self.authority
            ),
            "no authority": self.server.secured(sslmode="verify-full"),
            "no such file": self.server.secured(sslmode="verify-full", sslrootcert="/nowhere/ca.pem"),
            "no such mode": self.server.secured(sslmode="verify-all", sslrootcert=self.authority),
        }[why]


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    programs = find_programs()
    if programs is None:
        pytest.skip("no PostgreSQL built with OpenSSL is installed here (Debian's package postgresql is)")
    folder = tmp_path_factory.mktemp("tls")
    authority = make_authority(folder / "ours", "localhost")
    stranger = make_authority(folder / "theirs", "localhost")
    with SecuredPostgres(folder / "ours", programs) as server:
        yield Secured(server, authority, stranger)


WORDS = {
    "another authority": r"certificate of the database at localhost is refused: .*sslrootcert names the authority",
    "another authority, any name": r"certificate of the database at localhost is refused",
    "another name": r"certificate of the database at 127.0.0.1 is refused: IP address mismatch",
    "no authority": r"root certificate file .* does not exist",
    "no such file": r"the file /nowhere/ca.pem that sslrootcert names can't be read",
    "no such mode": r"address can't be read: .*sslmode",
}


@pytest.mark.parametrize("why", sorted(WORDS))
async def test_a_database_that_can_not_be_verified_is_refused_in_a_sentence(
    secured: Secured, why: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))  # where the driver looks for an authority that nobody names
    url = secured.refused(why)
    with pytest.raises(NoTrustedConnection, match=WORDS[why]) as alone:
        await connect(url, timeout=10)
    engine = make_engine(url, 1)
    with pytest.raises(NoTrustedConnection, match=WORDS[why]):
        async with engine.connect():
            pass
    await engine.dispose()
    # Processes that stay up wait for it to be mended, as for any database that is away.
    assert is_passing(alone.value)


async def test_the_loop_of_a_process_that_stays_up_refuses_in_the_same_words(secured: Secured) -> None:
    async def ask() -> None:
        await connect(secured.refused("another authority"), timeout=10)

    with pytest.raises(NoTrustedConnection, match=WORDS["another authority"]):
        await asyncio.to_thread(run, ask())


async def test_what_asks_for_no_tls_is_not_let_in_and_what_says_nothing_is_not_verified(
    secured: Secured,
) -> None:
    import asyncpg

    with pytest.raises(asyncpg.PostgresError, match="no encryption"):
        await connect(secured.server.secured(sslmode="disable"), timeout=10)
    opened = await connect(secured.server.secured(), timeout=10)
    assert (await opened.fetchrow(_PROTECTION))["ssl"]
    await opened.close()


async def test_all_that_reaches_the_database_does_so_over_tls(
    secured: Secured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Migrations, both engines and their driver alone, backup, restoration, doctor."""
    owner, app, dispatch = (secured.url(role) for role in ("postgres", "caravan_app", "caravan_dispatch"))
    await upgrade_database(owner, app, dispatch)
    database = SqlDatabase(make_engine(app, 2), make_engine(dispatch, 2, autocommit=True))
    try:
        for engine in (database.app, database.dispatch):
            async with engine.connect() as connection:
                assert (await connection.execute(text(_PROTECTION))).one()[0]
                assert (await direct.run(connection, _PROTECTION))[0][0]
        store = ArtifactStore.open((tmp_path / "artifacts").as_uri())
        await bind_store(database.dispatch, store)
        tenant = await new_tenant(database)

        await write_backup(owner, store, tmp_path / "backup", lambda _what, _fraction: None)
        opened = await connect(owner, timeout=10)
        await opened.execute("create database restored template template0")
        await opened.close()
        urls = [secured.url(role, "restored") for role in ("postgres", "caravan_app", "caravan_dispatch")]
        other = ArtifactStore.open((tmp_path / "restored").as_uri())
        await restore(tmp_path / "backup", Restoration(*urls, other), lambda _what, _fraction: None)
        brought = SqlDatabase(make_engine(urls[1], 2), make_engine(urls[2], 2, autocommit=True))
        proof = await prove(brought, other)
        assert (proof.holds, proof.clients) == (True, 1)
        async with brought.transaction(tenant) as transaction:
            rows = await direct.run(transaction.connection, "select client_account_id from client_accounts")
        assert [row[0] for row in rows] == [tenant.client_account_id]
        await brought.dispose()
    finally:
        await database.dispose()

    found = await _findings(monkeypatch, tmp_path, app, dispatch)
    assert found["PostgreSQL"].state == FINE
    assert found["PostgreSQL"].found.endswith("certificate verified")
    found = await _findings(monkeypatch, tmp_path, app, secured.server.secured(user="caravan_dispatch"))
    assert found["PostgreSQL"].found.endswith("certificate not verified")
    found = await _findings(monkeypatch, tmp_path, app, secured.refused("another authority"))
    assert found["database (caravan_dispatch)"].state == BROKEN
    assert "sslrootcert names the authority" in found["database (caravan_dispatch)"].found


async def _findings(
    monkeypatch: pytest.MonkeyPatch, folder: Path, app: str, dispatch: str
) -> dict[str, Check]:
    monkeypatch.setenv("CARAVAN_DATABASE_URL", app)
    monkeypatch.setenv("CARAVAN_DATABASE_DISPATCH_URL", dispatch)
    monkeypatch.setenv("CARAVAN_ARTIFACTS_URL", (folder / "artifacts").as_uri())
    for name in ("CARAVAN_AMQP_URL", "CARAVAN_URL", "CARAVAN_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    found = await examine("http://127.0.0.1:1", "x", folder, platform_named=False)
    return {each.what: each for each in found}


@pytest.mark.parametrize("command", [("db", "upgrade"), ("service", "list"), ("backup", "new"), ("token",)])
def test_a_command_says_what_is_wrong_with_the_certificate(
    secured: Secured, command: tuple[str, ...], tmp_path: Path
) -> None:
    """The address is kept in a file, as the production-like installation has it."""
    kept = tmp_path / "address"
    kept.write_text(secured.refused("another authority"))
    names = ("CARAVAN_DATABASE_URL", "CARAVAN_DATABASE_DISPATCH_URL", "CARAVAN_DATABASE_OWNER_URL")
    settings = dict.fromkeys(names, f"secret://file{kept}") | {
        "CARAVAN_ARTIFACTS_URL": (tmp_path / "artifacts").as_uri()
    }
    words = [str(tmp_path / each) if each == "new" else each for each in command]
    done = caravan(*words, env=settings | {"CARAVAN_DATA_DIR": str(tmp_path)})
    assert done.returncode == 4, done.stderr
    assert "is refused" in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
