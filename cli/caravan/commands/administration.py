"""`caravan client`, `engagement`, `member`, `quota`, `service-account`: who may work where, and how much."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from caravan.commands.gateway import Row, Where, ask, ask_list, show, show_list
from caravan.commands.options import DataDir, Json, Token, Url, Yes
from caravan.consent import ask_first, needs_yes
from caravan.failures import BadInput

clients = typer.Typer(help="The clients of the platform.", no_args_is_help=True)
engagements = typer.Typer(help="The engagements of a client.", no_args_is_help=True)
members = typer.Typer(help="Who may do what in an engagement.", no_args_is_help=True)
quotas = typer.Typer(help="How much a client may use.", no_args_is_help=True)
accounts = typer.Typer(help="Accounts of tools, with keys of their own.", no_args_is_help=True)

Roles = Annotated[
    list[str] | None, typer.Option("--role", help="viewer, operator, approver or admin; several.")
]
Days = Annotated[float | None, typer.Option("--days", help="Ends in so many days; never when absent.")]
Membership = Annotated[str, typer.Argument(help="The membership's id.")]
NO_LIMIT = -1


@clients.command("list")
def list_clients(url: Url = None, token: Token = None, data_dir: DataDir = None, json: Json = False) -> None:
    """List all clients with their quotas; needs the role platform."""
    rows = ask_list(_platform(url, token, data_dir), "/clients")
    columns = ("id", "name", "flows", "upload bytes", "tokens")
    show_list(rows, columns, json=json, none="There is no client yet.", cells=_client_cells)


@clients.command("create")
def create_client(
    name: Annotated[str, typer.Argument(help="The client's name, unlike any other's.")],
    engagement: Annotated[str, typer.Option(help="Name of its first engagement.")] = "main",
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Make a client with its first engagement; needs the role platform."""
    body = {"name": name, "engagement": engagement}
    made = ask(_platform(url, token, data_dir), lambda api: api.post("/clients", body))
    words = f"Client {made['id']} is there, with engagement {made['engagement_id']}; tokens must name both."
    show(made, words, json=json)


@engagements.command("list")
def list_engagements(
    url: Url = None, token: Token = None, data_dir: DataDir = None, json: Json = False
) -> None:
    """List the engagements that the token names."""
    found = ask((url, token, data_dir), lambda api: api.get("/engagements"))["items"]
    columns = ("id", "name", "current_estate_id")
    show_list(found, columns, json=json, none="The platform knows no engagement that the token names.")


@engagements.command("create")
def create_engagement(
    name: Annotated[str, typer.Argument(help="Its name, unlike the client's others.")],
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Make an engagement of the token's client."""
    made = ask((url, token, data_dir), lambda api: api.post("/engagements", {"name": name}))
    show(made, f"Engagement {made['id']} is there; tokens must name it.", json=json)


@members.command("list")
def list_members(url: Url = None, token: Token = None, data_dir: DataDir = None, json: Json = False) -> None:
    """List the members of the engagement."""
    rows = ask_list((url, token, data_dir), "/memberships")
    none = "Nobody is enrolled: everybody may what their token says."
    show_list(rows, ("id", "subject", "roles", "ends"), json=json, none=none, cells=_member_cells)


@members.command("add")
def add_member(
    subject: Annotated[str, typer.Argument(help="The subject of the tokens.")],
    role: Roles = None,
    name: Annotated[str | None, typer.Option(help="How people call them.")] = None,
    days: Days = None,
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Enrol a subject: it may what both its token and these roles allow. Without a role: nothing."""
    body = {"subject": subject, "display_name": name, "roles": role or [], "expires_at": _end(days)}
    made = ask((url, token, data_dir), lambda api: api.post("/memberships", body))
    show(made, f"{subject} is a member ({made['id']}).", json=json)


@members.command("change")
def change_member(
    membership: Membership,
    role: Roles = None,
    days: Days = None,
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Give a member other roles, or another end. It counts at once."""
    body = ({"roles": role} if role else {}) | ({"expires_at": _end(days)} if days is not None else {})
    if not body:
        raise BadInput("Say what is to change, with --role or --days.")
    made = ask((url, token, data_dir), lambda api: api.patch(f"/memberships/{membership}", body))
    show(made, f"{made['subject']} is changed.", json=json)


@members.command("remove")
def remove_member(
    membership: Membership,
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Shut a member out of the engagement, at once and whatever its token says."""
    ask((url, token, data_dir), lambda api: api.delete(f"/memberships/{membership}"))
    show({"removed": membership}, "The member may do nothing here any more.", json=json)


@quotas.command("show")
def show_quotas(url: Url = None, token: Token = None, data_dir: DataDir = None, json: Json = False) -> None:
    """Say what the token's client may use, and uses."""
    found = ask((url, token, data_dir), lambda api: api.get("/quotas"))
    rows = [
        {"quota": name, "limit": limit, "used": found["used"][name]}
        for name, limit in found["quotas"].items()
    ]
    if json:
        show(found, "", json=True)
    else:
        show_list(rows, ("quota", "limit", "used"), json=False, none="", cells=_quota_cells)


@quotas.command("set")
def set_quotas(
    client: Annotated[str, typer.Argument(help="The client's id, of `caravan client list`.")],
    flows_running: Annotated[int | None, typer.Option(help="Flows at the same time; -1: no limit.")] = None,
    upload_bytes: Annotated[
        int | None, typer.Option(help="Bytes of all files delivered; -1: no limit.")
    ] = None,
    llm_tokens: Annotated[int | None, typer.Option(help="Tokens of models in a month; -1: no limit.")] = None,
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Set a client's quotas; needs the role platform."""
    given = {"flows_running": flows_running, "upload_bytes": upload_bytes, "llm_tokens": llm_tokens}
    body = {name: None if limit == NO_LIMIT else limit for name, limit in given.items() if limit is not None}
    if not body:
        raise BadInput("Say what is to be set: --flows-running, --upload-bytes, --llm-tokens.")
    made = ask(_platform(url, token, data_dir), lambda api: api.put(f"/quotas/{client}", body))
    show(made, "The quotas are set.", json=json)


@accounts.command("list")
def list_accounts(
    all_: Annotated[bool, typer.Option("--all", help="Also those that were revoked.")] = False,
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """List the service accounts of the engagement, with when each was used last."""
    rows = ask_list((url, token, data_dir), "/service-accounts", revoked=True if all_ else None)
    columns = ("id", "name", "roles", "ends", "last used", "revoked")
    show_list(rows, columns, json=json, none="There is no service account.", cells=_account_cells)


@accounts.command("create")
def create_account(
    name: Annotated[str, typer.Argument(help="What the tool is called.")],
    role: Annotated[list[str] | None, typer.Option(help="viewer or operator. [default: viewer]")] = None,
    days: Annotated[float, typer.Option(help="Ends in so many days, 366 at most.")] = 90,
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Make a service account and show its key, this once."""
    body = {"name": name, "roles": role or ["viewer"], "expires_at": _end(days)}
    made = ask((url, token, data_dir), lambda api: api.post("/service-accounts", body))
    show(made, f"Its key, which is not shown again: {made['key']}", json=json)


@accounts.command("revoke")
def revoke_account(
    account: Annotated[str, typer.Argument(help="The account's id.")],
    yes: Yes = False,
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Let its key open nothing any more, at once."""
    needs_yes("The end of a key", yes=yes)
    ask_first(f"Revoke the key of {account} for good?", yes=yes)
    ask((url, token, data_dir), lambda api: api.delete(f"/service-accounts/{account}"))
    show({"revoked": account}, "Its key opens nothing any more.", json=json)


def _platform(url: str | None, token: str | None, data_dir: Path | None) -> Where:
    """On a machine with the platform's own key, whoever can read it runs the platform."""
    from caravan.connection import own_token
    from caravan.embedded.folder import default_folder

    return url, token or own_token(data_dir or default_folder(), roles=("platform",)), data_dir


def _end(days: float | None) -> str | None:
    return None if days is None else (datetime.now(UTC) + timedelta(days=days)).isoformat()


def _client_cells(row: Row) -> list[Any]:
    return [row["id"], row["name"], *(_limit(limit) for limit in row["quotas"].values())]


def _member_cells(row: Row) -> list[Any]:
    return [row["id"], row["subject"], ", ".join(row["roles"]) or "none", row["expires_at"] or "never"]


def _account_cells(row: Row) -> list[Any]:
    last = [row["last_used_at"] or "never", row["revoked_at"]]
    return [row["id"], row["name"], ", ".join(row["roles"]), row["expires_at"], *last]


def _quota_cells(row: Row) -> list[Any]:
    return [row["quota"], _limit(row["limit"]), row["used"]]


def _limit(limit: int | None) -> object:
    return "no limit" if limit is None else limit
