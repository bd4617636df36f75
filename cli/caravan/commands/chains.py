"""The chain that a flow belongs to, and handing it over."""

from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from caravan.commands.gateway import FlowId, Row, ask, full_id, show
from caravan.commands.options import DataDir, Json, Token, Url
from caravan.output import cleaned, out, print_table

if TYPE_CHECKING:
    from caravan.api import Api


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


def brief_chain(chain: Row) -> Row:
    """As it is, with little of each flow."""
    kept = ("id", "flow_type", "status", "reason", "stale", "progress", "parent_flow_id")
    return {**chain, "flows": [{name: flow[name] for name in kept} for flow in chain["flows"]]}


def print_chain(chain: Row) -> None:
    """Nothing where a flow stands alone."""
    if len(chain["flows"]) > 1 or chain["handoffs"]:
        # What was asked for, and what somebody handed over to beyond that.
        way = dict.fromkeys([*chain["flow_types"], *(flow["flow_type"] for flow in chain["flows"])])
        out.print(Text(cleaned(f"Chain, {chain['progress']:.0%}: {' → '.join(way)}")))
        rows = [
            (flow["id"], flow["flow_type"], flow["status"] + (" (stale)" if flow["stale"] else ""))
            for flow in chain["flows"]
        ]
        print_table(("flow", "type", "status"), rows)
    for each in chain["handoffs"]:
        if each["status"] in ("requested", "building", "failed"):
            why = f": {each['error']['message']}" if each["error"] else ""
            out.print(Text(cleaned(f"Handoff to {each['target_flow_type']} {each['status']}{why}")))
            if each["status"] == "failed":
                out.print(f"Mend that, then: caravan flow handoff {each['source_flow_id']}", markup=False)
