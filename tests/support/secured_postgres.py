"""A PostgreSQL server of a test's own that takes no connection but by TLS, with a certificate for given hosts.

The wheel's server is built without TLS, so this one is of an installed package.
"""

import shutil
import subprocess
from pathlib import Path
from urllib.parse import quote

from tests.support.postgres import FAST
from tests.support.private_postgres import PrivatePostgres
from tests.support.program import ROOT

_ENTRIES = ROOT / "deploy/postgres/pg_hba.conf"
PASSWORD = "p:a@s/s%?#"


def find_programs() -> Path | None:
    """Of the newest server here that was built with OpenSSL."""
    there = shutil.which("postgres")
    found = [Path(there).resolve().parent] if there else []
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda each: int(each.parent.name))
    built = [each for each in found if (each / "pg_config").exists() and (each / "initdb").exists()]
    return next((each for each in reversed(built) if _has_tls(each)), None)


def _has_tls(programs: Path) -> bool:
    done = subprocess.run(
        [programs / "pg_config", "--configure"], capture_output=True, text=True, timeout=30, check=True
    )
    return "openssl" in done.stdout


def make_authority(folder: Path, *hosts: str) -> Path:
    """A private authority and in the same folder a certificate of it for the hosts; its file."""
    subprocess.run([ROOT / "deploy/tls/make-ca.sh", folder, *hosts], check=True, timeout=60)
    return folder / "ca.pem"


class SecuredPostgres(PrivatePostgres):
    """`certificates`: a folder that `make_authority` filled. Lets in whom the production-like installation would."""

    def __init__(self, certificates: Path, programs: Path) -> None:
        super().__init__(FAST)
        self._programs = programs
        for name in ("server.pem", "server.key"):
            copy = self.folder / name
            shutil.copy(certificates / name, copy)
            self._give(copy)
            copy.chmod(0o600)
        entries = self.folder / "pg_hba.conf"
        shutil.copy(_ENTRIES, entries)
        self._give(entries)
        self.options |= {
            "hba_file": str(entries),
            "ssl": "on",
            "ssl_cert_file": str(self.folder / "server.pem"),
            "ssl_key_file": str(self.folder / "server.key"),
        }

    def _make_data(self) -> None:
        if (self._data / "PG_VERSION").exists():
            return
        self._give(self._data)
        user = self._wheel.system_user
        secret = self.folder / "password"
        secret.write_text(PASSWORD)
        self._give(secret)
        options = ["--username=postgres", "--auth=scram-sha-256", f"--pwfile={secret}", "--encoding=UTF8"]
        subprocess.run(
            [self._programs / "initdb", "-D", self._data, "--locale=C.UTF-8", *options],
            user=user,
            group=user,
            extra_groups=None if user is None else [],
            cwd=self.folder,
            check=True,
            capture_output=True,
            timeout=120,
        )

    def _give(self, path: Path) -> None:
        """To the user that the server runs as, where that is another than ours."""
        user = self._wheel.system_user
        if user is not None:
            shutil.chown(path, user, user)

    def secured(self, host: str = "localhost", user: str = "postgres", **query: str | Path) -> str:
        """An address with what it says of TLS; nothing said is the driver's own default."""
        said = "&".join(f"{name}={quote(str(value), safe='')}" for name, value in query.items())
        login = f"{user}:{quote(PASSWORD, safe='')}"
        return f"postgresql://{login}@{host}:{self.port}/postgres" + (f"?{said}" if said else "")
