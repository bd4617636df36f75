"""What people correct is learned for their client, and is an input of later attempts until it is unlearned."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import insert, select, update

from caravan_common.artifacts import ArtifactStore
from caravan_common.contracts import new_id
from caravan_orchestrator.domain.errors import DoesNotExist
from caravan_orchestrator.store.database import SqlTransaction
from caravan_orchestrator.store.learned import lock_learned, renew_learned, unlearn_pattern
from caravan_orchestrator.store.tables.data import learned_patterns
from caravan_orchestrator.usecases.audit import append_audit

MAPPING = "mapping"
# The value of a header that means nothing canonical.
CUSTOM = "custom"
_BETWEEN_WORDS = re.compile(r"[\W_]+")
# Keys of columns end like this: file#sheet#index|column.
_COLUMN_KEY = re.compile(r"#\d+\|(.*)\Z", re.DOTALL)


@dataclass(frozen=True)
class Taught:
    """A pattern and its meaning, with the row of the decision that taught it."""

    kind: str
    pattern: str
    value: str
    decision_id: UUID | None = None

    @property
    def normal_form(self) -> str:
        """Case, blanks and punctuation make no other header; a header of signs alone is itself."""
        return _BETWEEN_WORDS.sub(" ", self.pattern.casefold()).strip() or self.pattern.casefold()


def header_of(column_key: str) -> str | None:
    """The header in the natural key of a column."""
    found = _COLUMN_KEY.search(column_key)
    return found.group(1) if found is not None else None


async def learn(
    transaction: SqlTransaction, store: ArtifactStore, taught: Sequence[Taught], actor: str
) -> None:
    """Each replaces what was taught of the same pattern before; the last of several that say the same counts.

    Raises ArtifactStoreUnavailable.
    """
    latest = {(each.kind, each.normal_form): each for each in taught if each.pattern.strip()}
    if not latest:
        return
    await lock_learned(transaction)
    for (kind, normal_form), each in latest.items():
        await unlearn_pattern(transaction, kind, normal_form)
        await transaction.connection.execute(
            insert(learned_patterns).values(
                **transaction.tenant.model_dump(),
                id=new_id(),
                kind=kind,
                pattern=each.pattern,
                normal_form=normal_form,
                value=each.value,
                decision_id=each.decision_id,
                created_by=actor,
            )
        )
        details = {"kind": kind, "pattern": each.pattern, "value": each.value}
        await append_audit(transaction, actor, "pattern.learned", each.pattern, details)
    await renew_learned(transaction, store)


async def unlearn(transaction: SqlTransaction, store: ArtifactStore, id_: UUID, actor: str) -> None:
    """Later attempts no longer take it in; what was computed with it stays. Repeating it changes nothing.

    Raises DoesNotExist, ArtifactStoreUnavailable.
    """
    table, engagement = learned_patterns.c, transaction.tenant.engagement_id
    mine = (table.id == id_, table.engagement_id == engagement)
    await lock_learned(transaction)
    statement = select(table.kind, table.pattern, table.unlearned_at).where(*mine)
    row = (await transaction.connection.execute(statement)).first()
    if row is None:
        raise DoesNotExist("learned pattern")
    if row.unlearned_at is not None:
        return
    statement_ = update(learned_patterns).where(*mine).values(unlearned_at=transaction.now)
    await transaction.connection.execute(statement_)
    details = {"kind": row.kind, "pattern": row.pattern}
    await append_audit(transaction, actor, "pattern.unlearned", str(id_), details)
    await renew_learned(transaction, store)
