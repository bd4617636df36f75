"""The day a flow judges by. The clock is never read, so that equal inputs give equal bytes."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from caravan_common.contracts import PhaseError


def read_as_of(configuration: Mapping[str, Any]) -> date:
    """The day the flow was created; raises PhaseError when the configuration has none."""
    try:
        return date.fromisoformat(str(configuration["as_of"])[:10])
    except (KeyError, ValueError):
        words = "The flow's configuration needs as_of, an ISO date such as 2026-11-21."
        raise PhaseError("as_of_missing", words) from None
