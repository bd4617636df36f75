"""Who may do this, in whose engagement; and the one transaction of a request, with its idempotency key."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer
from starlette.responses import Response

from caravan_common.contracts import Tenant
from caravan_common.masking import mask_personal
from caravan_orchestrator.api.answers import Answer, check_match, respond
from caravan_orchestrator.api.auth import Principal, Role
from caravan_orchestrator.api.idempotency import Once
from caravan_orchestrator.api.privacy import persons_in
from caravan_orchestrator.api.problems import Problem, unavailable
from caravan_orchestrator.api.sealing import Sealing
from caravan_orchestrator.api.services import GatewayServices
from caravan_orchestrator.api.standing import Standing
from caravan_orchestrator.domain.draft import Draft
from caravan_orchestrator.domain.errors import DoesNotExist
from caravan_orchestrator.store.database import SqlTransaction
from caravan_orchestrator.usecases.changes import Result
from caravan_orchestrator.usecases.readings import Reading

Effect = Callable[[SqlTransaction], Awaitable[Answer]]


@dataclass(frozen=True)
class Access:
    """A request that has passed its role. `if_match` and `key` are its headers."""

    request: Request
    services: GatewayServices
    principal: Principal
    role: Role
    engagement: UUID | None
    if_match: str | None
    key: str | None

    @property
    def actor(self) -> str:
        return self.principal.subject

    @property
    def sees_personal(self) -> bool:
        """Who runs flows works with the owners' names; others see that there is one."""
        return self.sees_personal_of(self.tenant().engagement_id)

    def sees_personal_of(self, engagement: UUID) -> bool:
        """For answers about another engagement than the request's own, or about several."""
        return self.principal.may(Role.OPERATOR, engagement)

    def engagements(self) -> tuple[UUID, ...]:
        """The one that the request names, else all of the token where it has the role. Raises DoesNotExist, Problem."""
        if self.engagement is not None:
            return (self.tenant().engagement_id,)
        principal = self.principal
        return tuple(each for each in principal.engagement_ids if principal.may(self.role, each))

    def asked_for(self, text: str | None) -> str | None:
        """What a filter compares with: who may not see persons finds nothing by an e-mail address."""
        return text if text is None or self.sees_personal else mask_personal(text)

    def tenant(self, wanted: UUID | None = None) -> Tenant:
        """The body's or the query's engagement, else the token's only one. Raises Problem."""
        allowed, engagement = self.principal.engagement_ids, wanted or self.engagement
        if engagement is None and len(allowed) == 1:
            engagement = allowed[0]
        if engagement is None:
            detail = "Name the engagement with ?engagement=; the token has none or several."
            raise Problem("engagement_required", detail, status=422)
        if engagement not in allowed:
            raise DoesNotExist("engagement")
        if not self.principal.may(self.role, engagement):
            raise _forbidden(self.role)
        return Tenant(client_account_id=self.principal.client_account_id, engagement_id=engagement)

    async def now(self) -> "Access":
        """With the memberships of this moment, for what outlives its request. Raises Problem 503."""
        standing: Standing = self.request.app.state.standing
        return replace(self, principal=await standing.of(self.principal))

    @asynccontextmanager
    async def transaction(self, tenant: Tenant | None = None) -> AsyncIterator[SqlTransaction]:
        """Under row-level security, committed at the end. A database that can't be reached is Problem 503."""
        try:
            async with self.services.database.transaction(tenant or self.tenant()) as transaction:
                yield transaction
        except (OSError, TimeoutError) as error:
            raise unavailable("database_unavailable", "The database can't be reached; try again.") from error

    async def change(
        self, effect: Effect, *, tenant: Tenant | None = None, body: bytes | None = None
    ) -> Response:
        """Runs the effect once: with an Idempotency-Key its answer is kept in the effect's own transaction.

        `body` is what makes two requests the same, where that is not the request's own body.
        """
        digested = None if self.key is None else (await self.request.body() if body is None else body)
        async with self.transaction(tenant) as transaction:
            once = Once.of(self.request, transaction, self.actor, self.key, digested)
            if once is not None and (kept := await once.begin()) is not None:
                return respond(kept, **{"Idempotent-Replayed": "true"})
            answer = await effect(transaction)
            if once is not None:
                await once.keep(answer)
        self.services.kick(transaction.follow_ups)
        self.services.bell.ring()
        return respond(answer)

    async def change_apart(self, effect: Callable[[], Awaitable[Answer]]) -> Response:
        """As `change`, of an effect that no transaction of ours can hold: its key is claimed before and settled after.

        A repeat meanwhile is told so (409); one after a gateway that died in between may do it again.
        """
        if self.key is None:
            return respond(await effect())
        answer, body = None, await self.request.body()
        async with self.transaction() as transaction:
            once = Once.of(self.request, transaction, self.actor, self.key, body)
            assert once is not None
            if (kept := await once.claim()) is not None:
                return respond(kept, **{"Idempotent-Replayed": "true"})
        try:
            answer = await effect()
        finally:
            async with self.transaction() as transaction:
                await replace(once, transaction=transaction).settle(answer)
        return respond(answer)

    async def note_reading(
        self, tenant: Tenant, what: str, scope: object, ids: Sequence[object], shown: Any
    ) -> None:
        """After an answer that tells of persons in the clear: who read what. See usecases.readings."""
        if self.sees_personal and (told := persons_in(shown)):
            reading = Reading(tenant, self.actor, what, str(scope))
            await self.services.readings.note(reading, told, [str(id_) for id_ in ids])

    def without_match(self) -> "Access":
        return replace(self, if_match=None)

    def without_key(self) -> "Access":
        return replace(self, key=None)

    def on_flow(self, order: Callable[[Draft], Result]) -> Callable[[Draft], Result]:
        """The order, but only on a flow of this engagement that was not deleted and is as the client saw it."""
        engagement = self.tenant().engagement_id

        def checked(draft: Draft) -> Result:
            if draft.flow.tenant.engagement_id != engagement or draft.flow.deleted_at is not None:
                raise DoesNotExist("flow")
            check_match(self.if_match, draft.flow.lock_version)
            return order(draft)

        return checked


_bearer = HTTPBearer(
    auto_error=False, description="JWT with sub, client_account_id, engagement_ids, roles, aud, exp"
)


def require(role: Role) -> Callable[..., Awaitable[Access]]:
    """The dependency that every route of /api/v1 has: the principal was put there by the authentication."""

    async def access(
        request: Request,
        _documented: Annotated[Any, Depends(_bearer)],
        engagement: Annotated[UUID | None, Query(description="needed when the token names several")] = None,
        if_match: Annotated[
            str | None, Header(description="ETag of what was read; 412 when it has changed")
        ] = None,
        idempotency_key: Annotated[
            str | None,
            Header(min_length=1, max_length=200, description="a repeat within 24 h gets the first answer"),
        ] = None,
    ) -> Access:
        standing: Standing = request.app.state.standing
        principal = await standing.of(request.state.principal)
        if not principal.may(role):
            raise _forbidden(role)
        if request.query_params:
            _refuse_unknown_parameters(request)
        sealing: Sealing = request.app.state.sealing
        await sealing.begin()
        services: GatewayServices = request.app.state.services
        return Access(request, services, principal, role, engagement, if_match, idempotency_key)

    access.needed_role = role  # type: ignore[attr-defined]
    return access


def _refuse_unknown_parameters(request: Request) -> None:
    """A filter with a slip in its name would otherwise let everything through. Raises Problem."""
    known = _query_names(request.scope["route"].dependant)
    unknown = [name for name in request.query_params if name not in known]
    if unknown:
        detail = (
            f"There is no parameter {unknown[0]!r} here; there are: {', '.join(sorted(known)) or 'none'}."
        )
        errors = [{"pointer": None, "parameter": name, "detail": "unknown parameter"} for name in unknown]
        raise Problem("invalid_request", detail, status=422, errors=errors)


def _query_names(dependant: Dependant) -> set[str]:
    own = {field.alias for field in dependant.query_params}
    return own.union(*(_query_names(each) for each in dependant.dependencies))


def _forbidden(role: Role) -> Problem:
    return Problem("forbidden", f"This needs the role {role}.", status=403)


def with_roles(router: APIRouter) -> APIRouter:
    """Every operation of the router says in the OpenAPI document which role it needs: `x-required-role`.

    Read from the dependency that asks for it, so that document and gateway can't differ. One that asks for none stays
    without, and the access matrix of the tests refuses it.
    """
    for route in router.routes:
        if isinstance(route, APIRoute):
            asked = (getattr(each.call, "needed_role", None) for each in route.dependant.dependencies)
            role = next((each for each in asked if each is not None), None)
            if role is not None:
                route.openapi_extra = {**(route.openapi_extra or {}), "x-required-role": str(role)}
    return router


Viewer = Annotated[Access, Depends(require(Role.VIEWER))]
Operator = Annotated[Access, Depends(require(Role.OPERATOR))]
Approver = Annotated[Access, Depends(require(Role.APPROVER))]
Admin = Annotated[Access, Depends(require(Role.ADMIN))]
Platform = Annotated[Access, Depends(require(Role.PLATFORM))]
