"""However the service is started, all its functions are given to the worker: one that is missing is missed late."""

import pytest
import typer

from caravan.commands import processes
from caravan_assessment import main
from caravan_assessment.flow import SERVICE
from caravan_common.worker import Service


def test_its_own_program_and_the_command_run_the_same_service(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Service] = []

    def note(service: Service) -> int:
        seen.append(service)
        return 0

    monkeypatch.setattr(main, "run_service", note)
    monkeypatch.setattr("caravan_common.worker.run_service", note)
    main.main()
    with pytest.raises(typer.Exit):
        processes.worker("assessment")
    assert seen == [SERVICE, SERVICE]
