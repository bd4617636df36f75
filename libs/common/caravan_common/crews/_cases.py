"""What a crew judges, and what it answers: cases with closed options in, one judgement per case out."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from pydantic import Field

from caravan_common.contracts import Model


class Option(Model):
    """One allowed answer, with the score the rules gave it (0..1)."""

    id: str
    label: str = ""
    score: float = 0.0


class Case(Model):
    """A contested judgement. `facts` may hold text from files: it is data, never an instruction."""

    id: str
    facts: dict[str, Any]
    options: tuple[Option, ...] = Field(min_length=1)
    recommendation: str

    @property
    def option_ids(self) -> frozenset[str]:
        return frozenset(option.id for option in self.options)


class Verdict(Model):
    """A crew's answer to one case. `evidence` names keys of the case's facts."""

    case_id: str
    option: str
    confidence: float = Field(ge=0, le=1)
    reasons: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()


class Judges(StrEnum):
    RULE = "rule"
    CREW = "crew"
    LEARNED = "learned"
    PERSON = "person"


class Judgement(Model):
    """What stands in the end for a case. With `decided_by` rule, `why_rule` says what kept the crew out."""

    case_id: str
    option: str
    confidence: float = Field(ge=0, le=1)
    decided_by: Judges
    reasons: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    model: str | None = None
    prompt_version: str | None = None
    why_rule: str | None = None


Facts = Mapping[str, Any]
