"""A model provider on localhost: OpenAI's chat completions over real HTTP, answering as a test tells it to."""

import json
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from caravan_common.crews import Case
from caravan_common.crews.delimiting import parse_block


@dataclass(frozen=True)
class Status:
    """An error of the provider."""

    code: int
    headers: Mapping[str, str] = field(default_factory=dict)
    error: str = "scripted"


@dataclass(frozen=True)
class Refusal:
    """The model declines: no content, words in `refusal`."""

    words: str = "I can't help with that."


class Cut:
    """The connection ends in the middle of the answer."""


@dataclass(frozen=True)
class Hang:
    """No answer before `release`, or before the client goes away."""

    release: threading.Event = field(default_factory=threading.Event)


Answer = str | Status | Refusal | Cut | Hang | Callable[[list[Case]], str]


@dataclass(frozen=True)
class Request:
    """One call as it arrived."""

    path: str
    authorization: str
    body: Mapping[str, Any]

    @property
    def prompt(self) -> str:
        return "\n".join(str(message["content"]) for message in self.body["messages"])

    @property
    def tokens(self) -> int:
        """Of the prompt, as models count English."""
        return len(self.prompt.encode()) // 4

    @property
    def cases(self) -> list[Case]:
        return parse_block(self.prompt)


class ModelServer:
    """Each call takes the next answer of the script, the last one for ever.

    `usage`: prompt and completion tokens that each call is said to cost; a token for four bytes where it is None.
    """

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.usage: tuple[int, int] | None = None
        # How many calls ended because whoever made them went away.
        self.abandoned = 0
        self._answers: list[Answer] = []
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"script": self}))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    def script(self, *answers: Answer, usage: tuple[int, int] | None = None) -> None:
        """Begins anew: nothing asked yet."""
        with self._lock:
            self.requests, self.abandoned = [], 0
            self._answers, self.usage = list(answers), usage

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def take(self, request: Request) -> Answer:
        with self._lock:
            self.requests.append(request)
            return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


def verdicts(**changes: Any) -> Callable[[list[Case]], str]:
    """Good verdicts for the last option of every case, changed as told."""

    def answer(cases: list[Case]) -> str:
        return verdicts_json([{**_verdict(case), **changes} for case in cases])

    return answer


def verdicts_json(each: Sequence[Mapping[str, Any]]) -> str:
    return json.dumps({"verdicts": list(each)})


def _verdict(case: Case) -> dict[str, Any]:
    return {
        "case_id": case.id,
        "option": case.options[-1].id,
        "confidence": 0.9,
        "reasons": ["the facts speak for it"],
        "evidence": [next(iter(case.facts))],
    }


class _Handler(BaseHTTPRequestHandler):
    """Of one connection; a subclass made for a server has its `script`."""

    script: ModelServer
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        request = Request(self.path, self.headers["Authorization"] or "", body)
        match self.script.take(request):
            case Status() as status:
                self._send(status.code, {"error": {"message": status.error}}, status.headers)
            case Refusal(words):
                self._send(200, _completion(self.script, request, None, refusal=words))
            case Cut():
                payload = json.dumps(_completion(self.script, request, "cut")).encode()
                self._head(200, len(payload))
                self.wfile.write(payload[: len(payload) // 2])
                self.close_connection = True
            case Hang(release):
                self._hang(release)
            case str() as content:
                self._send(200, _completion(self.script, request, content))
            case answer:
                self._send(200, _completion(self.script, request, answer(request.cases)))

    def _hang(self, release: threading.Event) -> None:
        self.close_connection = True
        while not release.wait(0.01):
            if _has_gone(self.connection):
                self.script.abandoned += 1
                return

    def _send(self, code: int, document: object, headers: Mapping[str, str] | None = None) -> None:
        payload = json.dumps(document).encode()
        self._head(code, len(payload), headers)
        self.wfile.write(payload)

    def _head(self, code: int, length: int, headers: Mapping[str, str] | None = None) -> None:
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(length))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Says nothing."""


def _completion(
    script: ModelServer, request: Request, content: str | None, refusal: str | None = None
) -> dict[str, Any]:
    prompt, completion = script.usage or (request.tokens, len((content or "").encode()) // 4)
    message = {"role": "assistant", "content": content, "refusal": refusal}
    return {
        "id": "chatcmpl-scripted",
        "object": "chat.completion",
        "created": 1,
        "model": request.body["model"],
        "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
        "usage": {
            "prompt_tokens": prompt,
            "completion_tokens": completion,
            "total_tokens": prompt + completion,
        },
    }


def _has_gone(connection: socket.socket) -> bool:
    connection.setblocking(False)
    try:
        return connection.recv(1, socket.MSG_PEEK) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True
    finally:
        connection.setblocking(True)
