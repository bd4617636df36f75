"""What docs/operating.md runs by the compose file's service `cli`, with the variables that this service is given."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.broker import choose_broker
from tests.support.command import caravan
from tests.support.compose_files import mount, read_compose
from tests.support.postgres import Database, create_database
from tests.support.program import Program
from tests.support.waiting import wait_until

ROOT = Path(__file__).resolve().parents[3]
CLI = read_compose(ROOT / "docker-compose.yml")["services"]["cli"]
IMAGE = (ROOT / "cli/Dockerfile").read_text()
DOCUMENTED = re.findall(
    r"^docker compose run --rm cli (.+)$", (ROOT / "docs/operating.md").read_text(), re.MULTILINE
)


@dataclass(frozen=True)
class Beside:
    """`environment`: the variables of the service with the addresses of here; `folders`: what is mounted where."""

    environment: dict[str, str]
    folders: dict[str, Path]

    def run(self, line: str) -> Any:
        """As the container would, whose paths are folders of here."""
        words = [self.here(word) for word in line.split()]
        return caravan(*words, env=self.environment)

    def here(self, word: str) -> str:
        for place, folder in self.folders.items():
            if word.startswith(f"{place}/"):
                return str(folder) + word.removeprefix(place)
        return word


@pytest.fixture(scope="module")
def beside(database_urls: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Beside]:
    """A platform of an orchestrator without a worker, and the service beside it."""
    folder = tmp_path_factory.mktemp("compose")
    folders = {mount(each)[1]: folder / mount(each)[1].strip("/") for each in CLI["volumes"]}
    for each in folders.values():
        each.mkdir()
    # Whoever else uses this run's vhost must not miss what this orchestrator takes.
    database, broker = create_database(database_urls.owner), choose_broker().open()
    there = {
        "CARAVAN_DATABASE_URL": database.as_role("caravan_app"),
        "CARAVAN_DATABASE_DISPATCH_URL": database.as_role("caravan_dispatch"),
        "CARAVAN_DATABASE_OWNER_URL": database.owner,
        "CARAVAN_AMQP_URL": broker.url,
        "CARAVAN_ARTIFACTS_URL": "file://" + str(folders["/artifacts"]),
        "CARAVAN_DATA_DIR": str(folders["/data"]),
        "CARAVAN_TOKEN": "",
        "CARAVAN_JWT_AUDIENCE": "harbour",
    }
    upgraded = caravan("db", "upgrade", env=there)
    assert upgraded.returncode == 0, upgraded.stderr
    orchestrator = Program("orchestrator", "caravan_orchestrator", folder, there | {"CARAVAN_PORT": "0"})
    orchestrator.start()
    try:
        port = wait_until(orchestrator.listens_on, timeout=60, what="the gateway")
        there["CARAVAN_URL"] = f"http://127.0.0.1:{port}"
        given = {*CLI["environment"], *re.findall(r"(CARAVAN_[A-Z_]+)=", IMAGE)}
        yield Beside({name: there[name] for name in given}, folders)
    finally:
        orchestrator.stop()
        broker.close()
        database.close()


def test_every_use_that_is_asked_for_is_documented() -> None:
    assert {line.partition(" /")[0] for line in DOCUMENTED} >= {"token", "doctor", "backup", "audit verify"}


@pytest.mark.parametrize("line", [line for line in DOCUMENTED if line != "doctor"])
def test_what_is_documented_works(beside: Beside, line: str) -> None:
    done = beside.run(line)
    assert done.returncode == 0, done.stderr


def test_its_token_is_taken_by_the_gateway(beside: Beside) -> None:
    token = beside.run("token").stdout.strip()
    url = beside.environment["CARAVAN_URL"] + "/api/v1/flows"
    assert httpx.get(url, headers={"Authorization": f"Bearer {token}"}).status_code == 200


def test_the_doctor_finds_database_store_broker_and_gateway(beside: Beside) -> None:
    """No worker runs here, which is all that it has to say."""
    done = beside.run("doctor")
    lines = {line.split(maxsplit=1)[1]: line.split()[0] for line in done.stdout.splitlines()[1:]}
    assert {words for words, state in lines.items() if state != "ok"} == {
        words for words in lines if ".commands." in words
    }
    for looked_at in (
        "PostgreSQL",
        "schema",
        "artifact store",
        "RabbitMQ",
        f"platform at {beside.environment['CARAVAN_URL']}",
    ):
        assert any(looked_at in words for words in lines), done.stdout


def test_a_backup_is_in_the_place_for_backups(beside: Beside) -> None:
    assert beside.run("backup /backups/another").returncode == 0
    assert (beside.folders["/backups"] / "another/manifest.json").is_file()
