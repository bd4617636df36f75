"""Answers and their versions: JSON by orjson, ETags, If-Match."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from starlette.responses import JSONResponse, Response

from caravan_orchestrator.domain.errors import Refused


class Json(JSONResponse):
    """Writes UUIDs and times itself; NaN becomes null."""

    def render(self, content: Any) -> bytes:
        return orjson.dumps(content, default=str)


@dataclass(frozen=True)
class Answer:
    """What an effect answers with, before it is known whether it commits."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


def respond(answer: Answer, **extra: str) -> Response:
    headers = {**answer.headers, **extra}
    return (
        Response(status_code=204, headers=headers)
        if answer.status == 204
        else Json(answer.body, answer.status, headers)
    )


def etag(version: object) -> str:
    return f'"{version}"'


def digest_tag(row: Mapping[str, Any]) -> str:
    """The version of something without a version of its own."""
    return hashlib.sha256(orjson.dumps(dict(row), default=str, option=orjson.OPT_SORT_KEYS)).hexdigest()[:20]


def check_match(if_match: str | None, version: object) -> None:
    """Raises Refused 412 when the client saw another version."""
    if if_match is None or if_match.strip() == "*":
        return
    if etag(version) not in {tag.strip().removeprefix("W/") for tag in if_match.split(",")}:
        raise Refused("version_mismatch", "It has changed since you read it; read it again.", status=412)


def flow_answer(flow: Mapping[str, Any], status: int = 200) -> Answer:
    return Answer(flow, status, {"ETag": etag(flow["etag"])})
