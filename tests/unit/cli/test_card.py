"""What `caravan run` shows a person when it is done."""

from typing import Any

import pytest

from caravan.card import print_card

FLOW: dict[str, Any] = {"flow_type": "discovery", "status": "completed", "phases": []}


def answer(*notes: dict[str, Any]) -> dict[str, Any]:
    entry = {"file": "fleet.xlsx", "format": "generic", "rows": 3, "rejected": 0}
    return {"seconds": 1.0, "flows": [FLOW], "imports": [entry | ({"notes": list(notes)} if notes else {})]}


def shown(told: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> str:
    print_card(told)
    return " ".join(capsys.readouterr().out.replace("│", " ").split())


def test_formulas_that_came_in_blank_are_said_with_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    note = {"code": "formula_without_value", "column": "CPUs", "cell": "B2", "count": 3}

    assert "3 formula cells without a stored result" in shown(answer(note), capsys)
    assert "formula" not in shown(answer(), capsys)
