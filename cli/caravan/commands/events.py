"""`caravan event`: what has happened in a flow, and what happens now."""

import asyncio
import json as json_
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Annotated, Any

import typer

from caravan.commands.gateway import FlowId, Limit, Row, Where, ask, ask_list, asked_for, full_id, show_some
from caravan.commands.options import DataDir, Json, Token, Url
from caravan.output import cleaned, err

app = typer.Typer(help="What has happened, and what happens now.", no_args_is_help=True)
_PREFIX = "caravan."
_RETRY_MILLISECONDS = 1000
# Somebody who watches wants to be told when a platform stays away, not left before a silent screen.
_MOST_TRIES = 30


@app.command("list")
def list_(
    flow: FlowId,
    limit: Limit = None,
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """List a flow's events in their order; times are UTC."""
    rows = ask_list((url, token, data_dir), "/events", flow=flow, most=asked_for(limit, json=json))
    none = "Nothing has happened in this flow yet."
    show_some(rows, ("number", "time", "event", ""), limit, json=json, none=none, cells=_cells)


def _cells(row: Row) -> list[object]:
    return [row["sequence"], row["time"][:19], row["type"].removeprefix(_PREFIX), brief(row["data"])]


@app.command()
def follow(
    flow: Annotated[str | None, typer.Option(help="Only of this flow.")] = None,
    types: Annotated[
        list[str] | None, typer.Option("--type", help="Only of this type: flow.completed …; several.")
    ] = None,
    after: Annotated[
        str | None,
        typer.Option("--after", help="Go on after this `position`, which --json shows with each event."),
    ] = None,
    count: Annotated[int | None, typer.Option(min=1, help="End after so many events.")] = None,
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Print each event as it happens, one a line, until Ctrl-C; it reconnects and misses none."""
    where = (url, token, data_dir)
    id_ = None if flow is None else ask(where, lambda api: full_id(api, flow))
    named = (
        None
        if not types
        else ",".join(each if each.startswith(_PREFIX) else _PREFIX + each for each in types)
    )
    from caravan.running import run

    run(_follow(where, Reading(after), count, json=json, flow=id_, types=named))


@dataclass
class Reading:
    """How far a stream has been read, by its own ids, and how long it asks to wait before coming again."""

    position: str | None = None
    retry: int = _RETRY_MILLISECONDS
    _lines: list[str] = field(default_factory=list)

    def take(self, line: str) -> Any:
        """The event that this line ends, as far as it ends one."""
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._lines.append(value)
        elif name == "id":
            self.position = value
        elif name == "retry" and value.isdigit():
            self.retry = int(value)
        elif not line and self._lines:
            data, self._lines = "\n".join(self._lines), []
            return json_.loads(data)
        return None

    def forget(self) -> None:
        """What a broken stream has left unfinished comes again."""
        self._lines = []


async def _follow(where: Where, reading: Reading, count: int | None, *, json: bool, **wanted: Any) -> None:
    left = count
    async for event in _events(where, reading, **wanted):
        if json:
            sys.stdout.write(json_.dumps({**event, "position": reading.position}, ensure_ascii=False) + "\n")
        else:
            kind = str(event["type"]).removeprefix(_PREFIX)
            words = (
                f"{str(event['time'])[:19]}  {event.get('subject') or ''}  {kind}  {brief(event.get('data'))}"
            )
            sys.stdout.write(cleaned(words).rstrip() + "\n")
        sys.stdout.flush()
        left = None if left is None else left - 1
        if left == 0:
            return


async def _events(where: Where, reading: Reading, **wanted: Any) -> AsyncIterator[Any]:
    """Of one connection after the other, each with a fresh token. Raises CommandFailed when it is refused, or when
    the platform stays away."""
    from caravan.connection import connect
    from caravan.failures import PlatformFault, PlatformUnavailable

    tries = 0
    while True:
        reading.forget()
        try:
            async with connect(*where) as api:
                async for line in api.lines("/events", last_event=reading.position, **wanted):
                    tries = 0
                    if (event := reading.take(line)) is not None:
                        yield event
        except (PlatformUnavailable, PlatformFault):
            # One that was never reached is a wrong address; one that was comes back.
            if reading.position is None or (tries := tries + 1) >= _MOST_TRIES:
                raise
            if tries == 1:
                err.print("The connection broke off; it is tried again.")
        await asyncio.sleep(reading.retry / 1000)


def brief(data: Any) -> str:
    """What is short enough for a line."""
    if not isinstance(data, dict):
        return ""
    shown = {name: each for name, each in data.items() if isinstance(each, str | int | float) and each != ""}
    return ", ".join(f"{name} {each}" for name, each in list(shown.items())[:4])
