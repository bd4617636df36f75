"""`caravan rollback`: what was taken back, and its proof. `caravan flow rollback` orders one."""

from typing import Annotated

import typer

from caravan.commands.gateway import FlowId, Limit, Row, ask, ask_list, asked_for, is_id, show_some
from caravan.commands.options import DataDir, Json, Token, Url
from caravan.commands.rollback import show_proof
from caravan.failures import BadInput
from caravan.output import cleaned, out, print_json, print_table

app = typer.Typer(
    help="What was taken back, with its proof; `caravan flow rollback` orders it.", no_args_is_help=True
)


@app.command("list")
def list_(
    flow: FlowId,
    limit: Limit = None,
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """List a flow's rollbacks, with who ordered each and why."""
    rows = ask_list((url, token, data_dir), "/rollbacks", flow=flow, most=asked_for(limit, json=json))
    columns = ("id", "kind", "phase", "status", "asked by", "created", "reason")
    none = (
        f"Nothing of this flow was taken back; what a rollback would do: caravan flow rollback {flow} --plan"
    )
    show_some(rows, columns, limit, json=json, none=none, cells=_cells)


def _cells(row: Row) -> list[object]:
    head = [row["id"], row["kind"], row["phase"], row["status"], row["requested_by"]]
    return [*head, row["created_at"][:19], row["reason"]]


@app.command()
def show(
    rollback: Annotated[str, typer.Argument(help="The rollback's id, as `list` shows it.")],
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Show a rollback step by step, and the proof that the state is the one before."""
    if not is_id(rollback):
        raise BadInput(f"{rollback!r} is no id of a rollback; `caravan rollback list FLOW` shows them.")
    found: Row = ask((url, token, data_dir), lambda api: api.get(f"/rollbacks/{rollback}"))
    if json:
        print_json(found)
        return
    of = f" {found['phase']}" if found["phase"] else ""
    head = f"Rollback {found['id']} ({found['kind']}{of}) {found['status']}, by {found['requested_by']}"
    out.print(cleaned(f"{head}: {found['reason']}"), markup=False)
    print_table(("step", "of flow", "what", "status", ""), [_step(each) for each in found["steps"]])
    show_proof(found["data_integrity_check"])
    if found["status"] == "operator":
        out.print(f"Mend what stopped it, then: caravan flow retry {found['flow_id']}", markup=False)


def _step(step: Row) -> list[object]:
    what = f"{step['kind']} {step['subject'] or ''}".strip()
    return [step["position"], step["flow_id"], what, step["status"], (step["details"] or {}).get("error")]
