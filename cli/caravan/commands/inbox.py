"""`caravan inbox` and `caravan overview`: what waits for a person, and an engagement on one screen."""

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from caravan.commands.gateway import Row, ask, full_id
from caravan.commands.options import DataDir, Json, Token, Url
from caravan.output import cleaned, out, print_json, print_table

if TYPE_CHECKING:
    from caravan.api import Api

_NOTHING = "Nothing waits for a person."


class Kind(StrEnum):
    QUESTION = "question"
    APPROVAL = "approval"
    FAILED = "failed"
    ROLLBACK = "rollback"
    PHASE = "phase"
    STALE = "stale"
    HANDOFF = "handoff"


def inbox(
    kind: Annotated[list[Kind] | None, typer.Option(help="Only this kind; several.")] = None,
    flow: Annotated[str | None, typer.Option(help="Only of this flow.")] = None,
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """List all that waits for a person, the oldest first."""

    async def listed(api: "Api") -> list[Row]:
        wanted: dict[str, Any] = {"kind": [each.value for each in kind] if kind else None}
        wanted["flow"] = None if flow is None else await full_id(api, flow)
        return [row async for row in api.pages("/inbox", **wanted)]

    rows = ask((url, token, data_dir), listed)
    if json:
        print_json(rows)
    elif not rows:
        out.print(_NOTHING)
    else:
        _show(rows)


def overview(url: Url = None, token: Token = None, data_dir: DataDir = None, json: Json = False) -> None:
    """Show an engagement on one screen: flows, the estate in figures, what waits."""
    from caravan.connection import own_token
    from caravan.embedded.folder import default_folder
    from caravan.tenants import tenant_of

    bearer = token or own_token(data_dir or default_folder())

    async def seen(api: "Api") -> Row:
        found: Row = await api.get(f"/engagements/{tenant_of(bearer).engagement_id}/overview")
        return found

    found = ask((url, bearer, data_dir), seen)
    if json:
        print_json(found)
        return
    out.print(cleaned(f"Engagement {found['engagement']['name']}"), markup=False)
    print_table(("", ""), list(_lines(found)))
    if found["oldest"]:
        out.print("\nThe oldest that wait:")
        _show(found["oldest"])


def _lines(found: Row) -> list[list[object]]:
    flows, assets, waiting = found["flows"], found["assets"], found["waiting"]
    lines: list[list[object]] = [
        ["flows", _told(flows["total"], flows["by_status"])],
        ["assets", _told(assets["total"], assets["by_type"])],
        ["migration targets", assets["migration_targets"]],
        ["not targets", _told(sum(assets["not_targets"].values()), assets["not_targets"])],
    ]
    lines += [[name, found["results"][name]] for name in ("conflicts", "gaps") if name in found["results"]]
    kinds = {kind.value: waiting[kind.value] for kind in Kind if waiting[kind.value]}
    return [*lines, ["waits for a person", _told(waiting["total"], kinds)]]


def _told(total: int, parts: dict[str, int]) -> str:
    return f"{total}" + (
        f" ({', '.join(f'{count} {name}' for name, count in parts.items())})" if parts else ""
    )


def _show(entries: Sequence[Row]) -> None:
    """Each with the command in a line of its own, so that it can be copied."""
    for entry in entries:
        flow = entry["flow"]
        about = "" if entry["subject"] == flow["name"] else f": {entry['subject']}"
        options = f" ({', '.join(each['id'] for each in entry['options'])})" if entry["options"] else ""
        out.print(Text(cleaned(f"{entry['kind']}, {flow['flow_type']} {flow['name']}{about}")))
        out.print(Text(cleaned(f"  {entry['text']}{options}")))
        out.print(Text(cleaned(f"  {how_to_settle(entry)}")))


def how_to_settle(entry: Row) -> str:
    """The command, else the request where there is none."""
    flow = entry["flow"]["id"]
    retry = f"flow retry {flow}"
    commands = {
        Kind.QUESTION: f"question answer {entry['id']} {entry['recommendation']}",
        Kind.APPROVAL: f"approval approve {entry['id']}",
        Kind.FAILED: retry,
        Kind.ROLLBACK: retry,
        Kind.PHASE: f"flow execute {flow}",
        Kind.STALE: f"flow refresh {flow}",
        Kind.HANDOFF: f"flow handoff {flow} --to {entry['subject']}",
    }
    if (command := commands.get(entry["kind"])) is not None:
        return f"caravan {command}"
    action = entry["actions"][0]
    return f"{action['method']} {action['path']}"
