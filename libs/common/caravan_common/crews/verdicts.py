"""Reads a model's answer and keeps only verdicts that stay inside the case: the guardrail of every crew."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from caravan_common.contracts import Model
from caravan_common.crews._cases import Verdict
from caravan_common.crews.delimiting import SafeCase, safe_text

REASONS = 5
# So many brackets of an answer are tried; a bound for answers that are nothing but brackets.
_STARTS = 500
_BRACKET = re.compile(r"[{\[]")

ANSWER_FORMAT = (
    'Only one JSON object: {"verdicts": [{"case_id": "…", "option": "…", "confidence": 0.8, '
    '"reasons": ["…"], "evidence": ["…"]}]}. One verdict for every case. "option" is one of the ids among '
    'the case\'s options. "confidence" lies between 0 and 1. "reasons" are at most five short sentences that '
    'rest on the facts alone. "evidence" names keys of the case\'s facts; an option other than the '
    "recommendation needs at least one."
)

NO_VERDICTS = "the answer held no verdicts"
UNANSWERED = "the crew did not answer this case"
MALFORMED = "the verdict was malformed"
UNKNOWN_OPTION = "the crew chose an option that was not offered"
UNKNOWN_EVIDENCE = "the crew named evidence that is not among the facts"
NO_EVIDENCE = "the crew named no evidence for another option than the recommended one"
CONTRADICTION = "the crew contradicted itself"


class Verdicts(Model):
    """What a crew answers: one verdict per case."""

    verdicts: list[Verdict]


@dataclass
class Guard:
    """Collects the good verdicts of one batch over the crew's tries, and why the others were not taken.

    `check` as a CrewAI guardrail lets the crew correct itself while `retries` are left, and then passes what
    is good; so it never ends in the bare exception CrewAI raises for a guardrail that fails for good.
    """

    cases: Sequence[SafeCase]
    retries: int = 1
    accepted: dict[str, Verdict] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)

    def check(self, output: Any) -> tuple[bool, Any]:
        """Takes a TaskOutput; answers (True, the good verdicts as JSON) or (False, what to correct)."""
        self.take(str(output.raw))
        if self.faults and self.retries > 0:
            self.retries -= 1
            return False, self._correction()
        return True, Verdicts(verdicts=list(self.accepted.values())).model_dump_json()

    def take(self, answer: str) -> None:
        """Adds the good verdicts of an answer. A case once accepted keeps its first verdict."""
        documents = read_verdicts(answer)
        known = {safe.case.id: safe for safe in self.cases}
        found: dict[str, list[Any]] = {}
        for document in documents or ():
            case_id = document.get("case_id") if isinstance(document, Mapping) else None
            if isinstance(case_id, str) and case_id in known:
                found.setdefault(case_id, []).append(document)
        absent = NO_VERDICTS if documents is None else UNANSWERED
        for case_id, safe in known.items():
            if case_id not in self.accepted:
                self._settle(safe, found.get(case_id, []), absent)

    def _settle(self, safe: SafeCase, documents: Sequence[Any], absent: str) -> None:
        checked = [_check(safe, document) for document in documents]
        good = [verdict for verdict in checked if isinstance(verdict, Verdict)]
        if len({verdict.option for verdict in good}) > 1:
            self.faults[safe.case.id] = CONTRADICTION
        elif good:
            self.accepted[safe.case.id] = good[0]
            self.faults.pop(safe.case.id, None)
        else:
            self.faults[safe.case.id] = next((fault for fault in checked if isinstance(fault, str)), absent)

    def _correction(self) -> str:
        lines = "; ".join(f"case {case_id}: {fault}" for case_id, fault in self.faults.items())
        return f"Answer again in the demanded format. {lines}"


def _check(safe: SafeCase, document: Any) -> Verdict | str:
    """The verdict in the safe case's names, or what is wrong with it."""
    try:
        verdict = Verdict.model_validate(document)
    except ValidationError:
        return MALFORMED
    if verdict.option not in safe.case.option_ids:
        return UNKNOWN_OPTION
    if not set(verdict.evidence) <= set(safe.case.facts):
        return UNKNOWN_EVIDENCE
    if verdict.option != safe.case.recommendation and not verdict.evidence:
        return NO_EVIDENCE
    reasons = tuple(safe_text(reason) for reason in verdict.reasons[:REASONS] if reason.strip())
    return verdict.model_copy(update={"reasons": reasons})


def read_verdicts(answer: str) -> list[Any] | None:
    """The verdicts in an answer, with words around them or not; None if it holds none.

    An answer that was cut off keeps its whole verdicts: those are then found one by one.
    """
    found: list[Any] = []
    for document in _json_documents(answer):
        verdicts = document.get("verdicts", [document]) if isinstance(document, dict) else document
        if isinstance(verdicts, list):
            found += [
                each for each in verdicts if isinstance(each, dict) and "case_id" in each and "option" in each
            ]
    return found or None


def _json_documents(text: str) -> Iterator[Any]:
    """Every JSON object and array in a text, outermost first, none of them twice."""
    decoder = json.JSONDecoder()
    position = 0
    for _ in range(_STARTS):
        start = _BRACKET.search(text, position)
        if start is None:
            return
        try:
            document, position = decoder.raw_decode(text, start.start())
        except (ValueError, RecursionError):
            position = start.end()
        else:
            yield document
