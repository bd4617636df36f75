"""The gateway as an ASGI application. It does nothing in the background; loops and consumers run elsewhere."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.middleware.cors import CORSMiddleware

from caravan_orchestrator.api.access import with_roles
from caravan_orchestrator.api.metrics import Metrics
from caravan_orchestrator.api.middleware import Authenticated, Limited, Stopping, Traced
from caravan_orchestrator.api.openapi import complete, operation_name
from caravan_orchestrator.api.problems import add_problem_handlers
from caravan_orchestrator.api.reporter import Reporter
from caravan_orchestrator.api.routes import (
    administration,
    analytics,
    assets,
    batches,
    chains,
    conflicts,
    datasets,
    entities,
    estates,
    events,
    flow_parts,
    flow_types,
    flows,
    inbox,
    lineage,
    mappings,
    orders,
    people,
    planning,
    platform,
    records,
    reference_tables,
    reports,
    rollbacks,
    service_accounts,
    treatments,
    uploads,
    usage,
    wave_plans,
)
from caravan_orchestrator.api.sealing import Sealing
from caravan_orchestrator.api.services import GatewayServices, GatewaySettings, Replay
from caravan_orchestrator.api.standing import Standing
from caravan_orchestrator.store.columns.keeping import KeptColumns

__all__ = ["GatewayServices", "GatewaySettings", "create_app", "openapi_document"]

_TAGS = (
    ("uploads", "Files delivered"),
    ("flow types", "What services have announced"),
    ("flows", "Rows of phases, and what people order them to do"),
    ("people", "Questions, approvals, what was learned"),
    ("data", "Datasets, entities and where they come from"),
    ("discovery", "What columns mean, and what sources disagree about"),
    ("assets", "The estate"),
    ("chains", "Flows that follow one another, and what they hand over"),
    ("assessment", "Treatments and waves, and people who change them"),
    ("planning", "Schedules, teams, targets, costs"),
    ("rollback", "Planned, carried out, proved"),
    ("events", "What happens, as it happens"),
    ("audit", "What was done, and by whom"),
    ("administration", "Clients, engagements, members, quotas, service accounts"),
    ("running", "Messages that were parked"),
    ("platform", "Health and metrics"),
)


_PREFIX = "/api/v1"
# Tokens come in a header, never in a cookie: a browser has no credentials of its own to send along.
_CORS: dict[str, Any] = {
    "allow_methods": ("GET", "POST", "PUT", "PATCH", "DELETE"),
    "allow_headers": (
        "Authorization",
        "Content-Type",
        "Idempotency-Key",
        "If-Match",
        "Last-Event-ID",
        "traceparent",
    ),
    "expose_headers": ("ETag", "Location", "Retry-After", "Idempotent-Replayed"),
    "max_age": 600,
}


class Gateway(FastAPI):
    def openapi(self) -> dict[str, Any]:
        """Made once; FastAPI keeps it."""
        return self.openapi_schema or complete(super().openapi())


def create_app(services: GatewayServices) -> FastAPI:
    """Whoever serves it must end open event streams on shutdown (uvicorn: timeout_graceful_shutdown)."""
    app = _routed(services.replay)
    app.state.services = services
    app.state.standing = standing = Standing(services.database)
    app.state.sealing = Sealing(services.database)
    app.state.columns = KeptColumns(services.database)
    app.state.reporter = Reporter(services.store)
    app.state.metrics = Metrics(services.database, services.settings.figures_age)
    add_problem_handlers(app)
    # The last one added is the first one passed.
    app.add_middleware(Limited, services=services)
    app.add_middleware(
        Authenticated, verifier=services.verifier, standing=standing, settings=services.settings
    )
    app.add_middleware(Traced)
    app.add_middleware(Stopping, services=services)
    if services.settings.cors_origins:
        # Outermost: a browser asks without a token whether it may, and reads refusals too.
        app.add_middleware(CORSMiddleware, allow_origins=services.settings.cors_origins, **_CORS)
    return app


def openapi_document() -> dict[str, Any]:
    """Of a gateway with all there is, without a platform behind it."""
    return _routed(_unheard).openapi()


async def _unheard(*_: object) -> dict[str, int]:
    raise RuntimeError("a gateway that only documents itself replays nothing")


def _routed(replay: Replay | None) -> Gateway:
    app = Gateway(
        title="Caravan",
        version="1",
        summary="Takes an estate into the cloud, and keeps track of every decision on the way",
        openapi_tags=[{"name": name, "description": words} for name, words in _TAGS],
        generate_unique_id_function=_operation_id,
        lifespan=_lifespan,
        redoc_url=None,
    )
    # Each by itself: a router between them would look at all of them anew for each request.
    for router in _api(replay):
        app.include_router(router, prefix=_PREFIX)
    app.include_router(platform.router)
    return app


def _api(replay: Replay | None) -> Iterator[APIRouter]:
    for module in (
        uploads,
        flow_types,
        flows,
        chains,
        orders,
        flow_parts,
        people,
        mappings,
        conflicts,
        datasets,
        entities,
        assets,
        batches,
        lineage,
        treatments,
        wave_plans,
        planning,
        estates,
        inbox,
        reports,
        rollbacks,
        records,
        reference_tables,
        usage,
        administration,
        service_accounts,
        analytics,
        events,
    ):
        yield with_roles(module.router)
    if replay is not None:
        yield with_roles(records.replay_router(replay))


def _operation_id(route: APIRoute) -> str:
    return operation_name(min(route.methods or {"GET"}), route.path.removeprefix(_PREFIX))


@asynccontextmanager
async def _lifespan(_app: FastAPI) -> AsyncIterator[None]:
    yield
