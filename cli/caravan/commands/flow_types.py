"""`caravan flow-type`: the kinds of flow that services have announced."""

import typer

from caravan.commands.gateway import Row, ask, show_list
from caravan.commands.options import DataDir, Json, Token, Url

app = typer.Typer(help="Kinds of flow that services have announced.", no_args_is_help=True)


@app.command("list")
def list_(url: Url = None, token: Token = None, data_dir: DataDir = None, json: Json = False) -> None:
    """List flow types with their newest version, their workers and their phases in order."""
    rows = ask((url, token, data_dir), lambda api: api.get("/flow-types"))["items"]
    columns = ("flow type", "version", "workers", "phases")
    none = "No service has announced itself; start one with `caravan worker FLOW`, or all with `caravan up`."
    show_list(rows, columns, json=json, none=none, cells=_cells)


def _cells(row: Row) -> list[object]:
    phases = " → ".join(each["name"] if isinstance(each, dict) else str(each) for each in row["phases"])
    return [row["flow_type"], row["latest"], row["versions"][0]["consumers"], phases]
