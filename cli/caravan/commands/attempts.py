"""`caravan attempt`: the pieces of work that a flow gave to workers."""

from typing import Annotated

import typer

from caravan.commands.gateway import FlowId, Limit, Row, ask_list, asked_for, show_some
from caravan.commands.options import DataDir, Json, Token, Url

app = typer.Typer(help="Pieces of work that were given to workers.", no_args_is_help=True)


@app.command("list")
def list_(
    flow: FlowId,
    phase: Annotated[str | None, typer.Option(help="Only of this phase.")] = None,
    kind: Annotated[
        str | None, typer.Option(help="Only of this kind: execute, unit, compensate, handoff …")
    ] = None,
    limit: Limit = None,
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """List a flow's attempts: how often each was tried, how long it took in seconds, and what failed it.

    What has failed for good is tried again by `caravan flow retry FLOW`.
    """
    wanted = {"phase": phase, "kind": kind}
    rows = ask_list(
        (url, token, data_dir), "/attempts", flow=flow, most=asked_for(limit, json=json), **wanted
    )
    columns = ("id", "phase", "kind", "status", "retries", "seconds", "worker", "error")
    none = "No attempt fits; a flow's first is made when it starts."
    show_some(rows, columns, limit, json=json, none=none, cells=_cells)


def _cells(row: Row) -> list[object]:
    what = f"{row['kind']} {row['unit_key']}" if row["unit_key"] else row["kind"]
    seconds = "" if row["seconds"] is None else f"{row['seconds']:.1f}"
    error = (row["error"] or {}).get("message") or row["note"] or ""
    lost = f" ({row['lease_losses']} lost)" if row["lease_losses"] else ""
    tried = f"{row['retries']}{lost}"
    return [row["id"], row["phase"], what, row["status"], tried, seconds, row["worker"], error]
