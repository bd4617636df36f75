"""`caravan service`: which broker user may speak for which flow type."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from caravan.commands.gateway import show, show_list
from caravan.commands.options import DryRun, Json, Yes
from caravan.consent import ask_first, needs_yes
from caravan.failures import BadInput

app = typer.Typer(help="The flow services and their users of the broker.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The flow type, such as discovery.")]
User = Annotated[str | None, typer.Option(help="The broker user; by default the flow type's name.")]
Vhost = Annotated[
    str, typer.Option(envvar="CARAVAN_BROKER_VHOST", show_envvar=False, help="The broker's virtual host.")
]
ManagementUrl = Annotated[
    str | None,
    typer.Option(
        envvar="CARAVAN_BROKER_MANAGEMENT_URL",
        show_envvar=False,
        help="The broker's management API with an administrator's name and password; best as"
        " CARAVAN_BROKER_MANAGEMENT_URL, which no list of processes shows.",
    ),
]
MappingOnly = Annotated[
    bool, typer.Option("--mapping-only", help="Leave the broker alone: its users are made elsewhere.")
]


@app.command()
def add(
    name: Name,
    user: User = None,
    vhost: Vhost = "caravan",
    management_url: ManagementUrl = None,
    definitions: Annotated[
        Path | None,
        typer.Option(help="Write the user to this file of RabbitMQ definitions instead."),
    ] = None,
    mapping_only: MappingOnly = False,
    password_file: Annotated[
        Path | None,
        typer.Option(
            help="Holds the password, or is made with a new one; without it a new one is printed once."
        ),
    ] = None,
    rotate: Annotated[bool, typer.Option("--rotate", help="Give an existing user a new password.")] = False,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    """Make the broker user of a flow service with the permissions it needs, and map the flow type to it.

    Takes CARAVAN_DATABASE_OWNER_URL. Safe to repeat: what is as it should be is left alone.
    """
    from caravan.broker_users import Management
    from caravan.running import run
    from caravan.service_users import Wish, add_by_definitions, add_by_management, map_flow_type

    if sum((management_url is not None and definitions is None, definitions is not None, mapping_only)) == 0:
        raise BadInput("Name the broker with --management-url or --definitions, or say --mapping-only.")
    owner = _owner_url()
    wish = Wish.of(name, user, vhost, password_file, rotate=rotate, dry_run=dry_run)
    outcome = wish.outcome()
    if definitions is not None and not mapping_only:
        add_by_definitions(wish, definitions, outcome)
    elif management_url is not None and not mapping_only:
        with Management(management_url, vhost) as broker:
            add_by_management(wish, broker, outcome)
    try:
        run(map_flow_type(owner, wish, outcome))
    except Exception:
        # It is shown nowhere again, and the next try leaves the user as it is.
        if outcome.password is not None:
            show(asdict(outcome), _told(outcome.password), json=json)
        raise
    words = ", ".join(outcome.changes) or "nothing to change"
    sentence = f"{'Would be: ' if dry_run else ''}{words}."
    if outcome.password is not None:
        sentence += "\n" + _told(outcome.password)
    show(asdict(outcome), sentence, json=json)


@app.command("list")
def list_(vhost: Vhost = "caravan", management_url: ManagementUrl = None, json: Json = False) -> None:
    """List flow types with their users, versions and replicas; with --management-url also what the broker knows."""
    from caravan.broker_users import Management
    from caravan.running import run
    from caravan.service_users import known_services
    from caravan_common.bus import service_permissions

    rows = run(known_services(_owner_url()))
    if management_url is not None:
        with Management(management_url, vhost) as broker:
            for row in rows:
                permissions = broker.permissions(row["user"]) if row["user"] else None
                needed = service_permissions(row["flow_type"])
                row["broker"] = (
                    "missing"
                    if permissions is None
                    else "ok"
                    if permissions == needed
                    else "other permissions"
                )
    columns = ("flow_type", "user", "versions", "replicas", "announced_at")
    show_list(
        rows,
        (*columns, "broker") if management_url is not None else columns,
        json=json,
        none="No flow type is mapped or announced.",
    )


@app.command()
def remove(
    name: Name,
    vhost: Vhost = "caravan",
    management_url: ManagementUrl = None,
    mapping_only: MappingOnly = False,
    dry_run: DryRun = False,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Unmap a flow type and remove its broker user, so that nobody may speak for it. Its flows and history stay."""
    from caravan.broker_users import Management
    from caravan.running import run
    from caravan.service_users import check_name, remove_by_management, unmap_flow_type

    if management_url is None and not mapping_only:
        raise BadInput("Name the broker with --management-url, or say --mapping-only.")
    check_name(name)
    if not dry_run:
        needs_yes("The removal of a service", yes=yes, preview="--dry-run")
        ask_first(f"Let nobody speak for {name} any more?", yes=yes)
    # First the mapping: from here on nothing the user says counts, whatever the broker does.
    user = run(unmap_flow_type(_owner_url(), name, dry_run=dry_run))
    changes = [] if user is None else ["flow type unmapped"]
    if management_url is not None and not mapping_only:
        with Management(management_url, vhost) as broker:
            if remove_by_management(user or name, broker, dry_run=dry_run):
                changes.append("user removed")
    result: dict[str, Any] = {"flow_type": name, "user": user, "dry_run": dry_run, "changes": changes}
    words = ", ".join(changes) or "nothing to change"
    show(result, f"{'Would be: ' if dry_run else ''}{words}.", json=json)


def _told(password: str) -> str:
    return f"Password (shown this once): {password}"


def _owner_url() -> str:
    from caravan_common.settings import Settings

    url = Settings.load().database_owner_url
    if url is None:
        raise BadInput("Set CARAVAN_DATABASE_OWNER_URL: only the database's owner may map flow types.")
    return url
