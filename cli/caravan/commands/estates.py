"""`caravan estate`: the estates of an engagement, and which is current."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import typer

from caravan.commands.gateway import FlowId, Row, Where, ask, full_id, show_list
from caravan.commands.options import DataDir, Json, Token, Url

if TYPE_CHECKING:
    from caravan.api import Api

app = typer.Typer(help="The estates of an engagement.", no_args_is_help=True)


@app.command("list")
def list_(url: Url = None, token: Token = None, data_dir: DataDir = None, json: Json = False) -> None:
    """List the estates, each that of one discovery, and which is current."""

    async def listed(api: "Api", engagement: str) -> Any:
        return await api.get(f"{engagement}/estates")

    _show(_ask((url, token, data_dir), listed), json=json)


@app.command()
def use(
    flow: FlowId, url: Url = None, token: Token = None, data_dir: DataDir = None, json: Json = False
) -> None:
    """Make the estate of this discovery the current one."""

    async def chosen(api: "Api", engagement: str) -> Any:
        return await api.post(f"{engagement}/current-estate", {"flow_id": await full_id(api, flow)})

    _show(_ask((url, token, data_dir), chosen), json=json)


def _ask(where: Where, question: Callable[["Api", str], Awaitable[Any]]) -> list[Row]:
    """In the engagement that the token names; its path is given to the question."""
    from caravan.connection import own_token
    from caravan.embedded.folder import default_folder
    from caravan.tenants import tenant_of

    url, token, data_dir = where
    bearer = token or own_token(data_dir or default_folder())

    async def asked(api: "Api") -> list[Row]:
        answer = await question(api, f"/engagements/{tenant_of(bearer).engagement_id}")
        return list(answer["items"])

    return ask((url, bearer, data_dir), asked)


def _show(estates: list[Row], *, json: bool) -> None:
    none = "There is no estate yet; start a discovery with `caravan flow create FILES…`."
    show_list(estates, ("flow", "name", "assets", ""), json=json, none=none, cells=_cells)


def _cells(estate: Row) -> list[object]:
    return [estate["flow_id"], estate["name"], estate["assets"], "current" if estate["current"] else ""]
