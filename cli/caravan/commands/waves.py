"""`caravan wave`: the wave plan, what edits of it would cause, and its versions."""

import asyncio
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from caravan.commands.gateway import (
    FlowId,
    Row,
    Where,
    ask,
    ask_list,
    full_id,
    is_key,
    key_of,
    show,
    show_list,
)
from caravan.commands.options import DataDir, Json, Token, Url
from caravan.commands.wave_views import plain, show_edit, show_waves
from caravan.failures import BadInput, FlowFailed
from caravan.output import in_numbers, out, print_json, print_table, steps

if TYPE_CHECKING:
    from caravan.api import Api

app = typer.Typer(help="The wave plan: what edits would cause, and its versions.", no_args_is_help=True)
Version = Annotated[
    str | None, typer.Option("--version", help="Id of a version; the one in force when absent.")
]
Refresh = Annotated[
    bool, typer.Option("--refresh", help="Then refresh what shows the plan as it was, and wait for it.")
]
EditId = Annotated[str, typer.Argument(help="The edit's id, as `check` says it.")]
_NAMES = ("waves", "wave_assignments")
_WAIT = 60.0


@app.command("show")
def show_(
    flow: FlowId,
    version: Version = None,
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Show a version of the plan: load and dates by wave, and the wave of each unit."""

    async def read(api: "Api") -> Row:
        return await _read_plan(api, f"/wave-plans/{version or await _in_force(api, flow)}")

    plan = ask((url, token, data_dir), read)
    if json:
        print_json(plan)
        return
    state = "in force" if plan["in_force"] else "not in force"
    out.print(
        f"Version {plan['version']}, {state}; dependencies of weight {plan['cut']:g} lie between waves,"
        f" {in_numbers(plan['unplaced'], 'unit has', 'units have')} no wave."
    )
    show_waves(plan)
    rows = [
        (row["natural_key"], row.get("name"), row.get("wave"), row.get("locked")) for row in plan["items"]
    ]
    print_table(("unit", "name", "wave", "locked"), rows)


@app.command()
def check(
    flow: FlowId,
    move: Annotated[
        list[str] | None, typer.Option(help="APPLICATION=WAVE: put it there; may be repeated.")
    ] = None,
    lock: Annotated[
        list[str] | None, typer.Option(help="APPLICATION or APPLICATION=WAVE: keep it there.")
    ] = None,
    unlock: Annotated[list[str] | None, typer.Option(help="APPLICATION: free it again.")] = None,
    split: Annotated[
        list[str] | None, typer.Option(help="WAVE=APPLICATION,…: these go into a new wave after it.")
    ] = None,
    merge: Annotated[list[str] | None, typer.Option(help="WAVE,WAVE: make one of two neighbours.")] = None,
    starts: Annotated[list[str] | None, typer.Option(help="WAVE=DATE: its first day.")] = None,
    ends: Annotated[list[str] | None, typer.Option(help="WAVE=DATE: its last day.")] = None,
    not_before: Annotated[
        list[str] | None, typer.Option(help="APPLICATION=DATE: it may not move earlier.")
    ] = None,
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Say what edits of the plan in force would cause; nothing changes until `accept`."""
    edits = [
        *({"move": {"application": key, "wave": _wave(value)}} for key, value in _pairs(move)),
        *({"lock": _lock(each)} for each in lock or ()),
        *({"lock": {"application": each, "locked": False}} for each in unlock or ()),
        *({"split": {"wave": _wave(k), "applications": value.split(",")}} for k, value in _pairs(split)),
        *({"merge": {"waves": [_wave(wave) for wave in each.split(",")]}} for each in merge or ()),
        *_dates(starts, ends),
        *({"date": {"application": key, "not_before": value}} for key, value in _pairs(not_before)),
    ]
    if not edits:
        options = "--move, --lock, --unlock, --split, --merge, --starts, --ends or --not-before"
        raise BadInput(f"Name an edit: {options}.")

    async def checked(api: "Api") -> Row:
        path = f"/wave-plans/{await _in_force(api, flow)}"
        asked = await api.post(f"{path}/edits:check", {"edits": await _by_key(api, path, edits, flow)})
        answer = await _answered(api, f"{path}/edits/{asked['edit_id']}")
        return answer if json else {**answer, "plan": await _read_plan(api, path)}

    edit = ask((url, token, data_dir), checked)
    if json:
        print_json(edit)
    else:
        show_edit(edit, flow)
    if edit["status"] == "failed":
        raise FlowFailed(f"The edit can't be evaluated: {edit['error']['message']}")


@app.command()
def edit(
    flow: FlowId,
    edit: EditId,
    version: Version = None,
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Show what an edit would cause, as `check` said it, and what became of it."""

    async def read(api: "Api") -> Row:
        found: Row = await api.get(f"/wave-plans/{version or await _in_force(api, flow)}/edits/{edit}")
        return found

    found = ask((url, token, data_dir), read)
    if json:
        print_json(found)
    else:
        show_edit(found, flow)


@app.command()
def versions(
    flow: FlowId, url: Url = None, token: Token = None, data_dir: DataDir = None, json: Json = False
) -> None:
    """List the versions of the plan, the one in force marked; `compare` and `restore` take their ids."""
    rows = [row for row in ask_list((url, token, data_dir), "/datasets", flow=flow) if row["name"] in _NAMES]
    none = "This flow has no wave plan; an assessment makes one."
    columns = ("version", "units", "made", "")
    show_list(rows, columns, json=json, none=none, cells=_version_cells)


def _version_cells(row: Row) -> list[object]:
    return [row["id"], row["rows"], row["created_at"][:19], "in force" if row["active"] else ""]


@app.command()
def accept(
    flow: FlowId,
    edit: EditId,
    reason: Annotated[str | None, typer.Option(help="Kept with the decision.")] = None,
    refresh: Refresh = False,
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Let an edit stand: the next version of the plan is made at once."""
    _decide(
        (url, token, data_dir),
        flow,
        "accept",
        {"edit_id": edit, "reason": reason},
        refresh=refresh,
        json=json,
    )


@app.command()
def discard(
    flow: FlowId,
    edit: EditId,
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Drop an edit; nothing changes."""
    _send((url, token, data_dir), flow, "discard", {"edit_id": edit})
    show({"edit_id": edit, "status": "discarded"}, f"Edit {edit} is discarded.", json=json)


@app.command()
def compare(
    flow: FlowId,
    other: Annotated[str, typer.Argument(help="Id of the version to compare with.")],
    version: Version = None,
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Show what differs between two versions, from the one in force (or --version) to the other."""
    where = (url, token, data_dir)
    answer = _send(where, flow, "compare", {"with": other}, version)
    if json:
        print_json(answer)
        return
    sides = [answer["before"], answer["after"]]
    out.print(f"Cut {sides[0]['cut']:g} → {sides[1]['cut']:g}.")
    rows = [(row["application"], plain(row["before"]), plain(row["after"])) for row in answer["differences"]]
    print_table(("application", "before", "after"), rows)


@app.command()
def restore(
    flow: FlowId,
    version: Annotated[str, typer.Argument(help="Id of the version that is to be in force again.")],
    reason: Annotated[str | None, typer.Option(help="Kept with the decision.")] = None,
    refresh: Refresh = False,
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Bring an earlier version back; edits made after it no longer count."""
    where = (url, token, data_dir)
    _decide(where, flow, "restore", {"reason": reason}, version, refresh=refresh, json=json)


def _decide(
    where: Where, flow: str, verb: str, body: Row, version: str | None = None, *, refresh: bool, json: bool
) -> None:
    """Says what shows the plan as it was, and takes it in where that is wanted."""
    answer = _send(where, flow, verb, body, version)
    if refresh:
        answer["refreshed"] = _refresh(where, flow)
    show(answer, _told(answer), json=json)


def _refresh(where: Where, flow: str) -> list[Row]:
    from caravan.refreshing import refresh_from

    async def refreshed(api: "Api") -> list[Row]:
        with steps() as told:
            found = await refresh_from(api, await full_id(api, flow), told)
        return [{name: each[name] for name in ("id", "flow_type", "status", "stale")} for each in found]

    return ask(where, refreshed)


def _told(answer: Row) -> str:
    number, todo = answer["decision"]["number"], answer["refresh"]
    if "refreshed" in answer:
        names = ", ".join(each["flow_type"] for each in answer["refreshed"])
        return f"Decision {number} is recorded" + (f"; refreshed: {names}." if names else ".")
    if todo is None:
        return f"Decision {number} is recorded."
    return (
        f"Decision {number} is recorded. {todo['text']} Run `{todo['command']}` then, or give --refresh here."
    )


def _send(where: Where, flow: str, verb: str, body: Row, version: str | None = None) -> Row:
    """About the version the edit was asked of, which is the one in force unless it is named."""

    async def sent(api: "Api") -> Row:
        plan = version or await _in_force(api, flow)
        answer: Row = await api.post(f"/wave-plans/{plan}/edits:{verb}", body)
        return answer

    return ask(where, sent)


async def _read_plan(api: "Api", path: str) -> Row:
    """All its units in one piece."""
    plan: Row = await api.get(path, limit=500)
    cursor = plan["next_cursor"]
    while cursor is not None:
        following = await api.get(path, limit=500, cursor=cursor)
        plan["items"] += following["items"]
        cursor = following["next_cursor"]
    return {**plan, "next_cursor": None}


async def _by_key(api: "Api", path: str, edits: list[Row], flow: str) -> list[Row]:
    """The edits with natural keys where people gave names. Raises BadInput."""
    bodies = [body for edit in edits for body in edit.values()]
    given = {body["application"] for body in bodies if "application" in body}
    given |= {name for body in bodies for name in body.get("applications", ())}
    if all(map(is_key, given)):
        return edits
    rows = (await _read_plan(api, path))["items"]
    keys = {each: each if is_key(each) else key_of(each, rows, f"caravan wave show {flow}") for each in given}
    for body in bodies:
        if "application" in body:
            body["application"] = keys[body["application"]]
        if "applications" in body:
            body["applications"] = [keys[each] for each in body["applications"]]
    return edits


async def _in_force(api: "Api", flow: str) -> str:
    """Raises BadInput where the flow has no plan."""
    path = f"/flows/{await full_id(api, flow)}/datasets"
    active = {row["name"]: row["id"] async for row in api.pages(path) if row["active"]}
    found = next((active[name] for name in _NAMES if name in active), None)
    if found is None:
        raise BadInput("This flow has no wave plan now; see `caravan flow show`.")
    return str(found)


async def _answered(api: "Api", path: str) -> Row:
    waited = 0.0
    while True:
        edit: Row = await api.get(path)
        if edit["status"] != "checking" or waited >= _WAIT:
            return edit
        await asyncio.sleep(0.1)
        waited += 0.1


def _pairs(given: Sequence[str] | None) -> list[tuple[str, str]]:
    """Keys may hold equals signs themselves: the last one counts."""
    pairs = [each.rpartition("=")[::2] for each in given or ()]
    for key, value in pairs:
        if not key or not value:
            raise BadInput(f"Write it as NAME=VALUE, not {key or value!r}.")
    return pairs


def _wave(text: str) -> int:
    """Also written as `wave-003`."""
    if re.fullmatch(r"(wave-)?\d+", text) is None:
        raise BadInput(f"{text!r} is no number of a wave.")
    return int(text.removeprefix("wave-"))


def _dates(starts: Sequence[str] | None, ends: Sequence[str] | None) -> list[Row]:
    """Both days of a wave in one edit: by itself, the first may lie after the last that it has."""
    bodies: dict[int, Row] = {}
    for name, given in (("starts", starts), ("ends", ends)):
        for key, value in _pairs(given):
            wave = _wave(key)
            bodies.setdefault(wave, {"wave": wave})[name] = value
    return [{"date": body} for body in bodies.values()]


def _lock(text: str) -> Row:
    key, mark, wave = text.rpartition("=")
    return {"application": key, "wave": _wave(wave)} if mark and key else {"application": text}
