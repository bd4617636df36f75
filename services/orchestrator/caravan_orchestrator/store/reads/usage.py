"""What crews have spent, added up by whatever is asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Column,
    ColumnElement,
    Date,
    Select,
    Text,
    cast,
    func,
    literal,
    literal_column,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncConnection

from caravan_orchestrator.store.reads._rows import rows
from caravan_orchestrator.store.tables.between import llm_usage
from caravan_orchestrator.store.tables.flow import migration_flows

_u = llm_usage.c
# Not bound: an expression of GROUP BY must be the very one that is selected.
_UTC: ColumnElement[str] = literal_column("'UTC'")
_NO_VERSION: ColumnElement[str] = literal_column("''")
GROUPS: dict[str, ColumnElement[Any]] = {
    "flow": cast(_u.flow_id, Text),
    "phase": _u.phase,
    "model": _u.model,
    "prompt_version": func.coalesce(_u.prompt_version, _NO_VERSION),
    "day": cast(cast(func.timezone(_UTC, _u.updated_at), Date), Text),
}


@dataclass(frozen=True)
class Asked:
    """Usage of one engagement; each part that is not None narrows it. `until` is not included."""

    engagement: UUID
    flow_id: UUID | None = None
    phase: str | None = None
    model: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        wanted = ((_u.flow_id, self.flow_id), (_u.phase, self.phase), (_u.model, self.model))
        return [
            _u.engagement_id == self.engagement,
            *(column == value for column, value in wanted if value is not None),
            *([_u.updated_at >= self.since] if self.since is not None else []),
            *([_u.updated_at < self.until] if self.until is not None else []),
        ]


def usage_figures(*keys: ColumnElement[Any]) -> Select[Any]:
    return select(
        *keys,
        func.count(_u.run_id.distinct()).label("runs"),
        *(
            func.coalesce(func.sum(column), 0).cast(column.type).label(column.name)
            for column in (_u.calls, _u.prompt_tokens, _u.completion_tokens, _u.reserved_tokens)
        ),
        func.coalesce(func.sum(_u.cost_usd + _u.reserved_cost_usd), 0.0).label("cost_usd"),
    )


def usage_by_model(attempt_id: Column[UUID]) -> ColumnElement[Any]:
    """The same figures of one attempt, all its runs, as a JSON array sorted by model; [] when it asked none."""
    of_attempt = usage_figures(_u.model).where(_u.attempt_id == attempt_id).group_by(_u.model)
    each = of_attempt.correlate(attempt_id.table).subquery("each")
    listed = func.jsonb_agg(aggregate_order_by(func.to_jsonb(each.table_valued()), each.c.model))
    return func.coalesce(select(listed).select_from(each).scalar_subquery(), literal_column("'[]'::jsonb"))


async def total_usage(connection: AsyncConnection, asked: Asked) -> dict[str, Any]:
    """runs, calls, prompt_tokens, completion_tokens, reserved_tokens, cost_usd."""
    (found,) = await rows(connection, usage_figures().where(*asked.conditions()))
    return found


async def list_usage(
    connection: AsyncConnection,
    asked: Asked,
    by: Sequence[str],
    *,
    last: Sequence[str] | None = None,
    limit: int,
) -> list[dict[str, Any]]:
    """The same figures by group, sorted by the names in `by`, which are keys of GROUPS; each as text."""
    keys = [GROUPS[name] for name in by]
    statement = usage_figures(*(key.label(name) for key, name in zip(keys, by, strict=True)))
    statement = statement.where(*asked.conditions()).group_by(*keys)
    if last is not None:
        statement = statement.having(tuple_(*keys) > tuple_(*map(literal, last)))
    return await rows(connection, statement.order_by(*keys).limit(limit + 1))


async def flow_configuration(connection: AsyncConnection, flow_id: UUID) -> dict[str, Any]:
    """Of a flow that exists."""
    statement = select(migration_flows.c.configuration).where(migration_flows.c.id == flow_id)
    return dict((await connection.execute(statement)).scalar_one())
