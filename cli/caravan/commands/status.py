"""`caravan status`: what a running platform is doing."""

from collections import Counter
from typing import TYPE_CHECKING, Any

from caravan.commands.gateway import ask
from caravan.commands.options import DataDir, Json, Token, Url
from caravan.output import out, print_json, print_table
from caravan.workers import workers_of

if TYPE_CHECKING:
    from caravan.api import Api


def status(url: Url = None, token: Token = None, data_dir: DataDir = None, json: Json = False) -> None:
    """Show whether a platform is up, its flow types with their workers, and its flows by state."""
    from caravan.connection import platform_url

    async def asked(api: "Api") -> dict[str, Any]:
        types = (await api.get("/flow-types"))["items"]
        flows = Counter([f["status"] async for f in api.pages("/flows", fields="status")])
        health = await api.ready()
        return {
            "url": platform_url(url, data_dir),
            "ready": health["ready"],
            "checks": health["checks"],
            "flow_types": [
                {
                    "flow_type": t["flow_type"],
                    "version": t["latest"],
                    "workers": workers_of(t),
                    "consumers": t["versions"][0]["consumers"],
                }
                for t in types
            ],
            "flows": dict(flows),
        }

    found = ask((url, token, data_dir), asked)
    if json:
        print_json(found)
        return
    out.print(f"Caravan at {found['url']} is {'ready' if found['ready'] else 'not ready'}.")
    print_table(("check", ""), sorted(found["checks"].items()))
    types = [
        (each["flow_type"], each["version"], each["workers"], each["consumers"])
        for each in found["flow_types"]
    ]
    print_table(("flow type", "version", "workers", "free slots"), types)
    if found["flows"]:
        print_table(("flows", "count"), sorted(found["flows"].items()))
    else:
        out.print("There are no flows yet; start one with `caravan flow create FILES…`.")
