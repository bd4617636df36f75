"""Pages of result tables: which rows a query asks for, and the answer. No connection is held while files are read."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from caravan_orchestrator.api.access import Access
from caravan_orchestrator.api.pages import Cursor, Fields, Limit, Q, decode_cursor, page, words
from caravan_orchestrator.api.privacy import veiled
from caravan_orchestrator.api.problems import Problem
from caravan_orchestrator.domain.errors import DoesNotExist
from caravan_orchestrator.store.reads.flow_parts import get_dataset
from caravan_orchestrator.store.reads.flows import flow_exists
from caravan_orchestrator.store.reads.parquet import UnknownColumn
from caravan_orchestrator.store.reads.tables import Wanted, read_table, shown_dataset

DEFAULT_ROWS = 100
Flow = Annotated[
    UUID | None, Query(description="the newest on the current estate that has such rows, when absent")
]
Sort = Annotated[
    str | None, Query(max_length=100, description="a column, with a minus for the largest first")
]


class Asked:
    """The parameters that all these lists share."""

    def __init__(
        self,
        q: Q = None,
        fields: Fields = None,
        sort: Sort = None,
        limit: Limit = DEFAULT_ROWS,
        cursor: Cursor = None,
    ) -> None:
        self.words, self.sort, self.limit, self.cursor = words(q), sort or None, limit, cursor
        named = tuple(name.strip() for name in (fields or "").split(",") if name.strip())
        self.fields = named or None


async def read_page(
    access: Access, dataset: Mapping[str, Any], asked: Asked, equal: Mapping[str, Sequence[Any] | None]
) -> dict[str, Any]:
    """`items` and `next_cursor`; a cursor ends with the result it was made for."""
    given = {name: tuple(values) for name, values in equal.items() if values}
    wanted = Wanted(given, asked.words, asked.sort)
    kind = f"{dataset['name']} {dataset['id']} {asked.sort or ''} {asked.words} {sorted(given.items())}"
    last = decode_cursor(kind, asked.cursor, int)
    start = 0 if last is None else max(0, last[0])
    try:
        found = await read_table(
            access.services.store,
            dataset["artifact_key"],
            wanted,
            fields=asked.fields,
            start=start,
            limit=asked.limit,
        )
    except UnknownColumn as error:
        detail = f"The rows have no column {str(error)!r}."
        raise Problem("unknown_field", detail, status=422) from error
    shown = page(kind, found, asked.limit, lambda _: [start + asked.limit])
    items = shown["items"]
    await access.note_reading(
        access.tenant(), dataset["name"], dataset["flow_id"], [row.get("natural_key") for row in items], items
    )
    return shown if access.sees_personal else veiled(shown)


async def shown_of(access: Access, name: str, flow: UUID | None) -> dict[str, Any] | None:
    """The dataset that is shown; none yet is none. Raises DoesNotExist for a flow there is not."""
    async with access.transaction() as transaction:
        engagement = transaction.tenant.engagement_id
        if flow is not None and not await flow_exists(transaction.connection, engagement, flow):
            raise DoesNotExist("flow")
        return await shown_dataset(transaction.connection, engagement, name, flow)


async def version_of(access: Access, version: UUID, names: Sequence[str]) -> dict[str, Any]:
    """The dataset with this id, if it is one of these. Raises DoesNotExist."""
    async with access.transaction() as transaction:
        found = await get_dataset(transaction.connection, transaction.tenant.engagement_id, version)
    if found is None or found["name"] not in names:
        raise DoesNotExist("version")
    return found


def result_rows(dataset: Mapping[str, Any] | None, shown: Mapping[str, Any] | None) -> dict[str, Any]:
    if dataset is None or shown is None:
        return {"flow_id": None, "dataset_id": None, "items": [], "next_cursor": None}
    return {"flow_id": dataset["flow_id"], "dataset_id": dataset["id"], **shown}
