"""`caravan dead-letter`: messages that were parked because nobody could handle them."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from caravan.commands.gateway import Row, ask, ask_list, show, show_list
from caravan.commands.options import DataDir, Json, Token, Url
from caravan.failures import BadInput

if TYPE_CHECKING:
    from caravan.api import Api

app = typer.Typer(help="Messages that were parked.", no_args_is_help=True)


@app.command("list")
def list_(
    group: Annotated[str | None, typer.Option(help="Only those of this error group.")] = None,
    all_: Annotated[bool, typer.Option("--all", help="Also those replayed or discarded.")] = False,
    unowned: Annotated[
        bool,
        typer.Option(
            "--unowned",
            help="Those that name no flow, such as refused announcements; out of the database itself.",
        ),
    ] = False,
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """List parked messages with their error group."""
    if unowned:
        found = [each for each in _unowned(data_dir, all_) if group in (None, each["error_group"])]
        shown = ("id", "type", "reason", "subject", "repeats", "created_at")
        show_list(found, shown, json=json, none="No message without a flow is parked.")
        return
    wanted: Row = {"status": None if all_ else "parked", "error_group": group}
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


@app.command()
def discard(
    ids: Annotated[list[str], typer.Argument(help="Ids as `caravan dead-letter list --unowned` shows them.")],
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Put messages aside that name no flow and that nothing takes any more; the audit says who did it.

    Takes CARAVAN_DATABASE_URL and CARAVAN_DATABASE_DISPATCH_URL, or an embedded platform's --data-dir.
    """
    from caravan.embedded.folder import default_folder
    from caravan.running import run

    try:
        wanted = [UUID(each) for each in ids]
    except ValueError:
        raise BadInput(
            "Name messages by their whole id: `caravan dead-letter list --unowned` shows them."
        ) from None
    done = [str(each) for each in run(_discard(data_dir or default_folder(), wanted))]
    if missing := sorted({str(each) for each in wanted} - set(done)):
        raise BadInput(f"No such message is parked, or it names a flow: {', '.join(missing)}.")
    show({"discarded": done}, f"{len(done)} discarded.", json=json)


def _unowned(data_dir: Path | None, all_: bool) -> list[dict[str, Any]]:
    from caravan.embedded.folder import default_folder
    from caravan.running import run

    async def read() -> list[dict[str, Any]]:
        from caravan.database_access import open_database
        from caravan_orchestrator.store.dead_letters import list_unowned

        async with open_database(data_dir or default_folder()) as database:
            rows = await list_unowned(database.dispatch, status=None if all_ else "parked")
            return [{name: _plain(value) for name, value in row.items()} for row in rows]

    return run(read())


def _plain(value: Any) -> Any:
    return value if isinstance(value, int | None) else str(value)


async def _discard(folder: Path, ids: Sequence[UUID]) -> list[UUID]:
    from caravan.connection import user_name
    from caravan.database_access import open_database
    from caravan_orchestrator.store.dead_letters import discard_unowned
    from caravan_orchestrator.usecases.audit import append_platform_audit

    async with open_database(folder) as database:
        done = await discard_unowned(database.dispatch, ids)
        async with database.app.begin() as connection:
            for each in done:
                await append_platform_audit(connection, user_name(), "dead_letter.discarded", str(each), {})
    return done
