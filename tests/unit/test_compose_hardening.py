"""Containers of ours in the compose files: as little allowed as to a pod of the restricted standard. Read, not run."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.support.compose_files import laid_over, mount, read_compose

ROOT = Path(__file__).resolve().parents[2]
BASE = read_compose(ROOT / "docker-compose.yml")
PRODUCTION = laid_over(BASE, read_compose(ROOT / "deploy/compose.production.yml"))
OURS = sorted(name for name, each in BASE["services"].items() if each["image"].startswith("caravan/"))
CONTAINERS = [
    pytest.param(file["services"][name], id=f"{name}, {where}")
    for where, file in (("one machine", BASE), ("production", PRODUCTION))
    for name in OURS
]
# Whatever gives back what was taken away.
LOOSENING = {
    "privileged",
    "cap_add",
    "user",
    "userns_mode",
    "pid",
    "ipc",
    "network_mode",
    "devices",
    "group_add",
}


def image_of(container: dict[str, Any]) -> str:
    """The Dockerfile of its image."""
    name = container["image"].removeprefix("caravan/")
    return (ROOT / ("cli" if name == "cli" else f"services/{name}") / "Dockerfile").read_text()


def variable(image: str, name: str) -> str:
    (found,) = re.findall(rf"\b{name}=(\S+)", image)
    return str(found)


def test_ours_are_all_that_have_an_image_of_this_repository() -> None:
    built = {"cli", *(path.parent.name for path in (ROOT / "services").glob("*/Dockerfile"))}
    assert {BASE["services"][name]["image"].removeprefix("caravan/") for name in OURS} == built
    assert not [name for name, each in BASE["services"].items() if "build" in each and name not in OURS]


@pytest.mark.parametrize("container", CONTAINERS)
def test_a_container_can_neither_write_into_its_image_nor_gain_rights(container: dict[str, Any]) -> None:
    assert container["read_only"] is True
    assert container["cap_drop"] == ["ALL"]
    assert container["security_opt"] == ["no-new-privileges:true"]
    assert not LOOSENING & container.keys()


@pytest.mark.parametrize("container", CONTAINERS)
def test_a_container_runs_as_the_user_of_its_image_who_is_not_root(container: dict[str, Any]) -> None:
    image = image_of(container)
    (number,) = re.findall(r"useradd --uid (\d+) --create-home caravan\b", image)
    assert int(number) > 0
    assert re.findall(r"^USER (.+)$", image, re.MULTILINE) == ["caravan"]


@pytest.mark.parametrize("container", CONTAINERS)
def test_what_a_container_writes_goes_where_it_may(container: dict[str, Any]) -> None:
    """In memory, or into a volume that takes its owner from the folder in the image."""
    image = image_of(container)
    assert {"/tmp", variable(image, "HOME")} <= set(container["tmpfs"])
    (made,) = re.findall(r"install -d -o caravan -g caravan (.+)$", image, re.MULTILINE)
    written = {mount(each)[1] for each in container.get("volumes", ()) if not each.endswith(":ro")}
    assert written <= set(made.split())
    kept = {variable(image, "CARAVAN_DATA_DIR")}
    if url := container["environment"].get("CARAVAN_ARTIFACTS_URL"):
        kept.add(url.removeprefix("file://"))
    # The jobs on the database keep nothing: what the image declares gets an anonymous volume.
    declared = set(
        re.findall(r'"(/\w+)"', next(line for line in image.splitlines() if line.startswith("VOLUME")))
    )
    assert kept <= written | declared


@pytest.mark.parametrize("name", OURS)
def test_what_stays_up_in_production_has_an_end_to_its_memory(name: str) -> None:
    container = PRODUCTION["services"][name]
    limits = container.get("deploy", {}).get("resources", {}).get("limits", {})
    assert "memory" in limits or container["restart"] == "no"
