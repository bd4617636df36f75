"""`caravan dead`: messages that were parked because nobody could handle them."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from caravan.commands.gateway import ask, ask_list, show, show_list
from caravan.commands.options import DataDir, Json, Token, Url
from caravan.failures import BadInput

if TYPE_CHECKING:
    from caravan.api import Api

app = typer.Typer(help="Messages that were parked.", no_args_is_help=True)


@app.command("list")
def list_(
    group: Annotated[str | None, typer.Option(help="Only those of this error group.")] = None,
    all_: Annotated[bool, typer.Option("--all", help="Also those replayed or discarded.")] = False,
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """List parked messages with their error group."""
    wanted = {"status": None if all_ else "parked", "error_group": group}
    rows = ask_list((url, token, data_dir), "/dead-letters", **wanted)
    columns = ("id", "type", "reason", "error_group", "flow_id", "created_at")
    show_list(rows, columns, json=json, none="No message is parked.")


@app.command()
def replay(
    ids: Annotated[list[str] | None, typer.Argument(help="Which; or --group, or --all.")] = None,
    group: Annotated[str | None, typer.Option(help="All of this error group.")] = None,
    all_: Annotated[bool, typer.Option("--all", help="All that are parked.")] = False,
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Handle parked replies again, and retry what parked commands asked for."""
    if sum((bool(ids), group is not None, all_)) != 1:
        raise BadInput("Name the messages by id, or one --group, or --all.")
    body: dict[str, Any] = {"ids": ids} if ids else {"error_group": group} if group is not None else {}

    async def replayed(api: "Api") -> dict[str, int]:
        counts: dict[str, int] = await api.post("/dead-letters:replay", body)
        return counts

    counts = ask((url, token, data_dir), replayed)
    show(counts, ", ".join(f"{count} {what}" for what, count in counts.items()), json=json)
