"""`caravan service` on a broker that runs: what it makes, leaves alone, mends and removes."""

from pathlib import Path

import pytest

from caravan_common.bus import service_permissions
from tests.support.process_platform import ProcessPlatform


@pytest.mark.timeout(400)
def test_a_service_is_added_listed_changed_and_removed(platform: ProcessPlatform, tmp_path: Path) -> None:
    def permissions() -> list[list[str]]:
        listed = platform.broker.rabbitmqctl("list_user_permissions", "planning", "--no-table-headers")
        return [line.split("\t") for line in listed.splitlines()]

    planned = platform.service("add", "planning", "--dry-run")
    assert planned["changes"] == ["user made", "permissions set", "flow type mapped"]
    assert planned["password"] is None
    assert [row["flow_type"] for row in platform.service("list") if row["flow_type"] == "planning"] == []

    made = platform.service("add", "planning")
    assert made["changes"] == planned["changes"]
    assert permissions() == [["/", *service_permissions("planning")]]
    assert platform.broker.rabbitmqctl("authenticate_user", "planning", made["password"])
    again = platform.service("add", "planning")
    assert (again["changes"], again["password"]) == ([], None)
    listed = next(row for row in platform.service("list") if row["flow_type"] == "planning")
    assert (listed["user"], listed["broker"], listed["replicas"]) == ("planning", "ok", 0)

    platform.broker.rabbitmqctl("set_permissions", "planning", ".*", ".*", ".*")
    file = tmp_path / "password"
    file.write_text("another\n")
    mended = platform.service("add", "planning", "--password-file", str(file))
    assert mended["changes"] == ["password changed", "permissions set"]
    assert permissions() == [["/", *service_permissions("planning")]]
    assert platform.broker.rabbitmqctl("authenticate_user", "planning", "another")

    assert platform.service("remove", "planning", "--yes")["changes"] == [
        "flow type unmapped",
        "user removed",
    ]
    assert platform.service("remove", "planning", "--yes")["changes"] == []
    with pytest.raises(RuntimeError, match="is not a service's"):
        platform.service("add", "orchestrator")
