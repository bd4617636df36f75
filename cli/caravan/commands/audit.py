"""`caravan audit`: what was done, by whom, and whether the record of it is whole."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from caravan.commands.gateway import Limit, Row, ask, asked_for, full_id, show_some
from caravan.commands.options import DataDir, Json, Token, Url
from caravan.failures import FlowFailed
from caravan.output import out, print_json, print_table

app = typer.Typer(help="The record of what was done, and by whom.", no_args_is_help=True)

if TYPE_CHECKING:
    from caravan.api import Api


@app.command("list")
def list_(
    flow: Annotated[str | None, typer.Option(help="Only of this flow.")] = None,
    actor: Annotated[str | None, typer.Option(help="Only what this person or tool did.")] = None,
    action: Annotated[str | None, typer.Option(help="Only this action: flow.created …")] = None,
    since: Annotated[datetime | None, typer.Option(help="Done at or after, UTC.")] = None,
    until: Annotated[datetime | None, typer.Option(help="Done before, UTC.")] = None,
    limit: Limit = None,
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """List what was done and by whom, the newest first; times are UTC."""

    async def listed(api: "Api") -> list[Row]:
        of = None if flow is None else await full_id(api, flow)
        wanted = {
            "flow": of,
            "actor": actor,
            "action": action,
            "since": since and since.isoformat(),
            "until": until and until.isoformat(),
        }
        return [row async for row in api.pages("/audit", most=asked_for(limit, json=json), **wanted)]

    rows = ask((url, token, data_dir), listed)
    columns = ("when", "who", "what", "about", "flow")
    show_some(rows, columns, limit, json=json, none="Nothing of that kind was done.", cells=_cells)


def _cells(row: Row) -> list[object]:
    return [row["at"][:19], row["actor"], row["action"], row["subject"], row["flow_id"]]


@app.command()
def verify(token: Token = None, data_dir: DataDir = None, json: Json = False) -> None:
    """Recompute every flow's chain of hashes and the seals over them; exit 3 when a row was changed or removed."""
    from caravan.embedded.folder import default_folder
    from caravan.running import run

    clients, faults = run(_verify(data_dir or default_folder(), token))
    if json:
        print_json(
            {"clients": clients, "faults": [{"chain": chain, "problem": words} for chain, words in faults]}
        )
    elif faults:
        print_table(("chain", "what is wrong"), faults)
    else:
        out.print("Every chain is whole: no row was changed, removed or cut off.")
    if faults:
        raise FlowFailed(
            f"The audit record of {len(faults)} chains is not what was written; restore it from a backup."
        )


async def _verify(folder: Path, token: str | None) -> tuple[int, list[tuple[str, str]]]:
    """How many clients were looked at, and the chains that are broken."""
    from caravan.database_access import open_database
    from caravan.tenants import remembered_tenants, tenant_of
    from caravan_orchestrator.store.audit import verify_audit

    tenants = [tenant_of(token)] if token else [named.tenant for named in remembered_tenants(folder)]
    by_client = {tenant.client_account_id: tenant for tenant in tenants}
    faults: dict[tuple[str, str], None] = {}
    async with open_database(folder) as database:
        for tenant in by_client.values():
            for fault in await verify_audit(database, tenant):
                faults[fault.chain, fault.problem] = None
    return len(by_client), list(faults)
