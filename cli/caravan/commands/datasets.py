"""`caravan dataset` and `caravan entity`: the tables that phases have made, their rows, and where those come from."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from caravan.commands.gateway import (
    FlowId,
    Limit,
    Row,
    ask,
    ask_list,
    asked_for,
    filled,
    is_id,
    show_list,
    show_some,
)
from caravan.commands.lineage import words_of
from caravan.commands.options import DataDir, Json, Token, Url
from caravan.failures import BadInput
from caravan.output import cleaned, out, print_json, print_table

if TYPE_CHECKING:
    from caravan.api import Api

datasets = typer.Typer(help="Tables that phases have made, and their rows.", no_args_is_help=True)
entities = typer.Typer(help="Single rows of a flow, found by name.", no_args_is_help=True)
_MOST_COLUMNS = 8
_Dataset = Annotated[str, typer.Argument(help="The dataset's id, as `caravan dataset list FLOW` shows it.")]


@datasets.command("list")
def list_datasets(
    flow: FlowId,
    all_: Annotated[bool, typer.Option("--all", help="Also those that no phase points at any more.")] = False,
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """List the datasets that a flow's phases point at now, with their hashes."""
    rows = ask_list((url, token, data_dir), "/datasets", flow=flow, active=None if all_ else True)
    columns = ("id", "phase", "name", "rows", "sha256")
    show_list(rows, columns, json=json, none="No phase has made a dataset yet.")


@datasets.command("show")
def show_dataset(
    dataset: _Dataset, url: Url = None, token: Token = None, data_dir: DataDir = None, json: Json = False
) -> None:
    """Show what is known of a dataset: who made it, its size in bytes, its hash, how far it is indexed."""
    found: Row = ask((url, token, data_dir), lambda api: api.get(f"/datasets/{_checked(dataset)}"))
    if json:
        print_json(found)
    else:
        print_table(("what", ""), list(found.items()))


@datasets.command("rows")
def list_rows(
    dataset: _Dataset,
    column: Annotated[
        list[str] | None,
        typer.Option(help="Column to show, in this order; several. The first few when absent."),
    ] = None,
    limit: Limit = None,
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """List rows of a dataset as the phase has written them; columns and units: docs/exports.md."""
    path = f"/datasets/{_checked(dataset)}/rows"
    columns = ",".join(column) if column else None
    rows = ask_list((url, token, data_dir), path, most=asked_for(limit, json=json), columns=columns)
    shown = tuple(column or list(rows[0] if rows else ())[:_MOST_COLUMNS])
    none = "This dataset has no rows."
    show_some(rows, shown, limit, json=json, none=none, cells=lambda row: filled(row, shown))


@entities.command("list")
def list_entities(
    flow: FlowId,
    entity_type: Annotated[
        str | None, typer.Option("--type", help="Only of this type: asset, wave …")
    ] = None,
    q: Annotated[str | None, typer.Option("--search", help="Beginnings of words of the name.")] = None,
    limit: Limit = None,
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """List a flow's indexed rows by type and name."""
    wanted: Row = {"entity_type": entity_type, "q": q, "most": asked_for(limit, json=json)}
    rows = ask_list((url, token, data_dir), "/entities", flow=flow, **wanted)
    columns = ("id", "entity_type", "natural_key", "name")
    none = "No row fits; those of a phase are indexed moments after it is done."
    show_some(rows, columns, limit, json=json, none=none, cells=_entity_cells)


def _entity_cells(row: Row) -> list[object]:
    return [row["id"], row["entity_type"], row["natural_key"], row["data"].get("name")]


@entities.command("lineage")
def entity_lineage(
    entity: Annotated[str, typer.Argument(help="The row's id, as `list` and every export show it.")],
    direction: Annotated[
        Literal["up", "down"], typer.Option(help="To what it was made from, or to what was made from it.")
    ] = "up",
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Trace any row of any flow up to files and cells, or down to what was made of it."""
    path = f"/entities/{_checked(entity)}/lineage"

    async def traced(api: "Api") -> Row:
        found: Row = await api.get(path, direction=direction)
        return found

    found = ask((url, token, data_dir), traced)
    if json:
        print_json(found)
        return
    out.print(cleaned(f"{found['entity']['entity_type']} {found['entity']['natural_key']}"), markup=False)
    if found["steps"]:
        steps = [(each["depth"], each["dataset"], each["natural_key"]) for each in found["steps"]]
        print_table(("step", "dataset", "row"), steps)
    if found["sources"]:
        rows = [
            (each["file"], each["sheet"], each["row_number"], each["reference"]) for each in found["sources"]
        ]
        print_table(("file", "sheet", "row", "named as"), rows)
    for judgement in found["judgements"]:
        out.print(cleaned(words_of(judgement)), markup=False)


def _checked(id_: str) -> str:
    """Raises BadInput."""
    if not is_id(id_):
        raise BadInput(
            f"{id_!r} is no id; `caravan dataset list FLOW` and `caravan entity list FLOW` show them."
        )
    return id_
