"""`caravan chain`: a whole journey on a running platform, flow after flow."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from caravan.commands.chain_view import brief_chain, print_chain
from caravan.commands.flows import create as create_flow
from caravan.commands.gateway import FlowId, Row, ask, full_id
from caravan.commands.options import DataDir, Json, Token, Url
from caravan.output import out, print_json

if TYPE_CHECKING:
    from caravan.api import Api

app = typer.Typer(help="Whole journeys, flow after flow.", no_args_is_help=True)


@app.command()
def create(
    files: Annotated[list[Path], typer.Argument(help="Inventory files.")],
    through: Annotated[str, typer.Option(help="The last flow type of the chain: assessment, planning …")],
    name: Annotated[str | None, typer.Option(help="For people; the first file's name when absent.")] = None,
    scope: Annotated[
        Path | None, typer.Option(help="A file naming one application or asset per line.")
    ] = None,
    as_of: Annotated[str | None, typer.Option(help="The day to compute for, as 2026-11-21.")] = None,
    auto_accept: Annotated[
        bool, typer.Option("--auto-accept/--ask", help="Let recommendations stand, or wait for answers.")
    ] = False,
    wait: Annotated[bool, typer.Option("--wait", help="Until nothing more happens by itself.")] = False,
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Deliver files and start a chain of flows on them. With --wait, exit 3 when one fails or is cancelled."""
    create_flow(
        files,
        through=through,
        name=name,
        scope=scope,
        as_of=as_of,
        auto_accept=auto_accept,
        wait=wait,
        url=url,
        token=token,
        data_dir=data_dir,
        json=json,
    )


@app.command()
def show(
    flow: FlowId, url: Url = None, token: Token = None, data_dir: DataDir = None, json: Json = False
) -> None:
    """Show all flows that belong together, with their progress and the handoffs between them."""

    async def shown(api: "Api") -> Row:
        return brief_chain(await api.get(f"/flows/{await full_id(api, flow)}/chain"))

    chain = ask((url, token, data_dir), shown)
    if json:
        print_json(chain)
    elif len(chain["flows"]) > 1 or chain["handoffs"]:
        print_chain(chain)
    else:
        out.print(
            f"This flow stands alone; once it is completed: caravan handoff create {flow}", markup=False
        )
