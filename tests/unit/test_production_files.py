"""The production-like overlay of the compose file: complete, without a password, and made of files that are there."""

import re
import stat
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.support.compose_files import laid_over, mount, read_compose

ROOT = Path(__file__).resolve().parents[2]
BASE = read_compose(ROOT / "docker-compose.yml")
OVERLAY = read_compose(ROOT / "deploy/compose.production.yml")
MERGED = laid_over(BASE, OVERLAY)
WORKERS = sorted(
    path.parent.name
    for path in (ROOT / "services").glob("*/pyproject.toml")
    if path.parent.name != "orchestrator"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("secrets") / "secrets"
    for _ in range(2):
        subprocess.run([ROOT / "deploy/make-secrets.sh", made], check=True, capture_output=True)
    return made


def test_it_lies_over_containers_that_there_are() -> None:
    assert set(OVERLAY["services"]) <= set(BASE["services"])


@pytest.mark.parametrize("name", ["orchestrator", *WORKERS])
def test_there_are_two_of_everything_of_ours(name: str) -> None:
    assert OVERLAY["services"][name]["deploy"]["replicas"] == 2


def test_an_upgrade_replaces_one_after_another_of_everything_that_there_are_two_of() -> None:
    document = (ROOT / "docs/operating.md").read_text().partition("\n## Upgrading\n")[2].partition("\n## ")[0]
    (commands,) = re.findall(r"```\n(.+?)```", document, re.DOTALL)
    subprocess.run(["sh", "-n", "-c", commands], check=True)
    (replaced,) = re.findall(r"for service in ([\w ]+);", commands)
    two = {name for name, each in MERGED["services"].items() if each.get("deploy", {}).get("replicas") == 2}
    assert replaced.split()[0] == "orchestrator"
    assert set(replaced.split()) == two
    (first,) = re.findall(r"docker compose run .*?([\w-]+)$", commands, re.MULTILINE)
    assert MERGED["services"][first]["command"] == ["db", "upgrade"]


@pytest.mark.parametrize("name", WORKERS)
def test_a_workers_health_and_scratch_are_its_own_and_its_artifacts_everybodys(name: str) -> None:
    """One mark for two replicas would say that both consume while one does."""
    mounts = {target: source for source, target in map(mount, MERGED["services"][name]["volumes"])}
    assert mounts == {"/data": None, "/artifacts": "artifacts"}


def test_orchestrators_share_the_signing_key_and_the_artifacts_and_nothing_else() -> None:
    """A token that one of them would take, the other must take too; the key is made by one of them only."""
    assert [mount(each) for each in MERGED["services"]["orchestrator"]["volumes"]] == [
        ("orchestrator", "/data"),
        ("artifacts", "/artifacts"),
    ]


@pytest.mark.parametrize("file", [BASE, MERGED], ids=["one machine", "production"])
@pytest.mark.parametrize("name", ["orchestrator", *WORKERS])
def test_a_container_that_is_told_to_stop_has_the_time_that_the_document_asks_for(
    file: dict[str, Any], name: str
) -> None:
    document = (ROOT / "docs/operating.md").read_text()
    (asked,) = re.findall(r"Give workers (\d+) seconds before SIGKILL", document)
    given = file["services"][name]["stop_grace_period"]
    assert int(given.removesuffix("s")) >= int(asked)


def test_no_volume_is_named_for_nothing() -> None:
    sources = [mount(each)[0] or "" for one in MERGED["services"].values() for each in one.get("volumes", ())]
    unless_told = {re.sub(r"\$\{\w+:-(\w+)\}", r"\1", source) for source in sources}
    assert set(MERGED["volumes"]) == {each for each in unless_told if re.fullmatch(r"\w+", each)}


@pytest.mark.parametrize("name", sorted(OVERLAY["services"]))
def test_what_a_container_reads_is_among_its_secrets(name: str) -> None:
    container = OVERLAY["services"][name]
    given = set(container.get("secrets", ()))
    read = re.findall(r"/run/secrets/(\w+)", str(container.get("environment", "")))
    assert set(read) <= given
    assert given <= set(OVERLAY["secrets"])
    assert "PASSWORD:" not in str(container.get("environment", ""))


@pytest.mark.parametrize("name", ["cli", "orchestrator", *WORKERS])
def test_every_value_with_a_secret_in_it_is_a_reference_in_the_overlay(name: str) -> None:
    """Compose lays one environment over the other, variable by variable."""
    below, above = BASE["services"][name]["environment"], OVERLAY["services"][name]["environment"]
    assert set(above) <= set(below)
    secret = {key for key, value in below.items() if "PASSWORD" in value or "API_KEY" in value}
    assert secret
    assert all(above[key].startswith("secret://file/run/secrets/") for key in secret)


def test_every_secret_is_a_file_that_the_script_makes(folder: Path) -> None:
    for secret in OVERLAY["secrets"].values():
        path = folder / secret["file"].partition("}/")[2]
        assert path.stat().st_size > 0, path
        # Containers read single files, as users of their own; the folder keeps everybody else out.
        assert path.stat().st_mode & 0o444 == 0o444
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for authority in ("tls", "tls-postgres"):
        assert stat.S_IMODE((folder / authority / "ca.key").stat().st_mode) == 0o600


def test_addresses_carry_the_passwords_that_broker_and_database_are_given(folder: Path) -> None:
    for user in ("orchestrator", *WORKERS):
        address = (folder / f"{user}_amqp_url").read_text()
        password = (folder / f"broker_{user}_password").read_text()
        assert address.startswith(f"amqps://{user}:{password}@rabbitmq:5671/caravan?cafile=")
        assert "broker_ca" in OVERLAY["services"][user]["secrets"]
    for role in ("owner", "app", "dispatch"):
        address, password = (folder / f"{role}_url").read_text(), (folder / f"{role}_password").read_text()
        assert address.startswith(f"postgresql://caravan_{role}:{password}@postgres:5432/caravan?")


def test_whoever_has_an_address_of_the_database_verifies_its_certificate(folder: Path) -> None:
    for name, container in OVERLAY["services"].items():
        secrets = container.get("secrets", ())
        for url in {each for each in secrets if each in ("owner_url", "app_url", "dispatch_url")}:
            query = parse_qs(urlsplit((folder / url).read_text()).query)
            assert query == {"sslmode": ["verify-full"], "sslrootcert": ["/run/secrets/database_ca"]}
            assert "database_ca" in secrets, name


def test_the_database_takes_connections_over_tls_alone_and_with_a_password() -> None:
    container = OVERLAY["services"]["postgres"]
    command = " ".join(container["command"])
    assert "-c ssl=on" in command
    for name in re.findall(r"/run/secrets/(\w+)", command):
        assert name in container["secrets"]
    (mount,) = container["volumes"]
    file, place, _ = mount.split(":")
    assert f"-c hba_file={place}" in command
    entries = [line.split() for line in (ROOT / file).read_text().splitlines() if line[:1] not in ("#", "")]
    assert {each[0] for each in entries} == {"local", "hostssl"}
    assert [each[-1] for each in entries if each[0] == "hostssl"] == ["scram-sha-256"]


def test_variables_of_the_file_below_need_no_password(folder: Path) -> None:
    asked = set(re.findall(r"\$\{(\w+):\?", (ROOT / "docker-compose.yml").read_text()))
    given = dict(line.split("=") for line in (folder / "compose.env").read_text().splitlines())
    assert set(given) == asked
    assert set(given.values()) == {"kept-in-a-file"}


def test_nobody_but_orchestrators_has_the_address_of_their_broker_user() -> None:
    """It may speak for any service: docs/decisions/ADR-030."""
    having = {name for name, each in OVERLAY["services"].items() if "orchestrator_amqp_url" in str(each)}
    assert having == {"orchestrator", "cli"}
    # Which is whoever runs the platform, for one command: what stays up is told nothing.
    assert MERGED["services"]["cli"]["profiles"] == ["tools"]


def test_the_broker_listens_to_tls_alone() -> None:
    conf = (ROOT / "deploy/rabbitmq/tls.conf").read_text()
    assert "listeners.tcp = none" in conf
    for name in re.findall(r"/run/secrets/(\w+)", conf):
        assert name in OVERLAY["services"]["rabbitmq"]["secrets"]
