"""The published AsyncAPI document is the one that contracts, topology and services make.

After a change run `python -m tests.contract.test_asyncapi` and commit what it writes.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from caravan_common.asyncapi import document
from caravan_common.bus import topology
from caravan_common.contracts import COMMANDS, REPLIES
from caravan_discovery.flow import DISCOVERY

PUBLISHED = Path(__file__).resolve().parents[2] / "docs/asyncapi.json"
SERVICES = [DISCOVERY]
MADE = document(SERVICES)


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


def test_a_service_has_its_own_command_queue() -> None:
    addresses = {channel["address"] for channel in MADE["channels"].values()}
    assert topology.command_queue("discovery", 1).name in addresses
    assert topology.REPLIES.name in addresses


def _write() -> None:
    PUBLISHED.write_text(json.dumps(MADE, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    _write()
