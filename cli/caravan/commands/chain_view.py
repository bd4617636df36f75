"""How the chain that a flow belongs to is shown."""

from rich.text import Text

from caravan.commands.gateway import Row
from caravan.output import cleaned, out, print_table


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
