"""Compose files and KEDA's objects, held against the schemas of those who read them (tests/support/schemas)."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from tests.support.compose_files import laid_over, read_compose

ROOT = Path(__file__).resolve().parents[2]
SCHEMAS = ROOT / "tests/support/schemas"
BASE = read_compose(ROOT / "docker-compose.yml")
OVERLAYS = {path.name: read_compose(path) for path in sorted((ROOT / "deploy").glob("compose.*.yml"))}
FILES = {
    "docker-compose.yml": BASE,
    **OVERLAYS,
    **{f"docker-compose.yml + {name}": laid_over(BASE, overlay) for name, overlay in OVERLAYS.items()},
    "all": laid_over(laid_over(BASE, OVERLAYS["compose.production.yml"]), OVERLAYS["compose.monitoring.yml"]),
}
KEDA = [
    found
    for path in sorted((ROOT / "deploy/kubernetes").glob("*.yaml"))
    for found in yaml.safe_load_all(path.read_text())
    if found["apiVersion"].startswith("keda.sh/")
]


def faults(schema: str, found: Any) -> list[str]:
    """Each with its place; none when it is valid."""
    read = json.loads((SCHEMAS / schema).read_text())
    Draft202012Validator.check_schema(read)
    return [f"{each.json_path}: {each.message}" for each in Draft202012Validator(read).iter_errors(found)]


@pytest.mark.parametrize("name", FILES)
def test_a_compose_file_is_valid_alone_and_laid_over(name: str) -> None:
    assert faults("compose-spec.json", FILES[name]) == []


@pytest.mark.parametrize("found", KEDA, ids=lambda found: found["metadata"]["name"])
def test_what_keda_reads_is_valid(found: dict[str, Any]) -> None:
    assert faults(f"keda-{found['kind'].lower()}.json", found) == []


def test_every_overlay_and_every_scaled_service_is_looked_at() -> None:
    assert set(OVERLAYS) == {"compose.monitoring.yml", "compose.production.yml"}
    assert len(KEDA) == len(list((ROOT / "services").glob("*/pyproject.toml"))) - 1


BROKEN: dict[str, Callable[[Any], object]] = {
    "a key that does not exist": lambda file: file["services"]["cli"].update(readonly=True),
    "a number for a text": lambda file: file["services"]["cli"].update(image=1),
    "a condition that does not exist": lambda file: file["services"]["discovery"]["depends_on"].update(
        rabbitmq={"condition": "healthy"}
    ),
    "a place for limits that does not exist": lambda file: file["services"]["discovery"].update(
        deploy={"limits": {"memory": "1G"}}
    ),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_compose_file_is_found(what: str) -> None:
    broken = copy.deepcopy(BASE)
    BROKEN[what](broken)
    assert faults("compose-spec.json", broken)


@pytest.mark.parametrize(
    ("place", "value"),
    [("minReplicas", 1), ("minReplicaCount", "1"), ("triggers", None), ("scaleTargetRef", {"nam": "x"})],
)
def test_a_broken_scaled_object_is_found(place: str, value: object) -> None:
    broken = copy.deepcopy(KEDA[0])
    broken["spec"][place] = value
    assert faults("keda-scaledobject.json", broken)


def test_a_threshold_that_is_no_text_is_found() -> None:
    """YAML makes a number of it where the quotes are forgotten."""
    broken = copy.deepcopy(KEDA[0])
    broken["spec"]["triggers"][0]["metadata"]["threshold"] = 4
    assert faults("keda-scaledobject.json", broken)
