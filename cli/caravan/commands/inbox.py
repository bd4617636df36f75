"""`caravan inbox` and `caravan overview`: what waits for a person, and an engagement on one screen."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from caravan.commands.gateway import Row, ask, full_id, show_list
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
    columns = ("kind", "flow", "about", "what to do", "request")
    show_list(rows, columns, json=json, none=_NOTHING, cells=_cells)


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
        print_table(
            ("waits", "flow", "about", "what to do", "request"), [_cells(row) for row in found["oldest"]]
        )


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


def _cells(entry: Row) -> list[object]:
    action = entry["actions"][0]
    flow = f"{entry['flow']['name']} ({entry['flow']['id']})"
    return [entry["kind"], flow, entry["subject"], entry["text"], f"{action['method']} {action['path']}"]
