"""The hash chain of the audit log: each row commits to the one before."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

PLATFORM_CHAIN = UUID(int=0)
"""The one chain that belongs to no tenant."""


class AuditRow(NamedTuple):
    """A stored audit row, as far as its hash covers it."""

    sequence: int
    actor: str
    action: str
    subject: str
    details: Mapping[str, Any]
    at: datetime
    previous: str
    hash: str


def audit_hash(
    previous: str,
    sequence: int,
    actor: str,
    action: str,
    subject: str,
    details: Mapping[str, Any],
    at: datetime,
) -> str:
    """SHA-256 over the previous hash and the row's canonical JSON; `at` in UTC with microseconds."""
    body = json.dumps(
        [
            previous,
            sequence,
            actor,
            action,
            subject,
            details,
            at.astimezone(UTC).isoformat(timespec="microseconds"),
        ],
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
    )
    return hashlib.sha256(body.encode()).hexdigest()


def chain_fault(rows: Iterable[AuditRow]) -> str | None:
    """None when the rows, in order, are a whole chain; else what is wrong, naming the number."""
    previous, expected = "", 1
    for row in rows:
        if row.sequence != expected:
            return f"row {expected} is missing"
        if row.previous != previous:
            return f"row {row.sequence} does not follow the one before"
        if row.hash != audit_hash(
            previous, row.sequence, row.actor, row.action, row.subject, row.details, row.at
        ):
            return f"row {row.sequence} was changed"
        previous, expected = row.hash, expected + 1
    return None


def seal_hash(previous: str, heads: Mapping[str, Any]) -> str:
    """SHA-256 over the previous seal's hash and the heads it covers."""
    body = json.dumps([previous, heads], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(body.encode()).hexdigest()
