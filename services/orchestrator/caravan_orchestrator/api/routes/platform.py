"""Health and metrics: for machines, without a token, and therefore without names."""

from fastapi import APIRouter, Request
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.responses import Response

from caravan_orchestrator.api.answers import Json
from caravan_orchestrator.api.services import GatewayServices
from caravan_orchestrator.api.shapes.records import HealthView, LiveView

router = APIRouter(tags=["platform"])


@router.get("/health/live", summary="The process answers", response_model=LiveView)
async def live() -> dict[str, str]:
    """Whether to restart it. Asks neither database nor broker, so that their absence restarts nothing."""
    return {"status": "ok"}


@router.get(
    "/health/ready",
    summary="Requests and messages are served",
    response_model=HealthView,
    responses={503: {"model": HealthView}},
)
async def ready(request: Request) -> Response:
    """Whether to send it requests; `checks` says what is missing."""
    services: GatewayServices = request.app.state.services
    found = await services.health()
    is_ready = bool(found.get("ready", True))
    if services.stopping.is_set():
        is_ready, found["checks"] = False, {**found.get("checks", {}), "gateway": "stopping"}
    return Json({**found, "ready": is_ready}, 200 if is_ready else 503)


@router.get(
    "/metrics",
    summary="Figures for Prometheus",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
async def metrics(request: Request) -> Response:
    """In the text format of Prometheus; docs/operating.md says what each means."""
    return Response(await request.app.state.metrics.text(), headers={"Content-Type": CONTENT_TYPE_LATEST})
