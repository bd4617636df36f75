"""`caravan mapping`: what the columns of delivered files were taken to mean, and correcting it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from caravan.commands.gateway import FlowId, Row, ask, ask_list, decided, full_id, show, show_list
from caravan.commands.options import DataDir, Json, Token, Url
from caravan.failures import BadInput

if TYPE_CHECKING:
    from caravan.api import Api

app = typer.Typer(help="What columns mean, and correcting it.", no_args_is_help=True)
# Words for a column that means nothing canonical.
_CUSTOM = ("custom", "none")


@app.command("list")
def list_(
    flow: FlowId,
    file: Annotated[str | None, typer.Option(help="Only columns of this file.")] = None,
    attribute: Annotated[str | None, typer.Option(help="Only columns that mean this.")] = None,
    method: Annotated[
        str | None, typer.Option(help="Only those found by this: format, synonym, crew …")
    ] = None,
    below: Annotated[float | None, typer.Option(help="Only those less sure than this, 0 to 1.")] = None,
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """List a flow's columns with meaning, confidence, method and evidence."""
    wanted: Row = {"file": file, "attribute": attribute, "method": method, "below": below}
    rows = ask_list((url, token, data_dir), "/mappings", flow=flow, **wanted)
    none = "No column fits; without options all are listed once the files have been read."
    show_list(rows, ("column", "means", "sure", "by", "because"), json=json, none=none, cells=_row)


def _row(row: Row) -> tuple[str, ...]:
    pending = " (decided since)" if row["decision"] and row["decision"]["pending"] else ""
    means = row["attribute"] or ("" if row["method"] is None else "custom")
    sure = "" if row["confidence"] is None else f"{row['confidence']:.2f}"
    return row["key"], means + pending, sure, row["method"] or "not computed yet", row["evidence"] or ""


@app.command("set")
def set_(
    flow: FlowId,
    column: Annotated[str, typer.Argument(help="Its header, or its key as `list` shows it.")],
    attribute: Annotated[str, typer.Argument(help="What it means; `custom` for nothing canonical.")],
    reason: Annotated[str, typer.Option(help="Kept with the decision.")],
    unit: Annotated[
        str | None, typer.Option(help="Of its numbers, as MB, GiB or GHz; else by the header.")
    ] = None,
    learn: Annotated[
        bool, typer.Option("--learn/--once", help="Also for later flows, or for this one.")
    ] = True,
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Correct what a column means; `caravan flow refresh` takes it in."""

    async def corrected(api: "Api") -> Row:
        path = f"/flows/{await full_id(api, flow)}/mappings"
        key = _key_of(column, [row async for row in api.pages(path)])
        value = None if attribute in _CUSTOM else attribute
        one = {"key": key, "attribute": value} | ({} if unit is None else {"unit": unit})
        answer: Row = await api.patch(path, {"mappings": [one], "reason": reason, "learn": learn})
        return answer

    answer = ask((url, token, data_dir), corrected)
    show(answer, decided(answer["decisions"][0]["number"], answer["stale"]), json=json)


def _key_of(column: str, rows: Sequence[Row]) -> str:
    """Raises BadInput when no column, or more than one, is meant."""
    found = [row["key"] for row in rows if column in (row["key"], row["column"])]
    if len(found) == 1:
        return str(found[0])
    if not found:
        raise BadInput(f"No column is called {column!r}; see `caravan mapping list`.")
    raise BadInput(
        f"{len(found)} columns are called {column!r}; name one by its key: {', '.join(found[:5])}."
    )
