"""`caravan question`: what a flow asks of people, and answering it."""

from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from caravan.advice import advise
from caravan.commands.gateway import FlowId, Row, ask, ask_list, decided, full_id, is_id, show
from caravan.commands.options import DataDir, Json, Token, Url
from caravan.failures import BadInput
from caravan.output import cleaned, in_numbers, out, print_json

if TYPE_CHECKING:
    from caravan.api import Api

app = typer.Typer(help="What flows ask of people, and answering it.", no_args_is_help=True)
# `accepted`: the recommendation stood without anybody being asked, and may still be answered.
_OPEN, _STANDS = "open", "accepted"
# Values of a column that are shown with the question what it means.
_MOST_SAMPLES = 5


@app.command("list")
def list_(
    flow: FlowId,
    all_: Annotated[bool, typer.Option("--all", help="Also those answered or no longer asked.")] = False,
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """List what a flow asks, with the options of each question; those that hold the flow up come first."""
    rows = ask_list((url, token, data_dir), "/questions", flow=flow)
    shown = [row for row in rows if all_ or row["status"] in (_OPEN, _STANDS)]
    shown.sort(key=lambda row: not (row["blocking"] and row["status"] == _OPEN))
    if json:
        print_json(shown)
    elif not shown:
        out.print("This flow asks nothing.")
    for row in () if json else shown:
        for line in words_of(row):
            out.print(Text(cleaned(line)))


def words_of(question: Row) -> list[str]:
    """The question, its options with the rules' scores, and how it is answered."""
    state = "holds the flow up" if question["blocking"] else "what is recommended stands until then"
    if question["status"] != _OPEN:
        state = f"{question['status']}: {question['answer'] or question['recommendation']}"
    lines = [
        f"{question['phase']}, {question['subject']} ({state})",
        f"  {question['text']}",
    ]
    for option in question["options"]:
        score = "" if option.get("score") is None else f" {option['score']:.2f}"
        mark = ", recommended" if option["id"] == question["recommendation"] else ""
        label = "" if option["label"] == option["id"] else f": {option['label']}"
        lines.append(f"    {option['id']}{score}{mark}{label}")
    if samples := (question.get("facts") or {}).get("samples"):
        lines.insert(2, f"  It holds: {', '.join(map(str, samples[:_MOST_SAMPLES]))}")
    return [*lines, f"  caravan question answer {question['id']} {question['recommendation']}", ""]


@app.command()
def answer(
    question: Annotated[str, typer.Argument(help="The question's id, as `list` shows it.")],
    option: Annotated[str, typer.Argument(help="One of its options.")],
    reason: Annotated[str | None, typer.Option(help="Kept with the decision.")] = None,
    learn: Annotated[
        bool, typer.Option("--learn/--once", help="Also for later flows, or for this one.")
    ] = True,
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Answer a question. The last one that holds a flow up lets it go on."""

    if not is_id(question):
        raise BadInput(f"{question!r} is no id of a question; `caravan question list FLOW` shows them.")

    async def answered(api: "Api") -> Row:
        body = {"option": option, "reason": reason, "learn": learn}
        made: Row = await api.post(f"/questions/{question}/answer", body)
        return {**made, "flow": await api.get(f"/flows/{made['question']['flow_id']}")}

    made = ask((url, token, data_dir), answered)
    flow = made["flow"]
    # A phase that runs again takes the answer in by itself.
    running = flow["status"] == "active"
    stale = [phase["name"] for phase in flow["phases"] if phase["stale"] and not running]
    words = f"{decided(made['decision']['number'], stale)} {advise(flow) or ''}".strip()
    show(made, words, json=json)


@app.command()
def accept(
    flow: FlowId,
    reason: Annotated[str | None, typer.Option(help="Kept with each decision.")] = None,
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Answer every open question of a flow as recommended. Teaches nothing: nobody looked at each."""

    async def accepted(api: "Api") -> list[Row]:
        path = f"/flows/{await full_id(api, flow)}/questions"
        found = [row async for row in api.pages(path, status=_OPEN)]
        # Those that hold the flow up come last: with the last of them the phase runs again, and asks anew.
        found.sort(key=lambda row: bool(row["blocking"]))
        body = {"reason": reason, "learn": False}
        return [
            await api.post(f"/questions/{row['id']}/answer", {**body, "option": row["recommendation"]})
            for row in found
        ]

    made = ask((url, token, data_dir), accepted)
    if not made and not json:
        out.print("This flow has no open question.")
        return
    answered = in_numbers(len(made), "question is", "questions are")
    words = f"{answered} answered as recommended. See `caravan flow show {flow}`."
    show(made, words, json=json)
