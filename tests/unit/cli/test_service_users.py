"""Broker users of services, as far as no broker is needed for it."""

import json
from pathlib import Path

import pytest

from caravan.broker_users import add_to_definitions, hash_password, is_password
from caravan.failures import BadInput
from caravan.service_users import Wish, add_by_definitions
from caravan_common.bus import service_permissions


def test_a_password_is_known_by_its_hash() -> None:
    # A documented example of RabbitMQ's: https://www.rabbitmq.com/docs/passwords#computing-password-hash
    assert (
        hash_password("test12", bytes.fromhex("908DC60A"))
        == "kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgxIs30+P6tENUV2POR"
    )
    assert is_password("test12", "kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgxIs30+P6tENUV2POR")
    assert not is_password("test13", "kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgxIs30+P6tENUV2POR")


def test_definitions_keep_what_else_is_in_them(tmp_path: Path) -> None:
    file = tmp_path / "definitions.json"
    file.write_text(json.dumps({"vhosts": [{"name": "v"}], "users": [{"name": "admin"}], "permissions": []}))
    for password in ("one", "two"):
        add_to_definitions(file, "v", "planning", password, service_permissions("planning"))
    written = json.loads(file.read_text())
    assert written["vhosts"] == [{"name": "v"}]
    assert [user["name"] for user in written["users"]] == ["admin", "planning"]
    assert is_password("two", written["users"][1]["password_hash"])
    (right,) = written["permissions"]
    assert right == {"user": "planning", "vhost": "v", **service_permissions("planning")._asdict()}


def test_a_made_password_goes_into_its_file_which_only_its_owner_reads(tmp_path: Path) -> None:
    kept, file = tmp_path / "password", tmp_path / "definitions.json"
    wish = Wish.of("planning", None, "v", kept)
    outcome = wish.outcome()
    add_by_definitions(wish, file, outcome)
    assert outcome.password is None
    assert kept.stat().st_mode & 0o777 == 0o600
    again = wish.outcome()
    before = kept.read_text()
    add_by_definitions(wish, file, again)
    assert kept.read_text() == before
    assert is_password(before.strip(), json.loads(file.read_text())["users"][0]["password_hash"])


@pytest.mark.parametrize("name", ["orchestrator", "admin", "guest"])
def test_no_service_takes_the_user_of_another_part(name: str) -> None:
    with pytest.raises(BadInput, match="not a service's"):
        Wish.of("planning", name, "v")


@pytest.mark.parametrize("name", ["Planning", "a.*", "x", ""])
def test_a_name_that_is_no_flow_type_is_refused(name: str) -> None:
    with pytest.raises(BadInput, match="no name of a flow type"):
        Wish.of(name, None, "v")
