"""How many workers serve a flow type, as `GET /flow-types` says."""

from collections.abc import Mapping
from typing import Any


def workers_of(flow_type: Mapping[str, Any]) -> int:
    """Of all its versions. A gateway of before they were counted tells free slots only."""
    versions = flow_type["versions"]
    if all("workers" in each for each in versions):
        return sum(each["workers"] for each in versions)
    return int(versions[0]["consumers"] or 0)
