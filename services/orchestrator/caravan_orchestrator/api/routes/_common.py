"""What routes share: documented errors, and the flow that a path names."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from caravan_orchestrator.api.shapes.base import ProblemView
from caravan_orchestrator.domain.errors import DoesNotExist
from caravan_orchestrator.store.database import SqlTransaction
from caravan_orchestrator.store.reads.flows import flow_exists


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """OpenAPI's `responses` for errors that a route is known to give."""
    content: dict[str, Any] = {"application/problem+json": {}}
    return {
        status: {"model": ProblemView, "content": content}
        for status in sorted({401, 403, 429, 503, *statuses})
    }


async def require_flow(transaction: SqlTransaction, flow_id: UUID) -> None:
    """Raises DoesNotExist, for another engagement's flow as well."""
    if not await flow_exists(transaction.connection, transaction.tenant.engagement_id, flow_id):
        raise DoesNotExist("flow")


def with_offset(moment: datetime | None) -> datetime | None:
    """UTC where nothing else is said."""
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment
