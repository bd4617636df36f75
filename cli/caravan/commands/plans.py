"""`caravan schedule`, `resource`, `target`, `cost`: what planning has come to, as lists."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from caravan.commands.gateway import FlowId, Limit, Row, Where, ask, asked_for, filled, full_id, show_some
from caravan.commands.options import DataDir, Json, Token, Url
from caravan.failures import BadInput
from caravan.output import out, print_json

if TYPE_CHECKING:
    from caravan.api import Api

schedules = typer.Typer(help="Tasks with their dates.", no_args_is_help=True)
resources = typer.Typer(help="Teams and their load.", no_args_is_help=True)
targets = typer.Typer(help="What each machine becomes, and at which price.", no_args_is_help=True)
costs = typer.Typer(help="What it costs, today and in each way.", no_args_is_help=True)

OfFlow = Annotated[
    str | None,
    typer.Option("--flow", help="The flow's id or its beginning; else the newest of the current estate."),
]
Search = Annotated[str | None, typer.Option("--search", help="Beginnings of words of the name.")]
Sort = Annotated[str | None, typer.Option(help="A column, with a minus for the largest first.")]
Column = Annotated[list[str] | None, typer.Option(help="Column to show (docs/exports.md); several.")]
_NONE = (
    "There are none: a planning makes them. Those of an estate that is not the current one are there with --flow; see"
    " `caravan estate list`."
)


@schedules.command("show")
def show_schedule(
    flow: FlowId,
    version: Annotated[
        str | None, typer.Option("--version", help="Id of a version; the one in force when absent.")
    ] = None,
    q: Search = None,
    sort: Sort = None,
    column: Column = None,
    limit: Limit = None,
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Show the tasks of a schedule; lengths and slack are in working days, effort in person-days."""
    usual = ("name", "application_name", "wave", "team", "starts", "ends", "slack_days", "critical")

    async def read(api: "Api") -> Row:
        path = f"/schedules/{version or await _tasks_of(api, flow)}"
        head: Row = await api.get(path, limit=1)
        most = asked_for(limit, json=json)
        return {
            **head,
            "items": [row async for row in api.pages(path, most=most, q=q, sort=sort)],
            "next_cursor": None,
        }

    found = ask((url, token, data_dir), read)
    if json:
        print_json(found)
        return
    if (told := found["summary"]) and (schedule := told.get("schedule")):
        span, least = schedule["makespan_days"], schedule["lower_bound_days"]
        out.print(f"{span:,} working days, {schedule['status']}; no plan is shorter than {least:,}.")
    columns = _columns(found["items"], usual, column)
    show_some(found["items"], columns, limit, json=False, none=_NONE, cells=lambda row: filled(row, columns))


async def _tasks_of(api: "Api", flow: str) -> str:
    """Raises BadInput where the flow has no schedule."""
    path = f"/flows/{await full_id(api, flow)}/datasets"
    async for row in api.pages(path, active=True):
        if row["name"] == "tasks":
            return str(row["id"])
    raise BadInput(
        "This flow has no schedule now: a planning makes it; see `caravan flow list --type planning`."
    )


@resources.command("list")
def list_resources(
    flow: OfFlow = None,
    q: Search = None,
    sort: Sort = None,
    column: Column = None,
    limit: Limit = None,
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """List teams by week: capacity and effort in person-days, utilisation as a fraction of 1."""
    usual = (
        "team",
        "week",
        "starts",
        "people",
        "capacity_days",
        "effort_days",
        "utilisation",
        "overloaded",
        "cost",
    )
    _list("/resources", usual, (url, token, data_dir), column, limit, json=json, flow=flow, q=q, sort=sort)


@targets.command("list")
def list_targets(
    flow: OfFlow = None,
    q: Search = None,
    sort: Sort = None,
    column: Column = None,
    limit: Limit = None,
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """List what each machine becomes: memory in GiB, prices a month; an unknown price is blank, never 0."""
    usual = (
        "name",
        "way",
        "provider",
        "region",
        "instance",
        "vcpu",
        "memory_gb",
        "price_per_month",
        "currency",
        "price_date",
    )
    _list("/targets", usual, (url, token, data_dir), column, limit, json=json, flow=flow, q=q, sort=sort)


@costs.command("list")
def list_costs(
    flow: OfFlow = None,
    q: Search = None,
    sort: Sort = None,
    column: Column = None,
    limit: Limit = None,
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """List costs a month, today and in each way, in total and by application, landing zone, treatment and wave."""
    usual = (
        "kind",
        "name",
        "assets",
        "currency",
        "today",
        "like_for_like",
        "right_sized",
        "managed",
        "planned",
    )
    _list("/costs", usual, (url, token, data_dir), column, limit, json=json, flow=flow, q=q, sort=sort)


def _list(
    path: str,
    usual: Sequence[str],
    where: Where,
    column: list[str] | None,
    limit: int | None,
    *,
    json: bool,
    flow: str | None,
    **wanted: Any,
) -> None:
    async def listed(api: "Api") -> list[Row]:
        of = None if flow is None else await full_id(api, flow)
        fields = ",".join(column) if column else None
        most = asked_for(limit, json=json)
        return [row async for row in api.pages(path, most=most, flow=of, fields=fields, **wanted)]

    rows = ask(where, listed)
    columns = _columns(rows, usual, column)
    show_some(rows, columns, limit, json=json, none=_NONE, cells=lambda row: filled(row, columns))


def _columns(rows: Sequence[Row], usual: Sequence[str], chosen: list[str] | None) -> tuple[str, ...]:
    """Those asked for, else the usual ones as far as this version of the service has them."""
    there = list(rows[0]) if rows else []
    return tuple(chosen or [name for name in usual if name in there] or there[: len(usual)] or usual)
