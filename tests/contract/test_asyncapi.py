"""The published AsyncAPI document is the one that contracts, topology and installed services make, and is valid.

After a change run `python -m tests.contract.test_asyncapi` and commit what it writes.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from caravan.installed import installed_services
from caravan_common.asyncapi import document
from caravan_common.bus import topology
from caravan_common.contracts import COMMANDS, REPLIES

PUBLISHED = Path(__file__).resolve().parents[2] / "docs/asyncapi.json"
META_SCHEMA = Path(__file__).parent / "asyncapi_schema" / "3.0.0.json"
DEFINITIONS = [service.definition for service in installed_services()]
MADE = document(DEFINITIONS)
OWN = ("assessment", "discovery", "planning")


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for each in node.values():
            yield from references(each)
    elif isinstance(node, list):
        for each in node:
            yield from references(each)


def test_the_published_document_is_the_present_one() -> None:
    assert json.loads(PUBLISHED.read_text(encoding="utf-8")) == MADE


@pytest.mark.parametrize("reference", sorted(set(references(MADE))))
def test_a_reference_leads_somewhere(reference: str) -> None:
    node: Any = MADE
    for step in reference.removeprefix("#/").split("/"):
        node = node[step]
    assert node


def test_every_message_is_on_a_channel_and_every_channel_in_an_operation() -> None:
    on_channels = {name for channel in MADE["channels"].values() for name in channel["messages"]}
    assert on_channels == {*COMMANDS, *REPLIES, "CloudEvent"}
    used = {operation["channel"]["$ref"].rpartition("/")[2] for operation in MADE["operations"].values()}
    assert used == MADE["channels"].keys()


def test_every_service_of_the_platform_has_its_own_command_queue() -> None:
    addresses = {channel["address"] for channel in MADE["channels"].values()}
    queues = {topology.command_queue(flow_type, 1).name for flow_type in OWN}
    assert {*queues, topology.REPLIES.name} <= addresses
    assert len(queues) == len(OWN)


def faults(candidate: dict[str, Any]) -> list[str]:
    """Where a document is no AsyncAPI 3.0.0, as paths with what is wrong there."""
    meta_schema = json.loads(META_SCHEMA.read_text(encoding="utf-8"))
    found = Draft7Validator(meta_schema).iter_errors(candidate)
    return [f"{'/'.join(map(str, each.absolute_path))}: {each.message[:200]}" for each in found]


def test_the_published_document_is_valid_asyncapi() -> None:
    assert faults(json.loads(PUBLISHED.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    ("place", "wrong"),
    [
        ("operations/reply/action", "answer"),
        ("channels/replies/bindings/amqp/is", "mailbox"),
        ("components/messages/ExecutePhase/headers", []),
        ("components/schemas/ExecutePhase/type", "record"),
    ],
)
def test_the_meta_schema_sees_faults_in_every_part(place: str, wrong: Any) -> None:
    *steps, last = place.split("/")
    candidate = node = json.loads(json.dumps(MADE))
    for step in steps:
        node = node[step]
    node[last] = wrong
    assert len(faults(candidate)) == 1


def _write() -> None:
    PUBLISHED.write_text(json.dumps(MADE, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    _write()
