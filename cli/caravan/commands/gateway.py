"""How a command asks the gateway and shows what came back: one way for all of them."""

from collections.abc import Awaitable, Callable, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar
from uuid import UUID

import typer

from caravan.failures import BadInput
from caravan.output import cleaned, err, out, print_json, print_table

if TYPE_CHECKING:
    from caravan.api import Api

T = TypeVar("T")
Row = dict[str, Any]
# The options --url, --token and --data-dir.
Where = tuple[str | None, str | None, Path | None]
MOST_SHOWN = 100
Limit = Annotated[
    int | None,
    typer.Option(
        "--limit", min=1, help=f"Rows at most; when absent {MOST_SHOWN} as a table, and all with --json."
    ),
]
FlowId = Annotated[str, typer.Argument(help="The flow's id, or its beginning where only one has it.")]


def ask(where: Where, question: Callable[["Api"], Awaitable[T]]) -> T:
    """What the question answers, over one connection. Raises CommandFailed."""
    from caravan.connection import connect
    from caravan.running import run

    async def asked() -> T:
        async with connect(*where) as api:
            return await question(api)

    return run(asked())


def ask_list(
    where: Where, path: str, *, flow: str | None = None, most: int | None = None, **wanted: Any
) -> list[Row]:
    """All items of a list, page after page, or the first `most`; `path` is below that of `flow`, where one is given."""

    async def listed(api: "Api") -> list[Row]:
        below = "" if flow is None else f"/flows/{await full_id(api, flow)}"
        return [row async for row in api.pages(below + path, most=most, **wanted)]

    return ask(where, listed)


def asked_for(limit: int | None, *, json: bool) -> int | None:
    """How many rows to ask for: for people one more than is shown, which tells that there are more."""
    return limit if json else (limit or MOST_SHOWN) + 1


def show_some(
    rows: Sequence[Row],
    columns: Sequence[str],
    limit: int | None,
    *,
    json: bool,
    none: str,
    cells: Callable[[Row], Sequence[object]] | None = None,
) -> None:
    """`show_list` of what `asked_for` brought: says when there is more."""
    if json:
        print_json(rows)
        return
    most = limit or MOST_SHOWN
    show_list(rows[:most], columns, json=False, none=none, cells=cells)
    if len(rows) > most:
        err.print(f"These are the first {most}; --limit shows more.")


def filled(row: Row, columns: Sequence[str]) -> list[object]:
    """Cells of these columns; a list as its elements, and what is unknown as nothing."""
    return [
        ", ".join(map(str, each)) if isinstance(each := row.get(name), list) else each for name in columns
    ]


def show_list(
    rows: Sequence[Row],
    columns: Sequence[str],
    *,
    json: bool,
    none: str,
    cells: Callable[[Row], Sequence[object]] | None = None,
) -> None:
    """As a table, or the rows as they are with `json`. `cells` of a row where they are not its fields of these names;
    `none` is said to people when there are no rows."""
    if json:
        print_json(rows)
    elif rows:
        print_table(columns, [cells(row) if cells else [row[name] for name in columns] for row in rows])
    else:
        out.print(none)


def below(body: Row) -> Row:
    """A body without what was not given."""
    return {name: value for name, value in body.items() if value is not None}


def show(answer: Any, words: str, *, json: bool) -> None:
    """The answer for programs, or a sentence about it for people."""
    if json:
        print_json(answer)
    else:
        out.print(cleaned(words), markup=False)


def decided(number: int, stale: Sequence[str]) -> str:
    """What follows from a decision, in words."""
    follows = f"; to be refreshed: {', '.join(stale)}" if stale else ""
    return f"Decision {number} is recorded{follows}."


def is_key(given: str) -> bool:
    """An asset's id or a unit's natural key, which always has its kind before a colon; else it is a name."""
    return is_id(given) or ":" in given


def key_of(given: str, rows: Sequence[Row], see: str) -> str:
    """The natural key that is given, or that of the only row of this name. Raises BadInput; `see` is a command."""
    keys = [str(row["natural_key"]) for row in rows]
    if given in keys:
        return given
    wanted = given.strip().casefold()
    named = [str(row["natural_key"]) for row in rows if str(row.get("name") or "").casefold() == wanted]
    if len(named) == 1:
        return named[0]
    if named:
        raise BadInput(f"{len(named)} are called {given!r}; name one by its key: {', '.join(named[:5])}.")
    near = get_close_matches(given, [str(row["name"]) for row in rows if row.get("name")], 3)
    meant = f" ({' or '.join(near)}?)" if near else ""
    raise BadInput(f"No application is called {given!r}{meant}; see `{see}`.")


def is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


async def full_id(api: "Api", beginning: str) -> str:
    """Raises BadInput when none or several flows have it."""
    if is_id(beginning):
        return str(UUID(beginning))
    found = [
        flow["id"] async for flow in api.pages("/flows", fields="id") if flow["id"].startswith(beginning)
    ]
    if len(found) != 1:
        raise BadInput(
            f"{len(found) or 'No'} flows have an id that begins with {beginning!r}; see `caravan flow list`."
        )
    return str(found[0])
