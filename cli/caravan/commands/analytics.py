"""`caravan analytics`: how the work goes, of all flows or of one."""

from typing import TYPE_CHECKING, Annotated

import typer

from caravan.commands.gateway import Row, ask, full_id
from caravan.commands.options import DataDir, Json, Token, Url
from caravan.output import out, print_json, print_table

if TYPE_CHECKING:
    from caravan.api import Api


def analytics(
    flow: Annotated[str | None, typer.Option(help="Only of this flow; of all when absent.")] = None,
    flow_type: Annotated[str | None, typer.Option("--type", help="Only flows of this type.")] = None,
    days: Annotated[int, typer.Option(min=1, max=366, help="Days of throughput to show.")] = 30,
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Say how the work goes: attempts, failures and seconds by phase, what was done by day, who decided."""

    async def asked(api: "Api") -> Row:
        path = "/analytics" if flow is None else f"/flows/{await full_id(api, flow)}/analytics"
        found: Row = await api.get(path, days=days, flow_type=flow_type if flow is None else None)
        return found

    found = ask((url, token, data_dir), asked)
    if json:
        print_json(found)
        return
    if not found["phases"]:
        out.print("Nothing has been computed yet; start a flow with `caravan flow create FILES…`.")
        return
    print_table(
        ("flow type", "phase", "attempts", "failed", "retries", "median s", "95 % s", "decided by"),
        [_phase(each) for each in found["phases"]],
    )
    print_table(
        ("day (UTC)", "phases", "units", "failed", "seconds"),
        [
            (day["day"], day["phases"], day["units"], day["failed"], f"{day['seconds']:.1f}")
            for day in found["days"]
        ],
    )
    used = found["usage"]
    tokens = used["prompt_tokens"] + used["completion_tokens"]
    out.print(
        f"Models were asked {used['calls']:,} times, for {tokens:,} tokens and {used['cost_usd']:.2f} USD."
    )


def _phase(row: Row) -> list[object]:
    who = ", ".join(f"{count:,} {name}" for name, count in row["decided_by"].items() if count)
    seconds = ["" if row[name] is None else f"{row[name]:.2f}" for name in ("median_seconds", "p95_seconds")]
    head = [row["flow_type"], row["phase"], row["attempts"], row["failed"], row["retries"]]
    return [*head, *seconds, who]
