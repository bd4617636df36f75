"""Takes in what was decided: a flow, then those grown from it, one after the other as each hands over."""

from collections.abc import Mapping
from typing import Any

from caravan.api import Api
from caravan.failures import FlowFailed
from caravan.journey import COMPLETED, follow_chain
from caravan.output import Steps


async def refresh_from(api: Api, flow_id: str, steps: Steps) -> list[dict[str, Any]]:
    """The flows that were refreshed, as they are then. Waits for what runs. Raises FlowFailed."""
    done: list[str] = []
    while True:
        chain = await follow_chain(api, flow_id, steps)
        flows = {flow["id"]: flow for flow in chain["flows"]}
        mine = [flow for flow in chain["flows"] if flow_id in _line(flow, flows)]
        broken = next((flow for flow in mine if flow["status"] == "failed"), None)
        if broken is not None:
            raise FlowFailed(
                f"The {broken['flow_type']} flow {broken['id']} failed; see `caravan flow show {broken['id']}`."
            )
        stale = [flow for flow in mine if _can_be_refreshed(flow) and flow["id"] not in done]
        if not stale:
            return [flows[id_] for id_ in done]
        await api.post(f"/flows/{stale[0]['id']}/refresh")
        done.append(stale[0]["id"])


def _can_be_refreshed(flow: Mapping[str, Any]) -> bool:
    return bool(flow["stale"]) and flow["status"] in (COMPLETED, "waiting")


def _line(flow: Mapping[str, Any], flows: Mapping[str, Mapping[str, Any]]) -> set[str]:
    """Its id and those of all it has grown from, as far as they are shown."""
    found = {flow["id"]}
    while (parent := flow["parent_flow_id"]) in flows:
        found.add(parent)
        flow = flows[parent]
    return found
