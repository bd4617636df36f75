"""`caravan conflict`: what sources disagree about, and settling it."""

from typing import TYPE_CHECKING, Annotated

import typer

from caravan.commands.gateway import FlowId, Row, ask, ask_list, decided, show, show_list
from caravan.commands.options import DataDir, Json, Token, Url
from caravan.failures import BadInput
from caravan.output import place_in_words

if TYPE_CHECKING:
    from caravan.api import Api

app = typer.Typer(help="What sources disagree about, and settling it.", no_args_is_help=True)
_COLUMNS = (
    "id",
    "asset_key",
    "attribute",
    "winner",
    "stands in",
    "source",
    "reason",
    "losers",
    "stand in",
    "sources",
)


@app.command("list")
def list_(
    flow: FlowId,
    attribute: Annotated[str | None, typer.Option(help="Only about this attribute.")] = None,
    asset: Annotated[str | None, typer.Option(help="Only of the asset with this natural key.")] = None,
    decided_by: Annotated[str | None, typer.Option(help="Only those decided by: rule, person.")] = None,
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """List a flow's conflicts: winner, why it won, and what lost."""
    wanted: Row = {"attribute": attribute, "asset_key": asset, "decided_by": decided_by}
    rows = ask_list((url, token, data_dir), "/conflicts", flow=flow, **wanted)
    show_list(rows, _COLUMNS, json=json, none="No conflict fits.", cells=_cells)


def _cells(row: Row) -> list[object]:
    winner = (row["winner"], place_in_words(row["winner_row"] or ""), row["winner_source"])
    losers = (", ".join(row["losers"]), "; ".join(map(place_in_words, row["loser_rows"])))
    sources = ", ".join(row["loser_sources"])
    return [row["id"], row["asset_key"], row["attribute"], *winner, row["reason"], *losers, sources]


@app.command()
def resolve(
    conflict: Annotated[str, typer.Argument(help="The conflict's id.")],
    value: Annotated[str | None, typer.Argument(help="One of its values; or --source.")] = None,
    source: Annotated[
        str | None, typer.Option(help="One of its sources, as `list` shows it: its value is to stand.")
    ] = None,
    reason: Annotated[str | None, typer.Option(help="Kept with the decision.")] = None,
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Choose which value or source is right; `caravan flow refresh` takes it in."""
    if (value is None) == (source is None):
        raise BadInput("Name one of the conflict's values, or one --source.")
    choice = {"source": source} if value is None else {"value": value}

    async def resolved(api: "Api") -> Row:
        answer: Row = await api.post(f"/conflicts/{conflict}/resolve", {**choice, "reason": reason})
        return answer

    answer = ask((url, token, data_dir), resolved)
    show(answer, decided(answer["decision"]["number"], answer["stale"]), json=json)
