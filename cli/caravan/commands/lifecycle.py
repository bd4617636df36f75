"""`caravan lifecycle`: the end-of-life dates that tech debt is judged by, and their refresh from endoflife.date."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from caravan.commands.gateway import show as show_answer
from caravan.commands.options import DataDir, DryRun, Json, Token, Url, Yes
from caravan.consent import ask_first, needs_yes
from caravan.failures import BadInput
from caravan.output import out, print_json, print_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from caravan_discovery.domain.lifecycle import Cycle, Publication, TableChange

app = typer.Typer(help="End-of-life dates of products, and where they come from.", no_args_is_help=True)
_SHOWN = 40
_NAME = "lifecycle"


@app.command()
def refresh(
    origin: Annotated[
        str,
        typer.Argument(
            metavar="FILE_OR_URL",
            help="What endoflife.date publishes: API v1 products/full or products/NAME, an older NAME.json, "
            "product files (.md), or a folder of any of these.",
        ),
    ],
    taken: Annotated[
        str | None,
        typer.Option(
            "--taken", metavar="DAY", help="Day the data speaks for; else what it says, else today."
        ),
    ] = None,
    file: Annotated[
        Path | None, typer.Option("--file", help="Table to write; else lifecycle.json in the data folder.")
    ] = None,
    plain_http: Annotated[bool, typer.Option("--plain-http", help="Allow http without encryption.")] = False,
    dry_run: DryRun = False,
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Take newer end-of-life dates, say what they change, and put them in force for the client.

    They are kept in the data folder, and given to the platform that runs on it or that --url names; without one, to
    the next that starts on the folder. What was judged by other dates is shown as stale until its flow is refreshed.
    """
    from caravan.reference_tables import platform_runs, put_in_force
    from caravan_discovery.domain.lifecycle import (
        SHIPPED,
        TableIsInvalid,
        read_raw,
        renew,
        table_rows,
        write_table,
    )

    target = file or _kept(data_dir)
    try:
        publication = _read(origin, plain_http)
        raw = read_raw(target if target.is_file() else SHIPPED)
        day = _day(taken) or publication.taken or date.today()  # noqa: DTZ011 (a person's day)
        renewed, changes = renew(raw, publication, day)
        if not dry_run:
            write_table(renewed, target)
    except TableIsInvalid as error:
        raise BadInput(f"{error} Nothing was changed.") from None
    except OSError as error:
        raise BadInput(f"{target} can't be written ({error.strerror or error}).") from None
    reached = url or (file is None and platform_runs(data_dir))
    in_force = None
    if reached and not dry_run:
        in_force = put_in_force((url, token, data_dir), _NAME, table_rows(renewed))
    _tell(changes, len(publication.products), target, day, in_force, written=not dry_run, json=json)


@app.command()
def show(
    product: Annotated[str | None, typer.Argument(help="Product as endoflife.date calls it, rhel.")] = None,
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Show the table in use: its day and products, or one product's releases with who states them.

    It is that in force on the platform that --url names or that runs on the data folder; else the folder's own.
    """
    from caravan.reference_tables import platform_runs, rows_in_force
    from caravan_discovery.domain.lifecycle import SHIPPED, TableIsInvalid, load_table, table_of_rows

    kept = _kept(data_dir)
    try:
        if url or platform_runs(data_dir):
            in_force = rows_in_force((url, token, data_dir), _NAME)
            table = load_table() if in_force is None else table_of_rows(in_force)
        else:
            table = load_table(kept if kept.is_file() else SHIPPED)
    except TableIsInvalid as error:
        raise BadInput(str(error)) from None
    if product is None:
        rows = [(name, table.titles[name], len(cycles)) for name, cycles in sorted(table.cycles.items())]
        head = {
            "source": table.source,
            "licence": table.licence,
            "taken": table.taken.isoformat(),
            "digest": table.digest,
        }
        if json:
            print_json(
                {
                    **head,
                    "products": [
                        dict(zip(("product", "title", "releases"), row, strict=True)) for row in rows
                    ],
                }
            )
            return
        out.print(
            f"{len(rows)} products of {table.source} ({table.licence}), taken {table.taken}, and of vendors."
        )
        print_table(("product", "title", "releases"), rows)
        return
    if product not in table.cycles:
        raise BadInput(
            f"{product} is not in the lifecycle table; `caravan lifecycle show` lists its products."
        )
    releases = [_facts(cycle) for cycle in table.cycles[product]]
    if json:
        print_json({"product": product, "title": table.titles[product], "releases": releases})
    else:
        out.print(f"{table.titles[product]}, table taken {table.taken}")
        print_table(tuple(releases[0]), [tuple(_in_words(each).values()) for each in releases])
        if any(each["weak"] for each in releases):
            out.print(
                "A weak source is neither the vendor nor endoflife.date: confirm the day with the vendor."
            )


@app.command()
def withdraw(
    yes: Yes = False, url: Url = None, token: Token = None, data_dir: DataDir = None, json: Json = False
) -> None:
    """Go back to the dates that are shipped: what was refreshed is no longer in force, nor in the data folder."""
    from caravan.reference_tables import platform_runs
    from caravan.reference_tables import withdraw as take_back

    needs_yes("The withdrawal of a lifecycle table", yes=yes)
    ask_first("Delete the refreshed dates, and judge by those that are shipped?", yes=yes)
    reached = bool(url or platform_runs(data_dir))
    if reached:
        take_back((url, token, data_dir), _NAME)
    _kept(data_dir).unlink(missing_ok=True)
    done = "The end-of-life dates that are shipped are in use again."
    show_answer({"withdrawn": True, "platform": reached}, done, json=json)


def _kept(data_dir: Path | None) -> Path:
    from caravan.embedded.folder import default_folder
    from caravan_discovery.domain.lifecycle import FILE_NAME

    return (data_dir or default_folder()) / FILE_NAME


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise BadInput(f"{text} is no day; write it as 2026-11-21.") from None


def _read(origin: str, plain_http: bool) -> "Publication":
    """A publication out of a URL, a file, or every file of a folder. Raises TableIsInvalid and BadInput."""
    from caravan.downloading import download
    from caravan_discovery.domain.lifecycle import MOST_BYTES, Publication, TableIsInvalid, read_publication

    if "://" in origin:
        return read_publication(download(origin, MOST_BYTES, plain_http=plain_http), origin)
    path = Path(origin).expanduser()
    files = (
        sorted(each for each in path.iterdir() if each.suffix in (".md", ".json"))
        if path.is_dir()
        else [path]
    )
    if not files:
        raise BadInput(f"{path} holds no .md or .json files.")
    found: list[dict[str, Any]] = []
    days = []
    for each in files:
        try:
            with each.open("rb") as opened:
                part = read_publication(opened.read(MOST_BYTES + 1), each.name)
        except OSError as error:
            raise BadInput(f"{each} can't be read ({error.strerror}).") from None
        found += part.products
        days += [part.taken] if part.taken else []
    names = [each["product"] for each in found]
    if len(set(names)) < len(names):
        raise TableIsInvalid(f"{path} tells of a product in two files.")
    return Publication(tuple(found), max(days, default=None))


def _facts(cycle: "Cycle") -> dict[str, Any]:
    ended = {True: "ended", False: "not announced"}
    return {
        "release": cycle.cycle,
        "released": cycle.released,
        "eol": ended[cycle.eol] if isinstance(cycle.eol, bool) else cycle.eol,
        "extended": cycle.extended,
        "as_of": cycle.as_of,
        "weak": cycle.weak,
        "source": cycle.source,
    }


def _in_words(facts: dict[str, Any]) -> dict[str, Any]:
    return facts | {"weak": "weak source" if facts["weak"] else ""}


def _tell(
    changes: "list[TableChange]",
    products: int,
    target: Path,
    day: date,
    in_force: "Mapping[str, Any] | None",
    *,
    written: bool,
    json: bool,
) -> None:
    rows = [(each.product, each.cycle, each.what, each.old, each.new) for each in changes]
    columns = ("product", "release", "what", "was", "is")
    if json:
        told = [dict(zip(columns, row, strict=True)) for row in rows]
        print_json(
            {
                "file": str(target),
                "taken": day.isoformat(),
                "written": written,
                "in_force": in_force,
                "products": products,
                "changes": told,
            }
        )
        return
    print_table(columns, rows[:_SHOWN])
    if len(rows) > _SHOWN:
        out.print(f"and {len(rows) - _SHOWN} more; --json lists all")
    done = f"written to {target}" if written else "nothing written"
    out.print(f"{products} products read, {len(rows)} changes, table of {day}: {done}.")
    if in_force is not None:
        out.print(
            f"In force; {in_force['stale_flows']} flows became stale by it (those that were before are not counted): "
            "`caravan flow refresh` takes the new dates in."
        )
    elif written:
        out.print(
            "In force for the platform that starts on this folder next; --url names one that runs elsewhere."
        )
