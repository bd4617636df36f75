"""What people decided, as numbered rows that attempts take as input; and what they are asked."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import Field

from caravan_common.contracts._base import Model


class DecisionKind(StrEnum):
    ANSWER = "answer"
    OVERRIDE = "override"
    MAPPING = "mapping"
    CONFLICT = "conflict"
    EDIT = "edit"
    APPROVAL = "approval"


class HumanDecision(Model):
    """`subject` is the natural key of what is decided; `value` the choice. Numbers rise within a flow."""

    number: int
    kind: DecisionKind
    phase: str
    subject: str
    value: Any
    old: Any = None
    actor: str
    reason: str | None = None
    decided_at: datetime


class QuestionOption(Model):
    id: str
    label: str
    score: float | None = None


class Question(Model):
    """Asked of a person by a phase. Unless auto-accepted, a blocking one holds the phase until answered."""

    key: str = Field(description="natural key, stable across runs")
    subject: str
    text: str
    options: tuple[QuestionOption, ...]
    recommendation: str
    facts: dict[str, Any] = Field(default_factory=dict)
    blocking: bool = True
    decided_by: str = "rule"


class DecidedBy(Model):
    """How many judgements each kind of judge made in a phase."""

    rule: int = 0
    crew: int = 0
    learned: int = 0
    person: int = 0
