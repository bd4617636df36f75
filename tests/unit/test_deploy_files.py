"""What an installation is made of: compose file, images, broker users, locks, Makefile. Read, not run."""

import json
import os
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from fastapi.routing import APIRoute

from caravan_common.bus.topology import (
    CANCELS_EXCHANGE,
    COMMANDS_EXCHANGE,
    DEAD,
    EXCHANGES,
    HEARTBEATS,
    HEARTBEATS_EXCHANGE,
    REPLIES,
    REPLIES_EXCHANGE,
    cancel_queue,
    command_queue,
)
from caravan_orchestrator.api.routes import platform
from tests.support.compose_files import mount

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
DEFINITIONS = json.loads((ROOT / "deploy/rabbitmq/definitions.json").read_text())
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCKS = sorted((ROOT / "requirements").glob("*.lock"))
SERVICES = sorted(path.parent.name for path in (ROOT / "services").glob("*/pyproject.toml"))
WORKERS = [name for name in SERVICES if name != "orchestrator"]
PERMISSIONS = {entry["user"]: entry for entry in DEFINITIONS["permissions"]}


def may(user: str, what: str, name: str) -> bool:
    """RabbitMQ searches the pattern in the name, so only anchors make it exact."""
    return re.search(PERMISSIONS[user][what], name) is not None


# The overlay has tags of Compose's own; test_production_files.py reads it.
PLAIN_YAML = sorted(set((ROOT / "deploy").rglob("*.y*ml")) - {ROOT / "deploy/compose.production.yml"})


@pytest.mark.parametrize("path", PLAIN_YAML, ids=lambda path: path.name)
def test_deployment_yaml_parses(path: Path) -> None:
    assert list(yaml.safe_load_all(path.read_text()))


@pytest.mark.parametrize("name", sorted(COMPOSE["services"]))
def test_every_container_that_stays_up_has_a_healthcheck(name: str) -> None:
    container = COMPOSE["services"][name]
    if "profiles" in container:
        # Started by hand, for one command.
        assert container["restart"] == "no"
        assert container["healthcheck"] == {"disable": True}
    elif container["restart"] == "no":
        waiting = [each for each in COMPOSE["services"].values() if name in each.get("depends_on", {})]
        assert waiting
        assert all(
            each["depends_on"][name]["condition"] == "service_completed_successfully" for each in waiting
        )
    else:
        assert container["healthcheck"]["test"]


def test_the_gateway_is_asked_for_its_health_where_it_answers() -> None:
    routes = {route.path for route in platform.router.routes if isinstance(route, APIRoute)}
    asked = [
        " ".join(COMPOSE["services"]["orchestrator"]["healthcheck"]["test"]),
        (ROOT / "services/orchestrator/Dockerfile").read_text(),
    ]
    for text in asked:
        found = re.search(r"http://127\.0\.0\.1:[^/]+(/[\w/]+)", text)
        assert found
        assert found.group(1) in routes


def test_no_password_stands_in_the_compose_file() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    secrets = re.findall(r"(?:\w*PASSWORD\w*|\w*API_KEY): (.+)|://\w+:([^@\s]+)@", text)
    assert secrets
    assert all((given or embedded).startswith("${") for given, embedded in secrets)


def test_every_password_the_compose_file_asks_for_has_a_developer_default() -> None:
    asked = set(re.findall(r"\$\{(\w+):\?", (ROOT / "docker-compose.yml").read_text()))
    given = set(re.findall(r"^(\w+)=", (ROOT / "deploy/dev.env").read_text(), re.MULTILINE))
    assert asked == given


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_has_container_image_and_broker_user(name: str) -> None:
    container = COMPOSE["services"][name]
    assert container["build"]["dockerfile"] == f"services/{name}/Dockerfile"
    assert container["environment"]["CARAVAN_AMQP_URL"].startswith(f"amqp://{name}:")
    assert name in PERMISSIONS
    assert (ROOT / "requirements" / f"{name}.lock").exists()


@pytest.mark.parametrize("path", sorted(ROOT.glob("*/**/Dockerfile")), ids=lambda path: path.parent.name)
def test_an_image_is_built_from_hashes_and_does_not_run_as_root(path: Path) -> None:
    if ".venv" in path.parts:
        return
    text = path.read_text()
    assert text.count("--require-hashes") == 2
    assert re.search(r"^USER caravan$", text, re.MULTILINE)


@pytest.mark.parametrize("path", sorted(ROOT.glob("*/**/Dockerfile")), ids=lambda path: path.parent.name)
def test_an_image_holds_its_code_compiled(path: Path) -> None:
    if ".venv" in path.parts:
        return
    text = path.read_text()
    compiled = re.search(r"^ENV UV_COMPILE_BYTECODE=1$", text, re.MULTILINE)
    assert compiled
    assert compiled.start() < text.index("uv pip install")


def test_make_lets_python_keep_what_it_has_compiled(tmp_path: Path) -> None:
    told = tmp_path / "told.mk"
    told.write_text('told:\n\t@echo "[$$PYTHONDONTWRITEBYTECODE]"\n')
    done = subprocess.run(
        ["make", "-s", "-f", str(ROOT / "Makefile"), "-f", str(told), "told"],
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"


def test_exchanges_are_those_of_the_bus() -> None:
    declared = {(each["name"], each["type"], each["durable"]) for each in DEFINITIONS["exchanges"]}
    assert declared == {(each.name, each.kind.value, True) for each in EXCHANGES}


def test_no_user_of_the_definitions_has_a_password_in_them() -> None:
    for user in DEFINITIONS["users"]:
        assert re.fullmatch(r"@CARAVAN_BROKER_[A-Z_]+_PASSWORD@", user["password_hash"])


def test_only_the_admin_has_a_tag() -> None:
    assert [user["name"] for user in DEFINITIONS["users"] if user["tags"]] == ["admin"]


@pytest.mark.parametrize("worker", WORKERS)
def test_a_worker_may_read_its_commands_and_answer(worker: str) -> None:
    cancels = cancel_queue(worker, "host-7-ab12").name
    assert may(worker, "read", command_queue(worker, 1).name)
    assert may(worker, "read", command_queue(worker, 12).name)
    assert may(worker, "write", REPLIES_EXCHANGE.name)
    assert may(worker, "write", HEARTBEATS_EXCHANGE.name)
    assert all(may(worker, what, cancels) for what in ("configure", "write", "read"))
    assert may(worker, "read", CANCELS_EXCHANGE.name)  # a binding reads the exchange


@pytest.mark.parametrize("worker", WORKERS)
def test_a_worker_may_nothing_else(worker: str) -> None:
    foreign = [
        command_queue("other", 1).name,
        cancel_queue("other", "x").name,
        f"x.{command_queue(worker, 1).name}",
        f"{command_queue(worker, 1).name}.x",
        REPLIES.name,
        HEARTBEATS.name,
        DEAD.name,
    ]
    for name in foreign:
        assert not any(may(worker, what, name) for what in ("configure", "write", "read")), name
    assert not may(worker, "configure", command_queue(worker, 1).name)
    assert not may(worker, "write", COMMANDS_EXCHANGE.name)
    assert not any(may(worker, "configure", each.name) for each in EXCHANGES)
    assert [each.name for each in EXCHANGES if may(worker, "write", each.name)] == [
        REPLIES_EXCHANGE.name,
        HEARTBEATS_EXCHANGE.name,
    ]


def test_locks_exist_for_every_environment() -> None:
    assert {path.stem for path in LOCKS} == {"bootstrap", "dev", "runtime", *SERVICES}


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.stem)
def test_a_lock_has_a_hash_for_every_package_and_no_address(path: Path) -> None:
    text = path.read_text()
    entries = re.split(r"\n(?=\S)", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE).strip())
    assert entries
    for entry in entries:
        assert re.match(r"[a-z0-9][a-z0-9._-]*==\S+", entry), entry[:80]
        assert "--hash=sha256:" in entry, entry[:80]
    assert not re.search(r"://|index-url|find-links|(?<![\w.])/\w+/", re.sub(r"--hash=\S+", "", text))


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.stem)
def test_what_is_shipped_is_what_was_tested(path: Path) -> None:
    if path.stem == "bootstrap":
        return
    tested = set(
        re.findall(r"^[a-z0-9._-]+==\S+", (ROOT / "requirements/dev.lock").read_text(), re.MULTILINE)
    )
    assert set(re.findall(r"^[a-z0-9._-]+==\S+", path.read_text(), re.MULTILINE)) <= tested


def test_the_orchestrator_is_shipped_without_crewai() -> None:
    assert not re.search(r"^crewai", (ROOT / "requirements/orchestrator.lock").read_text(), re.MULTILINE)


def settings_of(who: str) -> set[str]:
    """The variables that docs/operating.md says these processes need; a test holds that table against the code."""
    table = (ROOT / "docs/operating.md").read_text().partition("\n## Settings\n")[2].partition("\n## ")[0]
    rows = [line.split("|") for line in table.splitlines() if line.startswith("| `")]
    needed = [(re.findall(r"`([A-Z_]+)`", names), by) for _, names, by, *_ in rows]
    return {name for names, by in needed for name in names if re.search(rf"\b(?:{who}|all)\b", by)}


def test_up_starts_everything_but_the_command() -> None:
    """Nobody waits for it, or Compose would refuse to start without its profile."""
    assert {name for name, each in COMPOSE["services"].items() if each.get("profiles")} == {"cli"}
    assert COMPOSE["services"]["cli"]["profiles"] == ["tools"]
    assert not [each for each in COMPOSE["services"].values() if "cli" in each.get("depends_on", ())]


def test_the_command_is_given_what_an_orchestrator_has_and_the_place_for_backups() -> None:
    command, orchestrator = (COMPOSE["services"][name] for name in ("cli", "orchestrator"))
    given, known = command["environment"], orchestrator["environment"]
    shared = {
        "CARAVAN_DATABASE_URL",
        "CARAVAN_DATABASE_DISPATCH_URL",
        "CARAVAN_AMQP_URL",
        "CARAVAN_ARTIFACTS_URL",
    }
    assert {name: given[name] for name in shared} == {name: known[name] for name in shared}
    assert (
        given["CARAVAN_DATABASE_OWNER_URL"]
        == COMPOSE["services"]["migrate"]["environment"]["CARAVAN_DATABASE_OWNER_URL"]
    )
    assert given["CARAVAN_URL"] == "http://orchestrator:8080"
    assert set(orchestrator["volumes"]) < set(command["volumes"])
    (place,) = {mount(each)[1] for each in command["volumes"]} - {
        mount(each)[1] for each in orchestrator["volumes"]
    }
    text = (ROOT / command["build"]["dockerfile"]).read_text()
    # A new volume takes its owner from the folder in the image; without one it would be root's.
    assert re.search(rf"install -d -o caravan -g caravan .*{place}\b", text)


def given_by_the_image(name: str) -> set[str]:
    text = (ROOT / "services" / name / "Dockerfile").read_text()
    return set(re.findall(r"\b((?:CARAVAN|OTEL)_[A-Z_]+)=", text))


@pytest.mark.parametrize("name", SERVICES)
def test_a_container_is_given_every_setting_that_its_process_reads_and_no_other(name: str) -> None:
    given = set(COMPOSE["services"][name]["environment"]) | given_by_the_image(name)
    assert given == settings_of("orchestrator" if name == "orchestrator" else "workers")


@pytest.mark.parametrize("name", SERVICES)
def test_what_the_compose_file_passes_on_is_the_setting_of_that_name(name: str) -> None:
    for key, value in COMPOSE["services"][name]["environment"].items():
        if passed := re.fullmatch(r"\$\{(\w+):-(.*)\}", value):
            assert passed.group(1) == key
            # Not set is as the code has it: the default stands in one place.
            assert not passed.group(2) or key == "CARAVAN_ANNOUNCE"


def test_import_rules_cover_every_service() -> None:
    rules: dict[str, Any] = PROJECT["tool"]["importlinter"]
    packages = {f"caravan_{name}" for name in SERVICES}
    assert packages <= set(rules["root_packages"])
    independent = [each["modules"] for each in rules["contracts"] if each["type"] == "independence"]
    assert packages == {module for modules in independent for module in modules}
    domains = {
        module
        for each in rules["contracts"]
        for module in each.get("source_modules", [])
        if "domain" in module
    }
    assert domains == {f"{package}.domain" for package in packages}
    layered = {each for rule in rules["contracts"] for each in rule.get("containers", [])}
    assert packages <= layered
