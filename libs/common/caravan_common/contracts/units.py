"""Units: the only place where effects on the outside world happen. Each is dispatched as its own attempt."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import Field

from caravan_common.contracts._base import Model


class UnitSpec(Model):
    """One effect. Dispatched after all of `depends_on`, at most `limit` at once within a `limit_group`."""

    key: str
    action: str
    parameters: dict[str, Any] = Field(default_factory=dict)
    depends_on: tuple[str, ...] = ()
    limit_group: str | None = None
    limit: int | None = Field(default=None, ge=1)
    not_before: datetime | None = None
    not_after: datetime | None = None
    needs_approval: bool = False
    has_undo: bool = True
    irreversible_name: str | None = None


class Receipt(Model):
    """What the effect left behind and what undoing it needs. Secrets only as references."""

    effect_id: str
    details: dict[str, Any] = Field(default_factory=dict)


class UnitOutcome(StrEnum):
    DONE = "done"
    ALREADY_DONE = "already_done"
    FAILED = "failed"


class UndoOutcome(StrEnum):
    UNDONE = "undone"
    NOTHING_TO_DO = "nothing_to_do"
    IRREVERSIBLE = "irreversible"
    FAILED = "failed"
