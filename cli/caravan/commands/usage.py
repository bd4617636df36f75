"""`caravan usage`: what crews have spent."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

import typer

from caravan.commands.gateway import Row
from caravan.commands.options import DataDir, Json, Token, Url
from caravan.output import out, print_json, print_table

_FIGURES = ("runs", "calls", "prompt_tokens", "completion_tokens", "reserved_tokens", "cost_usd")


class Group(StrEnum):
    FLOW = "flow"
    PHASE = "phase"
    MODEL = "model"
    PROMPT_VERSION = "prompt_version"
    DAY = "day"

    @property
    def column(self) -> str:
        """In the answer."""
        return "flow_id" if self is Group.FLOW else self.value


def usage(
    by: Annotated[
        list[Group] | None, typer.Option(help="What to add up by; several. [default: model]")
    ] = None,
    flow: Annotated[str | None, typer.Option(help="Only of this flow, with what its budget leaves.")] = None,
    phase: Annotated[str | None, typer.Option(help="Only of this phase.")] = None,
    model: Annotated[str | None, typer.Option(help="Only of this model.")] = None,
    since: Annotated[datetime | None, typer.Option(help="Reported at or after, UTC.")] = None,
    until: Annotated[datetime | None, typer.Option(help="Reported before, UTC.")] = None,
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Say what crews have spent."""
    from caravan.connection import connect
    from caravan.running import run

    groups = by or [Group.MODEL]
    wanted: Row = {
        "by": [group.value for group in groups],
        "flow": flow,
        "phase": phase,
        "model": model,
        "since": since and since.isoformat(),
        "until": until and until.isoformat(),
    }

    async def asked() -> dict[str, Any]:
        async with connect(url, token, data_dir) as api:
            answer: dict[str, Any] = await api.get("/usage", limit=1, **wanted)
            items = [row async for row in api.pages("/usage", **wanted)]
            return {"items": items, "total": answer["total"], "budget": answer["budget"]}

    found = run(asked())
    if json:
        print_json(found)
    elif found["items"]:
        columns = [group.column for group in groups]
        rows = [[row[name] for name in columns] + _shown(row) for row in found["items"]]
        if len(rows) > 1:
            rows.append(["total", *[""] * (len(columns) - 1), *_shown(found["total"])])
        print_table((*columns, *_FIGURES), rows)
    else:
        out.print("No crew has asked a model yet.")
    if found["budget"] and not json:
        budget = found["budget"]
        out.print(
            f"{budget['left_tokens']} of {budget['budget_tokens']} tokens of the flow's budget are left."
        )


def _shown(figures: dict[str, Any]) -> list[object]:
    return [f"{figures[name]:.4f}" if name == "cost_usd" else figures[name] for name in _FIGURES]
