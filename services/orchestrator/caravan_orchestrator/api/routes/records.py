"""Audit, learned patterns and dead letters of an engagement."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.responses import Response

from caravan_orchestrator.api.access import Operator, Viewer
from caravan_orchestrator.api.answers import Answer, Json
from caravan_orchestrator.api.pages import DEFAULT_LIMIT, Cursor, Limit, decode_cursor, page
from caravan_orchestrator.api.privacy import veiled
from caravan_orchestrator.api.problems import Problem
from caravan_orchestrator.api.routes._common import problems, with_offset
from caravan_orchestrator.api.services import Replay
from caravan_orchestrator.api.shapes.base import Page
from caravan_orchestrator.api.shapes.bodies import ReplayDeadLetters
from caravan_orchestrator.api.shapes.records import AuditView, DeadLetterView, LearnedView, ReplayedView
from caravan_orchestrator.domain.decision import FOLLOW_UPS
from caravan_orchestrator.store.database import SqlTransaction
from caravan_orchestrator.store.reads import records as reads
from caravan_orchestrator.usecases import learning

router = APIRouter(responses=problems(404, 422))
Text = Annotated[str | None, Query(max_length=500)]


@router.get(
    "/audit", tags=["audit"], summary="List what was done, and by whom", response_model=Page[AuditView]
)
async def audit(
    access: Viewer,
    *,
    flow: Annotated[UUID | None, Query(description="of this flow only")] = None,
    actor: Text = None,
    action: Text = None,
    since: Annotated[datetime | None, Query(description="done at or after; UTC without an offset")] = None,
    until: Annotated[datetime | None, Query(description="done before")] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Response:
    """The newest first. Each row's hash is over the one before in its chain: a flow's, or the engagement's own."""
    last = decode_cursor("audit", cursor, UUID)
    async with access.transaction() as transaction:
        found = await reads.list_audit(
            transaction.connection,
            transaction.tenant.engagement_id,
            flow_id=flow,
            actor=actor,
            action=action,
            since=with_offset(since),
            until=with_offset(until),
            last=None if last is None else last[0],
            limit=limit,
        )
    shown = page("audit", found, limit, lambda row: [row["id"]])
    return Json(shown if access.sees_personal else veiled(shown))


@router.get(
    "/learned-patterns", tags=["people"], summary="List what was learned", response_model=Page[LearnedView]
)
async def learned(
    access: Viewer,
    *,
    kind: Annotated[Literal["mapping", "product", "application", "treatment"] | None, Query()] = None,
    unlearned: Annotated[bool, Query(description="also those that were unlearned")] = False,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Response:
    """What the client taught in any of its engagements: later runs in all of them take it in."""
    last = decode_cursor("learned", cursor, UUID)
    async with access.transaction() as transaction:
        found = await reads.list_learned(
            transaction.connection,
            transaction.tenant.client_account_id,
            kind=kind,
            unlearned=unlearned,
            last=None if last is None else last[0],
            limit=limit,
        )
    return Json(page("learned", found, limit, lambda row: [row["id"]]))


@router.delete(
    "/learned-patterns/{pattern_id}", status_code=204, tags=["people"], summary="Unlearn a pattern"
)
async def unlearn(pattern_id: UUID, access: Operator) -> Response:
    """Later runs no longer take it in; what was computed with it stays. In the engagement where it was taught."""

    async def effect(transaction: SqlTransaction) -> Answer:
        await learning.unlearn(transaction, access.services.store, pattern_id, access.actor)
        return Answer(None, 204)

    return await access.change(effect)


@router.get(
    "/dead-letters", tags=["running"], summary="List parked messages", response_model=Page[DeadLetterView]
)
async def dead_letters(
    access: Operator,
    *,
    status: Annotated[Literal["parked", "replayed", "discarded"] | None, Query()] = "parked",
    error_group: Text = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Response:
    """Of this engagement's flows."""
    last = decode_cursor("dead letters", cursor, UUID)
    async with access.transaction() as transaction:
        found = await reads.list_dead_letters(
            transaction.connection,
            access.principal.client_account_id,
            transaction.tenant.engagement_id,
            status=status,
            error_group=error_group,
            last=None if last is None else last[0],
            limit=limit,
        )
    return Json(page("dead letters", found, limit, lambda row: [row["id"]]))


def replay_router(replay: Replay) -> APIRouter:
    """Apart, because replaying needs a bus, which a gateway may be without."""
    routes = APIRouter(responses=problems(400, 404, 409, 422))

    @routes.post(
        "/dead-letters:replay",
        tags=["running"],
        summary="Replay parked messages",
        response_model=ReplayedView,
    )
    async def replay_dead_letters(body: ReplayDeadLetters, access: Operator) -> Response:
        """A reply is handled again; a command becomes a retry of its flow under a new epoch."""
        return await _replay(access, body, replay)

    return routes


async def _replay(access: Operator, body: ReplayDeadLetters, replay: Replay) -> Response:
    if body.ids is not None and body.error_group is not None:
        raise Problem(
            "invalid_request", "Give ids or error_group, not both.", status=422, pointer="/error_group"
        )

    async def effect() -> Answer:
        async with access.transaction() as transaction:
            mine = await reads.parked_ids(
                transaction.connection,
                access.principal.client_account_id,
                transaction.tenant.engagement_id,
                ids=body.ids,
                error_group=body.error_group,
            )
        counts = {"replies": 0, "retried": 0, "left": 0}
        if mine:
            counts = await replay(access.actor, access.principal.client_account_id, mine, None)
        return Answer(counts)

    # Each letter is published or retried by itself: no transaction is held over them.
    answer = await access.change_apart(effect)
    access.services.kick(FOLLOW_UPS)
    access.services.bell.ring()
    return answer
