"""The gateway as an ASGI application. It does nothing in the background; loops and consumers run elsewhere."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.middleware.cors import CORSMiddleware

from caravan_orchestrator.api.access import with_roles
from caravan_orchestrator.api.metrics import Metrics
from caravan_orchestrator.api.middleware import Authenticated, Limited, Stopping, Traced
from caravan_orchestrator.api.problems import add_problem_handlers
from caravan_orchestrator.api.routes import (
    administration,
    analytics,
    assets,
    batches,
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
    platform,
    records,
    reference_tables,
    rollbacks,
    service_accounts,
    uploads,
    usage,
)
from caravan_orchestrator.api.services import GatewayServices, GatewaySettings
from caravan_orchestrator.api.standing import Standing

__all__ = ["GatewayServices", "GatewaySettings", "create_app"]

_TAGS = (
    ("uploads", "Files delivered"),
    ("flow types", "What services have announced"),
    ("flows", "Rows of phases, and what people order them to do"),
    ("people", "Questions, approvals, what was learned"),
    ("data", "Datasets, entities and where they come from"),
    ("discovery", "What columns mean, and what sources disagree about"),
    ("assets", "The estate"),
    ("rollback", "Planned, carried out, proved"),
    ("events", "What happens, as it happens"),
    ("audit", "What was done, and by whom"),
    ("administration", "Clients, engagements, members, quotas, service accounts"),
    ("running", "Messages that were parked"),
    ("platform", "Health and metrics"),
)


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


def create_app(services: GatewayServices) -> FastAPI:
    """Whoever serves it must end open event streams on shutdown (uvicorn: timeout_graceful_shutdown)."""
    app = FastAPI(
        title="Caravan",
        version="1",
        summary="Takes an estate into the cloud, and keeps track of every decision on the way",
        openapi_tags=[{"name": name, "description": words} for name, words in _TAGS],
        generate_unique_id_function=_operation_id,
        lifespan=_lifespan,
        redoc_url=None,
    )
    app.state.services = services
    app.state.standing = standing = Standing(services.database)
    app.state.metrics = Metrics(services.database, services.settings.figures_age)
    add_problem_handlers(app)
    app.include_router(_api(services))
    app.include_router(platform.router)
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


def _api(services: GatewayServices) -> APIRouter:
    api = APIRouter(prefix="/api/v1")
    for module in (
        uploads,
        flow_types,
        flows,
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
        estates,
        inbox,
        rollbacks,
        records,
        reference_tables,
        usage,
        administration,
        service_accounts,
        analytics,
        events,
    ):
        api.include_router(with_roles(module.router))
    if services.replay is not None:
        api.include_router(with_roles(records.replay_router(services.replay)))
    return api


def _operation_id(route: APIRoute) -> str:
    """Names for generated clients: get_flow_questions rather than a path spelt out."""
    parts = [part for part in route.path.replace(":", "/").split("/") if part and "{" not in part]
    method = min(route.methods or {"get"})
    one = "_one" if route.path.endswith("}") else ""
    return "_".join([method.lower(), *(part.replace("-", "_") for part in parts[2:] or parts)]) + one


@asynccontextmanager
async def _lifespan(_app: FastAPI) -> AsyncIterator[None]:
    yield
