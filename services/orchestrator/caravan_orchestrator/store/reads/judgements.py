"""How contested cases were judged: what was put to the crew, what it said, what stood in the end, and its cost.

Transcripts are read from the store: whoever calls holds no connection meanwhile.
"""

import asyncio
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog
from pydantic import ValidationError
from sqlalchemy import cast, or_, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from caravan_common.artifacts import ArtifactDoesNotExist, ArtifactStore
from caravan_common.contracts import JudgedBatch, case_digest, read_transcript
from caravan_orchestrator.store.reads._rows import rows
from caravan_orchestrator.store.tables.data import datasets, flow_data_entities
from caravan_orchestrator.store.tables.flow import flow_phases, phase_attempts

log = structlog.get_logger()

JUDGEMENT = "judgement"
_MOST_ROWS = 200
_e, _d, _p, _a = flow_data_entities.c, datasets.c, flow_phases.c, phase_attempts.c
_FROM_ROW = (
    "option",
    "confidence",
    "decided_by",
    "reasons",
    "evidence",
    "why_rule",
    "model",
    "prompt_version",
)


@dataclass(frozen=True)
class Known:
    """What the database knows: judgement rows about the subjects, and where the transcripts of the phases lie."""

    subjects: frozenset[str]
    rows: Sequence[Mapping[str, Any]]
    transcripts: Mapping[str, str]


async def known_judgements(connection: AsyncConnection, flow_id: UUID, subjects: Collection[str]) -> Known:
    """Of active results. `subjects`: natural keys; a judgement is about one, or is one itself."""
    active = (
        select(_d.id, _d.phase)
        .join_from(
            flow_phases, datasets, (_d.attempt_id == _p.active_attempt_id) & (_d.flow_id == _p.flow_id)
        )
        .where(_p.flow_id == flow_id, _d.entity_type == JUDGEMENT, _d.indexed_at.is_not(None))
        .subquery()
    )
    about = or_(_e.natural_key.in_(subjects), cast(_e.data, JSONB)["subject"].astext.in_(subjects))
    found = (
        select(active.c.phase, _e.natural_key, _e.data)
        .join_from(active, flow_data_entities, _e.dataset_id == active.c.id)
        .where(about)
        .order_by(_e.natural_key)
        .limit(_MOST_ROWS)
    )
    kept = (
        select(_p.name, _a.transcript["key"].astext.label("key"))
        .join_from(flow_phases, phase_attempts, _a.id == _p.active_attempt_id)
        .where(_p.flow_id == flow_id, _a.transcript["key"].astext.is_not(None))
        .order_by(_p.position)
    )
    transcripts = {row["name"]: row["key"] for row in await rows(connection, kept)}
    return Known(frozenset(subjects), await rows(connection, found), transcripts)


async def judgements(store: ArtifactStore, known: Known) -> list[dict[str, Any]]:
    """One per judgement row, and one per case of a transcript that is itself named among the subjects."""
    if not known.transcripts and not known.rows:
        return []
    batches = {phase: await asyncio.to_thread(_read, store, key) for phase, key in known.transcripts.items()}
    told: list[dict[str, Any]] = []
    seen: set[tuple[str, str, str]] = set()
    for row in known.rows:
        crew = str(row["data"]["crew"])
        case_id = str(row["natural_key"]).removeprefix(f"{crew}:")
        heard = next(_cases(batches.get(row["phase"], ()), {case_digest(case_id)}, crew), None)
        seen.add((row["phase"], crew, case_digest(case_id)))
        told.append(_told(row["phase"], crew, case_id, heard, row["data"]))
    digests = {case_digest(subject): subject for subject in known.subjects}
    for phase, each in batches.items():
        for heard in _cases(each, digests.keys()):
            key = (phase, heard.batch.crew, heard.digest)
            if key not in seen:
                seen.add(key)
                told.append(_told(phase, heard.batch.crew, digests[heard.digest], heard, None))
    return told


@dataclass(frozen=True)
class _Heard:
    """A case in its batch."""

    batch: JudgedBatch
    case: Mapping[str, Any]
    digest: str

    def standing(self) -> dict[str, Any]:
        """What the batch alone says: the verdict taken, else that the recommendation stands and why."""
        name = self.case["id"]
        verdict = next((v for v in self.batch.verdicts if v["case_id"] == name), None)
        if verdict is not None:
            said = {key: verdict[key] for key in ("option", "confidence", "reasons", "evidence")}
            return {**said, "decided_by": "crew", "why_rule": None, **self._by()}
        why = self.batch.ended or self.batch.faults.get(name)
        scores = {option["id"]: option["score"] for option in self.case["options"]}
        option = self.case["recommendation"]
        return {
            "option": option,
            "confidence": min(max(scores.get(option, 0.0), 0.0), 1.0),
            "reasons": [],
            "evidence": [],
            "decided_by": "rule",
            "why_rule": why,
            **self._by(),
        }

    def _by(self) -> dict[str, Any]:
        return {"model": self.batch.model, "prompt_version": self.batch.prompt_version}


def _told(
    phase: str, crew: str, case_id: str, heard: _Heard | None, row: Mapping[str, Any] | None
) -> dict[str, Any]:
    """The row says what stands; the transcript what was shown and what it cost."""
    standing = heard.standing() if heard is not None else {}
    if row is not None:
        standing |= {
            name: row.get(name) for name in _FROM_ROW if row.get(name) is not None or name not in standing
        }
    return {
        "phase": phase,
        "crew": crew,
        "case_id": case_id,
        **{name: standing.get(name) for name in _FROM_ROW},
        "facts": None if heard is None else heard.case["facts"],
        "options": [] if heard is None else heard.case["options"],
        "recommendation": heard.case["recommendation"]
        if row is None and heard
        else (row or {}).get("recommendation"),
        "batch": None
        if heard is None
        else {
            "cases": len(heard.batch.cases),
            "calls": heard.batch.calls,
            "prompt_tokens": heard.batch.prompt_tokens,
            "completion_tokens": heard.batch.completion_tokens,
            "cost_usd": heard.batch.cost_usd,
        },
    }


def _cases(
    batches: Sequence[JudgedBatch], digests: Collection[str], crew: str | None = None
) -> Iterator[_Heard]:
    for batch in batches:
        if crew in (None, batch.crew):
            for case in batch.cases:
                if (digest := batch.ids.get(case["id"], "")) in digests:
                    yield _Heard(batch, case, digest)


def _read(store: ArtifactStore, key: str) -> list[JudgedBatch]:
    """Nothing of one that is gone or can't be read: the judgement itself stands in its row."""
    try:
        return list(read_transcript(store.get_bytes(key)))
    except (ArtifactDoesNotExist, ValidationError) as error:
        log.warning("orchestrator.transcript_unreadable", key=key, error=type(error).__name__)
        return []
