"""What lists of assets and their facets can be narrowed by."""

from typing import Annotated

from fastapi import Query
from sqlalchemy import ColumnElement

from caravan_orchestrator.api.access import Access
from caravan_orchestrator.api.pages import Q, words
from caravan_orchestrator.store.database import SqlTransaction
from caravan_orchestrator.store.reads import assets as reads
from caravan_orchestrator.store.reads.facets import FILTERED_BY
from caravan_orchestrator.store.reads.search import find
from caravan_orchestrator.store.tables.assets import assets as assets_table

Several = Annotated[list[str] | None, Query(max_length=50, description="one or several")]


class Filters:
    """The conditions that list and facets share."""

    def __init__(
        self,
        asset_type: Several = None,
        environment: Several = None,
        operating_system: Several = None,
        business_criticality: Several = None,
        location: Several = None,
        treatment: Several = None,
        wave: Annotated[
            list[str] | None, Query(max_length=50, description="one or several, `wave-003`")
        ] = None,
        target_type: Several = None,
        is_target: Annotated[bool | None, Query(description="migration targets, or what is none")] = None,
        not_target_reason: Several = None,
        q: Q = None,
    ) -> None:
        self._texts = {
            "asset_type": asset_type or (),
            "environment": environment or (),
            "operating_system": operating_system or (),
            "business_criticality": business_criticality or (),
            "location": location or (),
            "treatment": treatment or (),
            "wave": wave or (),
            "target_type": target_type or (),
            "not_target_reason": not_target_reason or (),
        }
        self._is_target = is_target
        self.words = words(q)

    @property
    def are_counted(self) -> bool:
        """Whether the counts that the fold keeps know all that was asked for."""
        named = {name for name, values in self._texts.items() if values}
        return not self.words and named.issubset(FILTERED_BY)

    @property
    def narrow(self) -> bool:
        return bool(self.words) or self._is_target is not None or any(self._texts.values())

    def asked(self, access: Access) -> tuple[dict[str, list[str]], bool | None]:
        """What was asked for but the words: values by attribute, and `is_target`."""
        texts = {name: [str(access.asked_for(each)) for each in given] for name, given in self._texts.items()}
        return texts, self._is_target

    async def conditions(self, access: Access, transaction: SqlTransaction) -> list[ColumnElement[bool]]:
        """All that was asked for, of the assets themselves."""
        engagement = transaction.tenant.engagement_id
        found = await find(transaction.connection, "asset", self.words, engagement)
        conditions = reads.filters(*self.asked(access)) + found.conditions(assets_table.c.id)
        if self.words and not access.sees_personal:
            conditions.append(reads.without_addresses())
        return conditions
