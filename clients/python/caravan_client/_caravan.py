"""What people do over and over with the generated calls: deliver, walk pages, follow events, wait."""

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar
from uuid import UUID

import httpx

from caravan_client._answers import ProblemError, expect
from caravan_client._events import Event, read_events
from caravan_client.generated import AuthenticatedClient
from caravan_client.generated.api.flows import get_flow
from caravan_client.generated.api.uploads import create_upload
from caravan_client.generated.models import FlowView, UploadView
from caravan_client.generated.types import Response

Item = TypeVar("Item", covariant=True)  # noqa: PLC0105 - named as in the list it comes from
AT_REST = ("completed", "failed", "cancelled", "waiting", "rolled_back")
_SECONDS_BETWEEN_LOOKS = 2.0


class Page(Protocol[Item]):
    """Every list of the API. `next_cursor` is None on the last page."""

    @property
    def items(self) -> Sequence[Item]: ...

    @property
    def next_cursor(self) -> str | None: ...


class Caravan:
    """A connection to one gateway with one token. `client` is what generated calls take.

    Use it as a context manager, or close it.
    """

    def __init__(self, url: str, token: str, *, timeout: float = 60) -> None:
        self.client = AuthenticatedClient(base_url=url, token=token, timeout=httpx.Timeout(timeout))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self.client.get_httpx_client().close()

    def upload(self, file: Path, *, idempotency_key: str | None = None) -> UploadView:
        """Streams the file, however large. Raises ProblemError."""
        headers = {} if idempotency_key is None else {"Idempotency-Key": idempotency_key}
        with file.open("rb") as content:
            # The generated call would hold the file in memory, and part it by a boundary that a file may contain.
            answer = self.client.get_httpx_client().post(
                "/api/v1/uploads", files={"file": (file.name, content)}, headers=headers
            )
        built: Response[Any] = create_upload._build_response(client=self.client, response=answer)  # noqa: SLF001
        uploaded: UploadView = expect(built)
        return uploaded

    @staticmethod
    def items(fetch: Callable[[str | None], Page[Item]]) -> Iterator[Item]:
        """Every item of a list, page after page: `fetch` gets the cursor, None for the first page."""
        cursor: str | None = None
        while True:
            page = fetch(cursor)
            yield from page.items
            cursor = page.next_cursor
            if not cursor:
                return

    def events(
        self, *, flow: UUID | None = None, types: Sequence[str] = (), last_event_id: str | None = None
    ) -> Iterator[Event]:
        """As they happen, without end; a lost connection is taken up where it broke. Raises ProblemError."""
        query = {"flow": str(flow)} if flow else {}
        query |= {"types": ",".join(types)} if types else {}
        http = self.client.get_httpx_client()
        while True:
            headers = {"Accept": "text/event-stream"} | (
                {"Last-Event-ID": last_event_id} if last_event_id else {}
            )
            try:
                with http.stream("GET", "/api/v1/events", params=query, headers=headers) as answer:
                    if answer.status_code >= 400:
                        answer.read()
                        expect(get_flow._build_response(client=self.client, response=answer))  # noqa: SLF001
                    for event in read_events(answer.iter_lines(), last_event_id or ""):
                        last_event_id = event.id
                        if event.data is not None:
                            yield event
            except httpx.TransportError:
                time.sleep(_SECONDS_BETWEEN_LOOKS)
            except ProblemError as refused:
                if refused.status != 503:
                    raise
                time.sleep(refused.retry_after or _SECONDS_BETWEEN_LOOKS)

    def wait(self, flow_id: UUID, *, seconds: float = 3600, until: Sequence[str] = AT_REST) -> FlowView:
        """Looks at the flow until it rests. Raises ProblemError, TimeoutError."""
        deadline = time.monotonic() + seconds
        while True:
            flow: FlowView = expect(get_flow.sync_detailed(flow_id, client=self.client))
            if flow.status in until:
                return flow
            if time.monotonic() > deadline:
                raise TimeoutError(f"The flow is {flow.status} after {seconds:g} seconds.")
            time.sleep(min(_SECONDS_BETWEEN_LOOKS, max(0.05, deadline - time.monotonic())))
