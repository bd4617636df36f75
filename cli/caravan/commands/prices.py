"""`caravan price`: the list prices that targets are reckoned with, how old they are, and a list of one's own."""

import json as json_
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from caravan.commands.gateway import Row, Where
from caravan.commands.options import DataDir, DryRun, Json, Token, Url, Yes
from caravan.consent import ask_first, needs_yes
from caravan.failures import BadInput
from caravan.output import out, print_json, print_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from caravan_planning.domain.target.prices import PriceList

app = typer.Typer(help="List prices of targets: their day, their source, and your own.", no_args_is_help=True)
_NAME = "prices"


@app.command()
def show(
    provider: Annotated[str | None, typer.Argument(help="aws, azure or google; all when absent.")] = None,
    region: Annotated[
        str | None, typer.Argument(help="One of its regions: then each price is listed.")
    ] = None,
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Show the prices in use by provider and region: how many, of which days, from which sources.

    They are those of the platform that --url names or that runs on the data folder; else the folder's own list over
    what is shipped.
    """
    from caravan_planning.domain.failures import PriceListIsInvalid
    from caravan_planning.domain.target.price_files import frame_of_rows
    from caravan_planning.domain.target.prices import load_prices

    own = _own_rows((url, token, data_dir))
    try:
        prices = load_prices(None if own is None else frame_of_rows(own))
    except PriceListIsInvalid as error:
        raise BadInput(str(error)) from None
    rows = _facts(prices, frozenset(own or ()))
    chosen = [row for row in rows if provider in (None, row["provider"]) and region in (None, row["region"])]
    if not chosen:
        _refuse(rows, provider, region)
    listed = chosen if region is not None else _sum_up(chosen)
    if json:
        print_json({"currency": "USD", "own_entries": prices.own_entries, "prices": listed})
        return
    _tell(listed, prices.own_entries, detailed=region is not None)


@app.command()
def refresh(
    file: Annotated[Path, typer.Argument(help="CSV or JSON, as docs/targets.md describes it.")],
    dry_run: DryRun = False,
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Put a price list of your own in force, in place of the one before; what it lacks is priced as shipped.

    It is kept in the data folder, and given to the platform that runs on it or that --url names; without one, to the
    next that starts on the folder. What was reckoned with other prices is shown as stale until its flow is refreshed.
    """
    from caravan.reference_tables import platform_runs, put_in_force
    from caravan_planning.domain.failures import PriceListIsInvalid
    from caravan_planning.domain.target.price_files import MOST_BYTES, read_price_file

    try:
        with file.open("rb") as opened:
            rows = read_price_file(opened.read(MOST_BYTES + 1), file.name)
    except PriceListIsInvalid as error:
        raise BadInput(f"{error} Nothing was changed.") from None
    except OSError as error:
        raise BadInput(f"{file} can't be read ({error.strerror}).") from None
    told = None
    if not dry_run:
        if url or platform_runs(data_dir):
            told = put_in_force((url, token, data_dir), _NAME, rows)
        _keep(data_dir, rows)
    _tell_refreshed(rows, told, written=not dry_run, json=json)


@app.command()
def withdraw(
    yes: Yes = False, url: Url = None, token: Token = None, data_dir: DataDir = None, json: Json = False
) -> None:
    """Go back to the prices that are shipped: your own list is no longer in force, nor in the data folder."""
    from caravan.reference_tables import platform_runs
    from caravan.reference_tables import withdraw as take_back

    needs_yes("The withdrawal of a price list", yes=yes)
    ask_first("Delete your own price list, and reckon with those that are shipped?", yes=yes)
    reached = bool(url or platform_runs(data_dir))
    if reached:
        take_back((url, token, data_dir), _NAME)
    _kept(data_dir).unlink(missing_ok=True)
    if json:
        print_json({"withdrawn": True, "platform": reached})
    else:
        out.print("The prices that are shipped are in use again.")


def _refuse(rows: Sequence[Row], provider: str | None, region: str | None) -> NoReturn:
    """Raises BadInput with what there is."""
    regions = sorted({row["region"] for row in rows if row["provider"] == provider})
    known = regions or sorted({row["provider"] for row in rows})
    asked = " ".join(each for each in (provider, region) if each)
    raise BadInput(f"There are no prices of {asked}; there are those of {', '.join(known)}.")


def _own_rows(where: Where) -> "Mapping[str, str] | None":
    from caravan.reference_tables import platform_runs, rows_in_force
    from caravan_planning.domain.failures import PriceListIsInvalid
    from caravan_planning.domain.target.price_files import read_price_file

    url, _, data_dir = where
    if url or platform_runs(data_dir):
        return rows_in_force(where, _NAME)
    kept = _kept(data_dir)
    try:
        return read_price_file(kept.read_bytes(), kept.name) if kept.is_file() else None
    except (PriceListIsInvalid, OSError) as error:
        raise BadInput(f"{kept} can't be read ({error}); refresh it again, or delete it.") from None


def _kept(data_dir: Path | None) -> Path:
    from caravan.embedded.folder import default_folder
    from caravan_planning.domain.target.price_files import FILE_NAME

    return (data_dir or default_folder()) / FILE_NAME


def _keep(data_dir: Path | None, rows: "Mapping[str, str]") -> None:
    """Whole or not at all."""
    kept = _kept(data_dir)
    try:
        kept.parent.mkdir(parents=True, exist_ok=True)
        written = kept.with_suffix(".new")
        written.write_text(json_.dumps({"rows": rows}, indent=1), encoding="utf-8")
        written.replace(kept)
    except OSError as error:
        raise BadInput(f"{kept} can't be written ({error.strerror or error}).") from None


def _facts(prices: "PriceList", own: frozenset[str]) -> list[Row]:
    """One for each price: of machines and databases by the hour, of storage by GiB and month."""
    found = []
    for each in prices.offers.to_dicts():
        key = "/".join(str(each[name]) for name in ("provider", "region", "kind", "instance"))
        found.append({**each, "unit": "hour", "price": each["price_hour"], "own": key in own})
    for each in prices.storage.to_dicts():
        key = f"{each['provider']}/{each['region']}/storage"
        place = {"kind": "storage", "instance": each["storage_class"], "unit": "GiB month"}
        found.append({**each, **place, "price": each["price_gb_month"], "own": key in own})
    names = (
        "provider",
        "region",
        "kind",
        "instance",
        "price",
        "unit",
        "price_date",
        "price_source",
        "weak",
        "own",
    )
    return [{name: each[name] for name in names} for each in found]


def _sum_up(rows: Sequence[Row]) -> list[Row]:
    """By provider, region and kind."""
    groups: dict[tuple[str, str, str], list[Row]] = {}
    for row in rows:
        groups.setdefault((row["provider"], row["region"], row["kind"]), []).append(row)
    return [
        {
            "provider": place[0],
            "region": place[1],
            "kind": place[2],
            "prices": len(mine),
            "from": min(row["price_date"] for row in mine),
            "to": max(row["price_date"] for row in mine),
            "sources": sorted({row["price_source"] for row in mine}),
            "weak": sum(row["weak"] for row in mine),
            "own": sum(row["own"] for row in mine),
        }
        for place, mine in sorted(groups.items())
    ]


def _tell(rows: Sequence[Row], own: int, *, detailed: bool) -> None:
    columns: Sequence[str]
    if detailed:
        columns = ("kind", "instance", "USD", "per", "day", "source", "")
        cells: list[list[Any]] = [
            [row["kind"], row["instance"], f"{row['price']:g}", row["unit"], row["price_date"], row["price_source"],
             "your own" if row["own"] else "weak" if row["weak"] else ""]
            for row in rows
        ]  # fmt: skip
    else:
        columns = ("provider", "region", "kind", "prices", "from", "to", "source", "weak", "own")
        cells = [
            [
                *(row[name] for name in columns[:6]),
                "; ".join(row["sources"]),
                row["weak"] or "",
                row["own"] or "",
            ]
            for row in rows
        ]
    print_table(columns, cells)
    out.print(
        f"List prices in USD; {own} of a list of your own." if own else "List prices in USD, as shipped."
    )
    if any(row["weak"] for row in rows):
        out.print("A weak price wants confirming before anybody signs for it.")


def _tell_refreshed(rows: "Mapping[str, str]", told: Row | None, *, written: bool, json: bool) -> None:
    if json:
        print_json({"prices": len(rows), "written": written, "in_force": told})
        return
    done = "taken" if written else "read, nothing written"
    out.print(f"{len(rows)} prices {done}.")
    if told is not None:
        out.print(
            f"In force; {told['stale_flows']} flows have results by other prices: `caravan flow refresh` takes them in."
        )
    elif written:
        out.print(
            "In force for the platform that starts on this folder next; --url names one that runs elsewhere."
        )
