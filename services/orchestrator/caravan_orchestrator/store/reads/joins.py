"""Why rows are one asset: the key that its rows of one source share, and what joined its records of several sources."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from caravan_common.masking import mask_secrets
from caravan_orchestrator.store.reads._rows import rows
from caravan_orchestrator.store.reads.cells import Cells, Place
from caravan_orchestrator.store.tables.flow import questions

PERSON = "person"
_q = questions.c
_ADVICE = ("advice", "confidence", "reasons")


async def questions_of(
    connection: AsyncConnection, flow_id: UUID, keys: Collection[str]
) -> dict[str, dict[str, Any]]:
    """text and facts by key, as they were last asked."""
    if not keys:
        return {}
    statement = (
        select(_q.key, _q.text, _q.facts)
        .where(_q.flow_id == flow_id, _q.key.in_(keys))
        .order_by(_q.created_at, _q.id)
    )
    return {row["key"]: row for row in await rows(connection, statement)}


def asked_keys(cells: Cells) -> set[str]:
    """Keys of the questions by whose answer people made records one asset."""
    return {join["value"] for join in cells.joins or () if join["kind"] == PERSON}


def records(
    places: Sequence[Place],
    cells: Cells,
    decisions: Sequence[Mapping[str, Any]],
    asked: Mapping[str, Mapping[str, Any]],
) -> list[dict[str, Any]]:
    """The asset's records, one per source in the order of `places`, each with its rows and its joins.

    `decisions`: people's, oldest first, and `asked` the questions, of `asked_keys`. `joined` is null where nobody
    wrote down what joined: discoveries before definition 1.1.0 did not. Rows of a flow type that tells no sources are
    in no record.
    """
    by_source: dict[str, list[Place]] = {}
    for place in places:
        if (source := cells.raw.get(place, {}).get("source")) is not None:
            by_source.setdefault(source, []).append(place)
    return [_record(source, found, cells, decisions, asked) for source, found in by_source.items()]


def _record(
    source: str,
    places: Sequence[Place],
    cells: Cells,
    decisions: Sequence[Mapping[str, Any]],
    asked: Mapping[str, Mapping[str, Any]],
) -> dict[str, Any]:
    keys = (cells.clean.get(place, {}).get("source_key") for place in places)
    return {
        "source": source,
        "format": cells.raw[places[0]].get("format") or "",
        "source_key": next((mask_secrets(key) for key in keys if key is not None), None),
        "rows": [{"file": file, "sheet": sheet, "row_number": number} for file, sheet, number in places],
        "joined": None if cells.joins is None else _joined(source, cells.joins, decisions, asked),
    }


def _joined(
    source: str,
    joins: Sequence[Mapping[str, Any]],
    decisions: Sequence[Mapping[str, Any]],
    asked: Mapping[str, Mapping[str, Any]],
) -> list[dict[str, Any]]:
    found: dict[tuple[str, str, str], dict[str, Any]] = {}
    for join in joins:
        if source not in (join["left_source"], join["right_source"]):
            continue
        other = "right" if join["left_source"] == source else "left"
        person = join["kind"] == PERSON
        told = found.setdefault(
            (join[f"{other}_source"], join["kind"], join["value"] if person else ""),
            {
                "source": join[f"{other}_source"],
                "kind": join["kind"],
                "values": [],
                "decided_by": PERSON if person else "rule",
                "question": None,
                "advice": None,
                "decision": None,
            },
        )
        if person:
            told |= _answered(join["value"], decisions, asked)
        else:
            told["values"].append(mask_secrets(join["value"]))
    return list(found.values())


def _answered(
    key: str, decisions: Sequence[Mapping[str, Any]], asked: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """What was asked, what the crew had advised, and the answer that stands."""
    question = asked.get(key, {})
    facts = question.get("facts", {})
    standing = [each for each in decisions if each["subject"] == key and each["withdrawn_by"] is None]
    return {
        "question": question.get("text"),
        "advice": {name: facts.get(name) for name in _ADVICE} if facts.get("advice") else None,
        "decision": standing[-1] if standing else None,
    }
