"""`caravan pattern`: what people's corrections have taught, and forgetting it."""

from typing import Annotated

import typer

from caravan.commands.gateway import ask, ask_list, show, show_list
from caravan.commands.options import DataDir, Json, Token, Url, Yes
from caravan.consent import ask_first, needs_yes

app = typer.Typer(help="What corrections have taught.", no_args_is_help=True)


@app.command("list")
def list_(
    kind: Annotated[str | None, typer.Option(help="Only of this kind: mapping, product …")] = None,
    all_: Annotated[bool, typer.Option("--all", help="Also what was forgotten.")] = False,
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """List the patterns that later runs take in."""
    where = (url, token, data_dir)
    rows = ask_list(where, "/learned-patterns", kind=kind, unlearned=True if all_ else None)
    columns = ("id", "kind", "pattern", "value", "created_by", "unlearned_at")
    none = "Nothing has been learned yet; corrected mappings and answers teach."
    show_list(rows, columns, json=json, none=none)


@app.command()
def forget(
    pattern: Annotated[str, typer.Argument(help="The pattern's id.")],
    yes: Yes = False,
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Let later runs no longer take it in; what was computed with it stays."""
    needs_yes("Forgetting", yes=yes)
    ask_first(f"Forget pattern {pattern}?", yes=yes)
    ask((url, token, data_dir), lambda api: api.delete(f"/learned-patterns/{pattern}"))
    show({"forgotten": pattern}, "It is forgotten: later runs no longer take it in.", json=json)
