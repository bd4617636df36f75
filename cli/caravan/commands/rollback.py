"""`caravan flow rollback`: planned, shown, then carried out by the plan's digest, to its proof."""

import asyncio
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from caravan.commands.gateway import FlowId, Row, Where, ask, full_id
from caravan.commands.options import DataDir, Json, Token, Url, Yes
from caravan.consent import ask_first, needs_yes
from caravan.failures import BadInput, FlowFailed
from caravan.output import err, out, print_json, print_table, steps

if TYPE_CHECKING:
    from rich.console import Console

    from caravan.api import Api

Kind = Literal["phase", "flow", "cascade", "selective"]
_ENDED, _STUCK, _FAILED = "completed", "operator", "failed"
_MOST_SHOWN, _WIDEST = 20, 60


def rollback(
    flow: FlowId,
    phase: Annotated[str | None, typer.Option(help="This phase and the later ones; all when absent.")] = None,
    kind: Annotated[
        Kind | None,
        typer.Option(help="Told by the other options when absent; cascade goes with a phase or alone."),
    ] = None,
    cascade: Annotated[
        bool, typer.Option("--cascade", help="Also every flow grown from it: --kind cascade.")
    ] = False,
    key: Annotated[
        list[str] | None,
        typer.Option(
            help="Only rows of this key (of treatment: an application's natural key); may be repeated."
        ),
    ] = None,
    before: Annotated[
        str | None,
        typer.Option(help="With --key: the attempt whose rows come back; the version before when absent."),
    ] = None,
    plan: Annotated[
        bool, typer.Option("--plan", "--dry-run", help="Only show what it would do; nothing changes.")
    ] = False,
    reason: Annotated[str, typer.Option(help="Kept in the audit.")] = "by the command line",
    accept: Annotated[
        list[str] | None,
        typer.Option("--accept-irreversible", help="An effect that can't be undone, by its name."),
    ] = None,
    yes: Yes = False,
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Take a flow back: shows the exact plan, asks, carries it out and proves it."""
    body = ordered(chosen_kind(kind, phase, key, cascade=cascade), phase, key, before)
    where = (url, token, data_dir)
    if not plan:
        needs_yes("A rollback", yes=yes, preview="--plan")
    planned = _plan(flow, body, where)
    if plan:
        show_plan(planned, json=json)
        return
    if not yes:
        # Whoever reads the answer as JSON reads stdout, and gets nothing else there.
        show_plan(planned, json=False, on=err if json else out)
    ask_first("Roll back?", yes=yes)
    order = {**body, "digest": planned["digest"], "reason": reason, "accept_irreversible": accept or []}
    done = _carry_out(flow, order, where)
    if json:
        print_json(done)
    else:
        out.print(f"Rollback {done['id']} {done['status']}.")
        show_proof(done["data_integrity_check"])
    if done["status"] == _FAILED:
        raise FlowFailed(f"The version could not be built and nothing was changed: {_why(done)}")
    if done["status"] != _ENDED:
        raise FlowFailed(
            "An effect could not be undone; mend its cause and run `caravan flow retry` to go on."
        )


def chosen_kind(kind: Kind | None, phase: str | None, keys: list[str] | None, *, cascade: bool) -> str:
    """What was asked for, or what the other options say. Raises BadInput where they say something else."""
    if keys and not phase:
        raise BadInput("Keys belong to a phase; name it with --phase.")
    told = "selective" if keys else "cascade" if cascade else "phase" if phase else "flow"
    if kind is None or kind == told or (kind == "cascade" and told != "selective"):
        return kind or told
    raise BadInput(f"--kind {kind} does not go with the other options, which ask for kind {told}.")


def ordered(kind: str, phase: str | None, keys: list[str] | None, before: str | None) -> Row:
    """The body of plan and order. Raises BadInput."""
    if before and kind != "selective":
        raise BadInput("--before goes with --key.")
    body: Row = {"kind": kind, "phase": phase}
    return {**body, "keys": keys, "before": before} if kind == "selective" else body


def _why(done: Row) -> str:
    return "; ".join(step["details"]["error"] for step in done["steps"] if step["status"] == "failed")


def _plan(flow: str, body: Row, where: Where) -> Row:
    from caravan.api import ApiRefused

    async def planned(api: "Api") -> Row:
        try:
            answer: Row = await api.post(f"/flows/{await full_id(api, flow)}/rollbacks:plan", body)
        except ApiRefused as error:
            if error.code == "has_children":
                raise BadInput(f"{error} By this command: --cascade.") from None
            raise
        return answer

    return ask(where, planned)


def _carry_out(flow: str, order: Row, where: Where) -> Row:
    async def carried_out(api: "Api") -> Row:
        started = await api.post(f"/flows/{await full_id(api, flow)}/rollbacks", order)
        with steps() as told:
            told.tell("rolling back")
            return await _until_ended(api, started["rollback_id"])

    return ask(where, carried_out)


async def _until_ended(api: "Api", rollback_id: str) -> dict[str, Any]:
    while True:
        found: dict[str, Any] = await api.get(f"/rollbacks/{rollback_id}")
        if found["status"] in (_ENDED, _STUCK, _FAILED):
            return found
        await asyncio.sleep(0.15)


def show_plan(planned: dict[str, Any], *, json: bool, on: "Console" = out) -> None:
    if json:
        print_json(planned)
        return
    if len(planned["parts"]) > 1:
        print_table(
            ("in this order", "flow type", "phases", "effects"),
            [
                (f"{each['name']} ({each['flow_id']})", each["flow_type"], _listed(each), each["effects"])
                for each in planned["parts"]
            ],
            on=on,
        )
    rows = [
        *([("phases", ", ".join(planned["phases"]))] if len(planned["parts"]) == 1 else []),
        ("flows", len(planned["flows"])),
        ("datasets", ", ".join(f"{each['name']} ({each['rows']:,} rows)" for each in planned["datasets"])),
        ("assets", f"{planned['assets']['rows']:,}"),
        ("decisions withdrawn", _decisions(planned["parts"])),
        ("handoffs revoked", len(planned["handoffs"])),
        ("effects to undo", len(planned["effects"])),
        ("can't be undone", ", ".join(planned["irreversible"]) or "nothing"),
        ("digest", planned["digest"]),
    ]
    selection = planned.get("selection")
    if selection is not None:
        rows[1:1] = [
            ("keys", ", ".join(selection["keys"])),
            ("rows as of attempt", selection["before"]),
            ("rows that change", f"{selection['reverted_rows']:,}"),
            ("stale afterwards", ", ".join(selection["stale"]) or "nothing"),
        ]
    print_table(("what", "in this rollback"), rows, on=on)
    if selection is not None:
        _show_rows(selection, on)


def _show_rows(selection: Row, on: "Console") -> None:
    """What each row goes back to, column by column; the first ones."""
    shown = selection["reverted"][:_MOST_SHOWN]
    print_table(
        ("dataset", "row", "column", "now", "then"),
        [
            (
                row["dataset"],
                row["natural_key"],
                name,
                _cell(row["now"].get(name)),
                _cell(row["then"].get(name)),
            )
            for row in shown
            for name in {**row["now"], **row["then"]}
        ],
        on=on,
    )
    left = selection["reverted_rows"] - len(shown)
    if left:
        on.print(f"and {left:,} rows more: --json")


def _cell(value: Any) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list) else "-" if value is None else str(value)
    return text if len(text) <= _WIDEST else f"{text[: _WIDEST - 1]}…"


def _listed(part: Row) -> str:
    return ", ".join(part["phases"])


def _decisions(parts: list[Row]) -> str:
    """Numbers where one flow has them; how many where several do."""
    told = [part["decisions"] for part in parts if part["decisions"]]
    if len(parts) == 1:
        return ", ".join(map(str, *told)) if told else "none"
    return str(sum(map(len, told))) if told else "none"


def show_proof(proof: dict[str, Any] | None) -> None:
    if proof:
        print_table(("proof", ""), [(name.replace("_", " "), _words(value)) for name, value in proof.items()])


def _words(value: Any) -> str:
    match value:
        case bool():
            return "yes" if value else "NO"
        case dict():
            return ", ".join(f"{name} {_words(each)}" for name, each in sorted(value.items())) or "none"
        case list():
            return ", ".join(map(_words, value)) or "none"
        case _:
            return str(value)
