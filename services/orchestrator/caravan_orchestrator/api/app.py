"""The gateway as an ASGI application. It does nothing in the background; loops and consumers run elsewhere."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute

from caravan_orchestrator.api.metrics import Metrics
from caravan_orchestrator.api.middleware import Authenticated, Limited, Stopping, Traced
from caravan_orchestrator.api.problems import add_problem_handlers
from caravan_orchestrator.api.routes import (
    assets,
    conflicts,
    datasets,
    entities,
    estates,
    events,
    flow_parts,
    flow_types,
    flows,
    lineage,
    mappings,
    orders,
    people,
    platform,
    records,
    reference_tables,
    rollbacks,
    uploads,
    usage,
)
from caravan_orchestrator.api.services import GatewayServices, GatewaySettings

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
    ("running", "Messages that were parked"),
    ("platform", "Health and metrics"),
)


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
    app.state.metrics = Metrics(services.database, services.settings.figures_age)
    add_problem_handlers(app)
    app.include_router(_api(services))
    app.include_router(platform.router)
    # The last one added is the first one passed.
    app.add_middleware(Limited, services=services)
    app.add_middleware(Authenticated, services=services)
    app.add_middleware(Traced)
    app.add_middleware(Stopping, services=services)
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
        lineage,
        estates,
        rollbacks,
        records,
        reference_tables,
        usage,
        events,
    ):
        api.include_router(module.router)
    if services.replay is not None:
        api.include_router(records.replay_router(services.replay))
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
