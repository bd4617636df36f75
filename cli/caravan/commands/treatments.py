"""`caravan treatment`: what becomes of each application, and deciding otherwise."""

from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote

import typer

from caravan.commands.gateway import Row, ask, decided, full_id, is_key, key_of, show, show_list
from caravan.commands.options import DataDir, Json, Token, Url
from caravan.failures import BadInput

if TYPE_CHECKING:
    from caravan.api import Api

app = typer.Typer(help="What becomes of each application, and deciding otherwise.", no_args_is_help=True)
OfFlow = Annotated[
    str | None,
    typer.Option("--flow", help="The flow's id or its beginning; else the newest of the current estate."),
]
_NONE = (
    "There are no treatments: an assessment makes them. Those of an estate that is not the current one are there with"
    " --flow; see `caravan estate list`."
)
_COLUMNS = ("natural_key", "name", "treatment", "score", "decided_by")


@app.command("list")
def list_(
    flow: OfFlow = None,
    treatment: Annotated[str | None, typer.Option(help="Only those: rehost, retain …")] = None,
    contested: Annotated[bool, typer.Option("--contested", help="Only those that are contested.")] = False,
    sort: Annotated[str | None, typer.Option(help="A column, with a minus for the largest first.")] = None,
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """List the treatment of each application, with what a person has set since."""

    async def listed(api: "Api") -> list[Row]:
        wanted: Row = {
            "flow": None if flow is None else await full_id(api, flow),
            "treatment": treatment,
            "contested": True if contested else None,
            "sort": sort,
        }
        return [row async for row in api.pages("/treatments", **wanted)]

    rows = ask((url, token, data_dir), listed)
    columns = (*_COLUMNS, "set since")
    none = "No application fits." if treatment or contested else _NONE
    show_list(rows, columns, json=json, none=none, cells=_cells)


def _cells(row: Row) -> list[object]:
    said = row["decision"]
    since = (
        said["value"].get("treatment") if said and said["pending"] and isinstance(said["value"], dict) else ""
    )
    return [*("" if row.get(name) is None else row[name] for name in _COLUMNS), since or ""]


@app.command("set")
def set_(
    application: Annotated[str, typer.Argument(help="Its name or natural key, as `list` shows them.")],
    treatment: Annotated[str, typer.Argument(help="rehost, replatform, refactor, retire, retain …")],
    reason: Annotated[str, typer.Option(help="Kept with the decision.")],
    flow: OfFlow = None,
    learn: Annotated[
        bool, typer.Option("--learn/--once", help="Also for later flows, or for this one.")
    ] = True,
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Choose the treatment of an application; `caravan flow refresh` takes it in."""

    async def chosen(api: "Api") -> Row:
        wanted = None if flow is None else await full_id(api, flow)
        of = "" if wanted is None else f"?flow={wanted}"
        key = application
        if not is_key(application):
            rows = [row async for row in api.pages("/treatments", flow=wanted, fields="natural_key,name")]
            if not rows:
                raise BadInput(_NONE)
            key = key_of(application, rows, "caravan treatment list")
        body = {"treatment": treatment, "reason": reason, "learn": learn}
        path = f"/applications/{quote(key, safe='')}/treatment{of}"
        answer: Row = await api.put(path, body)
        return answer

    answer = ask((url, token, data_dir), chosen)
    show(answer, decided(answer["decision"]["number"], answer["stale"]), json=json)
