"""However the service is started, all its functions are given to the worker: one that is missing is missed late."""

from dataclasses import fields
from inspect import signature
from typing import Any

import pytest
import typer

from caravan.commands import processes
from caravan_assessment import main
from caravan_assessment.flow import SERVICE
from caravan_common.worker import Service
from caravan_common.worker.main import run_service


def given(*arguments: Any, **named: Any) -> dict[str, Any]:
    bound = signature(run_service).bind(*arguments, **named)
    return {
        field.name: bound.arguments.get(field.name) or type(getattr(SERVICE, field.name))()
        for field in fields(Service)
        if field.name != "definition"
    }


def test_its_own_program_and_the_command_run_the_same_service(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[dict[str, Any]] = []

    def note(*arguments: Any, **named: Any) -> int:
        seen.append(given(*arguments, **named))
        return 0

    monkeypatch.setattr(main, "run_service", note)
    monkeypatch.setattr("caravan_common.worker.run_service", note)
    main.main()
    with pytest.raises(typer.Exit):
        processes.worker("assessment")
    whole = {
        field.name: getattr(SERVICE, field.name) for field in fields(Service) if field.name != "definition"
    }
    assert seen == [whole, whole]
