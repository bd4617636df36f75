"""`caravan handoff`: what one flow has given to the next, and handing it over."""

from typing import TYPE_CHECKING, Annotated

import typer

from caravan.commands.gateway import FlowId, Row, ask, full_id, show, show_list
from caravan.commands.options import DataDir, Json, Token, Url

if TYPE_CHECKING:
    from caravan.api import Api

app = typer.Typer(help="What one flow gives to the next.", no_args_is_help=True)


@app.command("list")
def list_(
    flow: FlowId, url: Url = None, token: Token = None, data_dir: DataDir = None, json: Json = False
) -> None:
    """List a flow's handoffs: to which flow, with how many datasets, or why it came to nothing."""

    async def listed(api: "Api") -> list[Row]:
        answer = await api.get(f"/flows/{await full_id(api, flow)}/handoffs")
        return list(answer["items"])

    rows = ask((url, token, data_dir), listed)
    none = f"This flow has handed nothing over; once it is completed: caravan handoff create {flow}"
    columns = ("to", "status", "flow", "datasets", "asked by", "created", "")
    show_list(rows, columns, json=json, none=none, cells=_cells)


def _cells(row: Row) -> list[object]:
    broken = "; ".join(
        f"{rule['rule']}: {rule['detail']}" for rule in row["rules"] or () if not rule["passed"]
    )
    why = (row["error"] or {}).get("message") or broken
    head = [row["target_flow_type"], row["status"], row["target_flow_id"], len(row["datasets"] or ())]
    return [*head, row["requested_by"], row["created_at"][:19], why]


@app.command("create")
def handoff(
    flow: FlowId,
    to: Annotated[
        str | None, typer.Option(help="The flow type to hand over to; the one that follows when absent.")
    ] = None,
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Hand a completed flow over to the next, or try a handoff again that failed."""

    async def asked(api: "Api") -> Row:
        body = {"target_flow_type": to} if to else {}
        answer: Row = await api.post(f"/flows/{await full_id(api, flow)}/handoffs", body)
        return answer

    answer = ask((url, token, data_dir), asked)
    words = (
        f"The handoff to {answer['target_flow_type']} is {answer['status']}; see `caravan flow show {flow}`."
    )
    show(answer, words, json=json)
