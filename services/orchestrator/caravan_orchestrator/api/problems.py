"""Every error as application/problem+json (RFC 9457): a stable code, words, a pointer, the trace."""

import uuid
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from caravan_common.artifacts import ArtifactDoesNotExist, ArtifactStoreUnavailable
from caravan_common.telemetry import current_trace_id
from caravan_orchestrator.domain.errors import Refused
from caravan_orchestrator.store.failures import is_passing

log = structlog.get_logger()

_BY_STATUS = {404: "not_found", 405: "method_not_allowed", 413: "too_large"}
# What the router says by itself, in words that help.
_WORDS = {
    (404, "Not Found"): "There is no such route; /openapi.json lists all there are.",
    (
        405,
        "Method Not Allowed",
    ): "This route does not take that method; `Allow` and /openapi.json name those it does.",
}
# The database's own words for: a value it can't hold, a lock or statement that took too long.
_UNSTORABLE = ("22021", "22P05", "22003", "22008")
_BUSY = ("55P03", "40P01", "57014")


class Problem(Exception):
    """Answers the request with this status. The code stands in docs/errors.md."""

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        status: int,
        pointer: str | None = None,
        headers: Mapping[str, str] | None = None,
        errors: Sequence[Mapping[str, Any]] = (),
        offer: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.code, self.detail, self.status, self.pointer = code, detail, status, pointer
        self.headers, self.errors, self.offer = dict(headers or {}), tuple(errors), dict(offer or {})

    def response(self) -> Response:
        body: dict[str, Any] = {
            "type": f"urn:caravan:error:{self.code}",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            "pointer": self.pointer,
            "trace_id": current_trace_id() or uuid.uuid4().hex,
        }
        if self.errors:
            body["errors"] = self.errors
        body |= self.offer
        return JSONResponse(body, self.status, self.headers, "application/problem+json")


def unavailable(code: str, detail: str, seconds: int = 2) -> Problem:
    return Problem(code, detail, status=503, headers={"Retry-After": str(seconds)})


def no_connection_free() -> Problem:
    """The database answers, but requests come faster than that: this one has waited ten seconds for its turn."""
    log.warning("gateway.no_connection_free")
    return unavailable("busy", "More requests come than can be answered at once; try again.", 5)


def add_problem_handlers(app: FastAPI) -> None:
    for kind, answer in (
        (Problem, _problem),
        (Refused, _refused),
        (RequestValidationError, _invalid_request),
        (HTTPException, _http),
        (DBAPIError, _database),
        (PoolTimeout, _database),
        (ArtifactStoreUnavailable, _store_away),
        (ArtifactDoesNotExist, _artifact_gone),
        (Exception, _fault),
    ):
        app.add_exception_handler(kind, answer)


async def _problem(_request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return error.response()


async def _refused(_request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    headers = {} if error.retry_after is None else {"Retry-After": str(error.retry_after)}
    return Problem(
        error.code,
        error.message,
        status=error.status,
        pointer=error.pointer,
        headers=headers,
        offer=error.offer,
    ).response()


async def _http(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = _BY_STATUS.get(error.status_code, "bad_request")
    detail = _WORDS.get((error.status_code, error.detail), str(error.detail))
    return Problem(code, detail, status=error.status_code, headers=error.headers).response()


async def _invalid_request(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    faults = [_fault_of(fault) for fault in error.errors()]
    first = error.errors()[0]
    if first["loc"][:1] == ("path",):
        return Problem("not_found", "There is no such object.", status=404).response()
    if first["type"] == "json_invalid":
        return Problem("malformed_json", "The body is not valid JSON.", status=400).response()
    place = faults[0]["pointer"] or faults[0]["parameter"] or "the body"
    return Problem(
        "invalid_request",
        f"{place}: {faults[0]['detail']}",
        status=422,
        pointer=faults[0]["pointer"],
        errors=faults,
    ).response()


def _fault_of(fault: Mapping[str, Any]) -> dict[str, Any]:
    place, *path = fault["loc"]
    pointer = "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)
    return {
        "pointer": pointer if place == "body" else None,
        "parameter": None if place == "body" else ".".join(str(part) for part in path),
        "detail": fault["msg"],
    }


async def _database(request: Request, error: Exception) -> Response:
    state = str(getattr(getattr(error, "orig", None), "sqlstate", None) or "")
    if state.startswith(_UNSTORABLE):
        return Problem("unstorable", "The request holds a value that can't be stored.", status=422).response()
    if state == "23503" and "engagement" in str(error):
        return Problem("not_found", "There is no such engagement.", status=404).response()
    if state in _BUSY:
        return unavailable("busy", "Something else holds what this needs; try again.", 1).response()
    if isinstance(error, PoolTimeout):
        return no_connection_free().response()
    if is_passing(error):
        log.warning("gateway.database_unavailable", error=type(error).__name__)
        return unavailable("database_unavailable", "The database can't be reached; try again.").response()
    return await _fault(request, error)


async def _store_away(_request: Request, error: Exception) -> Response:
    log.warning("gateway.artifact_store_unavailable", error=str(error))
    return unavailable(
        "artifact_store_unavailable", "The artifact store can't be reached; try again."
    ).response()


async def _artifact_gone(_request: Request, error: Exception) -> Response:
    log.error("gateway.artifact_missing", key=str(error))
    return Problem("artifact_missing", "The stored file is gone; run its phase again.", status=410).response()


async def _fault(request: Request, error: Exception) -> Response:
    log.error("gateway.request_failed", path=request.url.path, exc_info=error)
    return Problem(
        "internal_error", "Something failed on our side; the trace id leads to it.", status=500
    ).response()
