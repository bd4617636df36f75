"""`caravan lineage`: from an attribute of an asset to the cells it was read from."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from caravan.commands.asset_names import asset_id
from caravan.commands.gateway import ask
from caravan.commands.options import DataDir, Json, Token, Url
from caravan.output import cleaned, out, print_json, print_table

if TYPE_CHECKING:
    from caravan.api import Api

_LETTERS = 26
_SHOWN = 5


def lineage(
    asset: Annotated[str, typer.Argument(help="Its id, or its name where only one has it.")],
    attribute: Annotated[str | None, typer.Argument(help="Only this attribute; all when absent.")] = None,
    estate: Annotated[str | None, typer.Option(help="Root flow of the estate; the current one.")] = None,
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Trace attributes of an asset to file, sheet, row, column and old value."""

    async def traced(api: "Api") -> dict[str, Any]:
        path = f"/assets/{await asset_id(api, asset, estate)}/lineage"
        found: dict[str, Any] = await api.get(path, attribute=attribute)
        return found

    found = ask((url, token, data_dir), traced)
    if json:
        print_json(found)
        return
    out.print(cleaned(f"{found['asset']['name']} ({found['asset']['natural_key']})"), markup=False)
    print_table(
        ("attribute", "value", "cell", "stood there", "what was done", ""),
        [row for origin in found["attributes"] for row in _rows(origin)],
    )
    for line in joins_of(found["records"]):
        out.print(cleaned(line), markup=False)
    for judgement in found["judgements"]:
        out.print(cleaned(words_of(judgement)), markup=False)


def words_of(judgement: dict[str, Any]) -> str:
    """Who settled a contested case, how, and what the model was."""
    why = "; ".join(judgement["reasons"] or []) or judgement["why_rule"] or "no reasons given"
    by = judgement["decided_by"]
    if judgement["model"] is not None and by == "crew":
        by = f"crew {judgement['crew']} ({judgement['model']}, prompt {judgement['prompt_version']})"
    return f"{judgement['case_id']}: {judgement['option']} by {by}: {why}"


def joins_of(records: list[dict[str, Any]]) -> list[str]:
    """Where the records of an asset stand, and what made them one; nothing of a single row."""
    if len(records) < 2 and all(len(record["rows"]) < 2 for record in records):
        return []
    return [line for record in records for line in _lines(record)]


def _lines(record: dict[str, Any]) -> list[str]:
    places = [
        ", ".join(part for part in (row["file"], row["sheet"], f"row {row['row_number']}") if part)
        for row in record["rows"]
    ]
    more = [f"{len(places) - _SHOWN} more"] if len(places) > _SHOWN else []
    head = f"{record['source']} ({'; '.join(places[:_SHOWN] + more)})"
    if len(places) > 1:
        head += f", one by key {record['source_key']}"
    if record["joined"] is None:
        return [f"{head}: what joined it was not kept when this inventory was made"]
    return [f"{head}: joined with {join['source']} by {_reason(join)}" for join in record["joined"]] or [head]


def _reason(join: dict[str, Any]) -> str:
    if join["decided_by"] != "person":
        return f"{join['kind']} {_text(join['values'])}"
    decision, advice = join["decision"], join["advice"]
    who = "a person" if decision is None else f"{decision['actor']} (decision {decision['number']})"
    why = f": {decision['reason']}" if decision is not None and decision["reason"] else ""
    advised = "" if advice is None else f"; the crew had advised {advice['advice']}"
    return f"the answer of {who}{why}{advised}"


def _rows(origin: dict[str, Any]) -> list[tuple[object, ...]]:
    head = (origin["attribute"], _text(origin["value"]))
    rows: list[tuple[object, ...]] = [
        (
            *(head if position == 0 else ("", "")),
            place_of(cell),
            cell["old"],
            "; ".join(_words(change) for change in cell["changes"]),
            cell["role"],
        )
        for position, cell in enumerate(origin["cells"])
    ]
    conflict = origin["conflict"]
    if conflict is not None:
        rows.append(("", "", "conflict", conflict["winner"], f"won as {conflict['reason']}", ""))
    rows += [
        ("", "", f"decision {d['number']}", _text(d["value"]), d["reason"], d["actor"])
        for d in origin["decisions"]
    ]
    return rows or [(*head, "", "", origin["origin"], "")]


def place_of(cell: dict[str, Any]) -> str:
    """As a spreadsheet names it: `file, sheet, C7 (header)`."""
    letters, number = "", cell["column_index"] + 1
    while number:
        number, rest = divmod(number - 1, _LETTERS)
        letters = chr(ord("A") + rest) + letters
    where = f"{letters}{cell['row_number']} ({cell['column']})"
    return ", ".join(part for part in (cell["file"], cell["sheet"], where) if part)


def _words(change: dict[str, Any]) -> str:
    if change["old"] is None and change["new"] is None:
        return str(change["rule"])
    return f"{change['rule']}: {_text(change['old'])} → {_text(change['new'])}"


def _text(value: Any) -> str:
    if value is None:
        return "unknown"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
