"""`caravan flow`: flows of a running platform, by its API."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

import typer
from rich.text import Text

from caravan.advice import DONE_PHASES, advise
from caravan.commands.chain_view import brief_chain, print_chain
from caravan.commands.gateway import FlowId, Row, Where, ask, ask_list, full_id, show_list
from caravan.commands.gateway import show as show_answer
from caravan.commands.handoffs import handoff
from caravan.commands.options import DataDir, Json, Token, Url, Yes
from caravan.consent import ask_first, needs_yes
from caravan.failures import BadInput
from caravan.installed import ALIASES
from caravan.output import cleaned, out, print_json, print_table

if TYPE_CHECKING:
    from caravan.api import Api
    from caravan.journey import Journey
    from caravan.output import Steps

app = typer.Typer(help="Flows of a running platform.", no_args_is_help=True)
_FAILED = ("failed", "cancelled")
# Where every chain begins.
_FIRST = "discovery"


@app.command("list")
def list_(
    flow_type: Annotated[str | None, typer.Option("--type", help="Only flows of this type.")] = None,
    status: Annotated[list[str] | None, typer.Option(help="Only in this state; may be repeated.")] = None,
    q: Annotated[str | None, typer.Option("--search", help="Beginnings of words of the name.")] = None,
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """List flows, the newest first."""
    rows = ask_list((url, token, data_dir), "/flows", flow_type=flow_type, status=status, q=q)
    none = "There are no flows; start one with `caravan flow create FILES…`."
    show_list(rows, ("id", "type", "status", "done", "name", "created"), json=json, none=none, cells=_cells)


def _cells(flow: Row) -> list[object]:
    head = (flow["id"], flow["flow_type"], flow["status"], f"{flow['progress']:.0%}")
    return [*head, flow["name"], flow["created_at"][:19]]


@app.command()
def show(
    flow: FlowId, url: Url = None, token: Token = None, data_dir: DataDir = None, json: Json = False
) -> None:
    """Show a flow with its phases, and the chain it belongs to."""

    async def shown(api: "Api") -> Row:
        id_ = await full_id(api, flow)
        found: Row = await api.get(f"/flows/{id_}")
        return {**found, "chain": brief_chain(await api.get(f"/flows/{id_}/chain"))}

    found = ask((url, token, data_dir), shown)
    print_flow(found, json=json)
    if not json:
        print_chain(found["chain"])


@app.command()
def create(
    files: Annotated[list[Path], typer.Argument(help="Inventory files.")],
    flow_type: Annotated[str, typer.Option("--type", help="The flow to start.")] = _FIRST,
    name: Annotated[str | None, typer.Option(help="For people; the first file's name when absent.")] = None,
    scope: Annotated[
        Path | None, typer.Option(help="A file naming one application or asset per line.")
    ] = None,
    as_of: Annotated[str | None, typer.Option(help="The day to compute for, as 2026-11-21.")] = None,
    through: Annotated[
        str | None, typer.Option(help="Go on by itself from flow to flow, through this one: planning …")
    ] = None,
    auto_accept: Annotated[
        bool, typer.Option("--auto-accept/--ask", help="Let recommendations stand, or wait for answers.")
    ] = False,
    wait: Annotated[bool, typer.Option("--wait", help="Until nothing more happens by itself.")] = False,
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Deliver files and start a flow on them. With --wait, exit 3 when it fails or is cancelled."""
    from caravan.failures import FlowFailed
    from caravan.journey import Journey, checked_files, deliver, failure_of, iso_date, read_scope
    from caravan.output import steps

    if through is not None and flow_type != _FIRST:
        raise BadInput(f"A chain begins with {_FIRST}; leave --type or --through out.")
    journey = Journey(
        files=checked_files(files),
        through=through or flow_type,
        name=name or files[0].name,
        scope=read_scope(scope) if scope else (),
        as_of=iso_date(as_of),
        auto_accept=auto_accept,
    )

    async def created(api: "Api") -> Row:
        await _refuse_without_handoff(api, journey.through if through is None else flow_type)
        with steps() as told:
            uploads = await deliver(api, journey.files, told)
            start = _start_flow if through is None else _start_chain
            return await start(api, journey, uploads, told, wait=wait)

    made = ask((url, token, data_dir), created)
    print_flow(made, json=json)
    chain: Row = made.get("chain", {"flows": (), "handoffs": ()})
    if not json and chain["flows"]:
        print_chain(chain)
    if made["status"] in _FAILED:
        raise FlowFailed(f"The flow did not complete: {failure_of(made)[1]}")
    if failed := next((each for each in chain["handoffs"] if each["status"] == "failed"), None):
        raise FlowFailed(f"The chain did not go on: {failed['error']['message']}")


async def _refuse_without_handoff(api: "Api", flow_type: str) -> None:
    """Before anything is delivered: what another flow has to hand over is in no file. Raises BadInput."""
    wanted = ALIASES.get(flow_type, flow_type)
    found = next(
        (each for each in (await api.get("/flow-types"))["items"] if each["flow_type"] == wanted), None
    )
    definition = found["versions"][0]["definition"] if found else {}
    needed = [each["name"] for each in definition.get("handoff_inputs", ()) if not each.get("optional")]
    if needed:
        raise BadInput(
            f"A {wanted} flow begins with what another hands over ({', '.join(needed)}), not with files. Start the"
            f" whole chain with `caravan flow create FILES… --through {wanted}`, or hand a completed flow over with"
            " `caravan flow handoff FLOW`."
        )


async def _start_flow(
    api: "Api", journey: "Journey", uploads: Sequence[str], told: "Steps", *, wait: bool
) -> Row:
    from caravan.journey import follow, start_flow

    started = await start_flow(api, journey, uploads)
    return await follow(api, started["id"], told) if wait else started


async def _start_chain(
    api: "Api", journey: "Journey", uploads: Sequence[str], told: "Steps", *, wait: bool
) -> Row:
    """Its first flow; with `wait` the last one that there is when nothing more happens by itself. And the chain."""
    from caravan.journey import follow_chain, start_chain

    id_ = await start_chain(api, journey, uploads)
    chain = await (follow_chain(api, id_, told) if wait else api.get(f"/flows/{id_}/chain"))
    flow: Row = await api.get(f"/flows/{chain['flows'][-1]['id']}")
    return {**flow, "chain": brief_chain(chain)}


def _order(verb: str, words: str) -> None:
    """The orders that need nothing but the flow."""

    def ordered(
        flow: FlowId, url: Url = None, token: Token = None, data_dir: DataDir = None, json: Json = False
    ) -> None:
        print_flow(_give(flow, verb, None, (url, token, data_dir)), json=json)

    ordered.__doc__ = words
    app.command(verb)(ordered)


app.command("handoff")(handoff)
_order("pause", "Give out no more work; what runs goes on to its end.")
_order("resume", "Give out work again.")
_order("refresh", "Take in what was decided since: run the stale phases whose inputs have changed.")
_order("retry", "Go on from the phase that failed; what was done is not done again.")


@app.command()
def execute(
    flow: FlowId,
    phase: Annotated[
        str | None, typer.Argument(help="The phase to run; the first that is not done when absent.")
    ] = None,
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Run a phase now: after a rollback of it, or where phases wait to be told to."""

    async def executed(api: "Api") -> Row:
        id_ = await full_id(api, flow)
        name = phase or _first_to_do(await api.get(f"/flows/{id_}"))
        answer: Row = await api.post(f"/flows/{id_}/phases/{quote(name, safe='')}/execute")
        return answer

    print_flow(ask((url, token, data_dir), executed), json=json)


def _first_to_do(flow: Row) -> str:
    """Raises BadInput where every phase is done."""
    found = next((each["name"] for each in flow["phases"] if each["status"] not in DONE_PHASES), None)
    if found is None:
        names = ", ".join(each["name"] for each in flow["phases"])
        raise BadInput(f"Every phase is done; name the one to run again: {names}.")
    return str(found)


@app.command()
def cancel(
    flow: FlowId,
    reason: Annotated[str | None, typer.Option(help="Kept in the audit.")] = None,
    yes: Yes = False,
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """End a flow for good. What it has done outside stays until a rollback undoes it."""
    needs_yes("The end of a flow", yes=yes)
    ask_first(f"End flow {flow} for good?", yes=yes)
    print_flow(_give(flow, "cancel", {"reason": reason}, (url, token, data_dir)), json=json)


@app.command()
def delete(
    flow: FlowId,
    yes: Yes = False,
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Take a flow that no longer runs out of every list. Its audit record stays."""
    needs_yes("The deletion of a flow", yes=yes)
    ask_first(f"Delete flow {flow}?", yes=yes)

    async def deleted(api: "Api") -> Row:
        id_ = await full_id(api, flow)
        await api.delete(f"/flows/{id_}")
        return {"deleted": id_}

    answer = ask((url, token, data_dir), deleted)
    show_answer(answer, f"Flow {answer['deleted']} is deleted.", json=json)


@app.command()
def skip(
    flow: FlowId,
    phase: Annotated[str, typer.Argument(help="The phase to leave out, as `show` names it.")],
    reason: Annotated[str | None, typer.Option(help="Kept in the audit.")] = None,
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Leave a phase out, where its definition allows that."""
    verb = f"phases/{quote(phase, safe='')}/skip"
    print_flow(_give(flow, verb, {"reason": reason}, (url, token, data_dir)), json=json)


def _give(flow: str, verb: str, body: Any, where: Where) -> Row:
    async def given(api: "Api") -> Row:
        answer: Row = await api.post(f"/flows/{await full_id(api, flow)}/{verb}", body)
        return answer

    return ask(where, given)


def print_flow(flow: Row, *, json: bool) -> None:
    if json:
        print_json(flow)
        return
    reason = f" ({flow['reason']})" if flow["reason"] else ""
    out.print(Text(cleaned(f"{flow['name']}: {flow['flow_type']} {flow['status']}{reason}, {flow['id']}")))
    rows = []
    for phase in flow["phases"]:
        seconds = "" if phase["seconds"] is None else f"{phase['seconds']:.1f} s"
        error = (phase["error"] or {}).get("message") or phase["reason"] or phase["note"] or ""
        rows.append((phase["name"], phase["status"] + (" (stale)" if phase["stale"] else ""), seconds, error))
    print_table(("phase", "status", "time", ""), rows)
    if (words := advise(flow)) is not None:
        out.print(Text(words))
