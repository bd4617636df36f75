"""What was put before a crew and what it said, as it is kept with the attempt: JSON lines, one per batch of cases."""

import hashlib
from collections.abc import Iterator
from typing import Any

from caravan_common.contracts._base import Model


class JudgedBatch(Model):
    """A line of a transcript. Texts are masked.

    `cases` (id, facts, options, recommendation), `verdicts` (case_id, option, confidence, reasons, evidence) and
    `faults` (why a verdict was not taken) carry the names that the model saw; `ids` leads from these to `case_digest`
    of the cases' own ids. `ended`: why the crew was heard no further, if it was not. Figures are the batch's.
    """

    crew: str
    model: str
    prompt_version: str
    cases: tuple[dict[str, Any], ...]
    ids: dict[str, str]
    verdicts: tuple[dict[str, Any], ...]
    faults: dict[str, str]
    ended: str | None = None
    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost_usd: float = 0.0


def case_digest(case_id: str) -> str:
    """Names a case in a transcript, where its id may hold what must not be shown."""
    return hashlib.sha256(case_id.encode()).hexdigest()[:16]


def read_transcript(content: bytes) -> Iterator[JudgedBatch]:
    """Raises pydantic's ValidationError for what is none."""
    for line in content.splitlines():
        yield JudgedBatch.model_validate_json(line)
