"""`caravan approval`: what may only go on with somebody's word, and giving or refusing it."""

from typing import Annotated

import typer

from caravan.commands.gateway import FlowId, Row, ask, ask_list, is_id, show, show_list
from caravan.commands.options import DataDir, Json, Token, Url
from caravan.failures import BadInput
from caravan.output import out

app = typer.Typer(help="What waits for somebody's word, and giving it.", no_args_is_help=True)
_COLUMNS = ("id", "phase", "subject", "status", "requested_by", "decided_by", "comment")
_Approval = Annotated[str, typer.Argument(help="The approval's id, as `list` and `caravan inbox` show it.")]
_Comment = Annotated[str | None, typer.Option(help="Kept with the decision.")]


@app.command("list")
def list_(
    flow: FlowId,
    all_: Annotated[bool, typer.Option("--all", help="Also those decided or no longer needed.")] = False,
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """List what of a flow waits for approval, and who asked for it."""
    rows = ask_list((url, token, data_dir), "/approvals", flow=flow, status=None if all_ else "open")
    show_list(rows, _COLUMNS, json=json, none="Nothing of this flow waits for approval.")
    if rows and not json and not all_:
        out.print(f"To let it go on: caravan approval approve {rows[0]['id']}", markup=False)


@app.command()
def approve(
    approval: _Approval,
    comment: _Comment = None,
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Let it go on; needs the role approver, and nobody approves what they asked for themselves."""
    _decide("approve", approval, comment, url, token, data_dir, json=json)


@app.command()
def reject(
    approval: _Approval,
    comment: _Comment = None,
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Refuse it: what was to be approved goes on waiting."""
    _decide("reject", approval, comment, url, token, data_dir, json=json)


def _decide(verb: str, approval: str, comment: str | None, *where: object, json: bool) -> None:
    if not is_id(approval):
        raise BadInput(f"{approval!r} is no id of an approval; `caravan approval list FLOW` shows them.")
    path = f"/approvals/{approval}/{verb}"
    answer: Row = ask(where, lambda api: api.post(path, {"comment": comment}))  # type: ignore[arg-type]
    decided = answer["approval"]
    words = f"{decided['subject']} of {decided['phase']} is {decided['status']}."
    show(answer, f"{words} See `caravan flow show {decided['flow_id']}`.", json=json)
