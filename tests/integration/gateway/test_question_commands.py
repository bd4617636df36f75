"""`caravan question`, and how `caravan inbox` and `caravan flow` lead to it, against a gateway that listens."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from tests.integration.gateway.client import QUESTION, Client, Worker
from tests.integration.gateway.test_people import asked

CommandLine = Callable[..., Awaitable[str]]


async def test_a_flow_that_waits_says_how_it_is_answered_and_goes_on(
    command_line: CommandLine, ann: Client, worker: Worker
) -> None:
    flow, question = await asked(ann, worker)
    assert f"caravan question list {flow}" in await command_line("flow", "show", flow, role="operator")
    told = await command_line("question", "list", flow[:18], role="viewer")
    assert QUESTION.text in told
    assert "test, recommended: Test" in told
    assert f"caravan question answer {question} test" in told
    assert f"caravan question answer {question} test" in await command_line("inbox", role="operator")

    answered = await command_line(
        "question", "answer", question, "production", "--reason", "it serves", "--once", role="operator"
    )
    assert "Decision 1 is recorded" in answered
    assert (await ann.json("GET", f"/flows/{flow}"))["status"] == "active"
    assert "This flow asks nothing." in await command_line("question", "list", flow, role="viewer")
    (row,) = json.loads(await command_line("question", "list", flow, "--all", "--json", role="viewer"))
    assert (row["status"], row["answer"]) == ("answered", "production")


async def test_all_open_questions_are_answered_as_recommended_and_nothing_is_learned(
    command_line: CommandLine, ann: Client, worker: Worker
) -> None:
    made = await ann.create()
    others = [
        QUESTION.model_copy(update={"key": f"other-{number}", "blocking": number == 0}) for number in range(3)
    ]
    await worker.complete(made["id"], questions=tuple(others))
    told = await command_line("question", "accept", made["id"], role="operator")
    assert "3 questions are answered as recommended." in told
    rows = json.loads(await command_line("question", "list", made["id"], "--all", "--json", role="viewer"))
    assert [(row["status"], row["answer"]) for row in rows] == [("answered", "test")] * 3
    assert (await ann.json("GET", f"/flows/{made['id']}"))["status"] == "active"
    assert (await ann.json("GET", "/learned-patterns"))["items"] == []
    assert "no open question" in await command_line("question", "accept", made["id"], role="operator")


async def test_a_phase_that_waits_to_be_told_is_executed(
    command_line: CommandLine, ann: Client, worker: Worker
) -> None:
    made: Any = await ann.create(auto_advance=False)
    shown = await command_line("flow", "show", made["id"], role="viewer")
    assert f"goes on with read when told to: caravan flow execute {made['id']}" in shown
    told = json.loads(await command_line("flow", "execute", made["id"], "--json", role="operator"))
    assert (told["status"], told["current_phase"]) == ("active", "read")
    await worker.complete(made["id"])
    told = json.loads(await command_line("flow", "execute", made["id"], "gather", "--json", role="operator"))
    assert (told["status"], told["current_phase"]) == ("active", "gather")
