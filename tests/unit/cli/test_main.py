"""Errors become one sentence and an exit code."""

import httpx
import pytest
import typer

from caravan.api import failure_of
from caravan.failures import BadInput, FlowFailed, PlatformUnavailable
from caravan.main import explain
from caravan.output import cleaned, print_error
from caravan.running import Interrupted
from caravan_common.settings import SettingsAreInvalid


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (BadInput("b"), 2),
        (SettingsAreInvalid("s"), 2),
        (typer.BadParameter("p"), 2),
        (FlowFailed("f"), 3),
        (PlatformUnavailable("u"), 4),
        (failure_of(httpx.Response(404, json={"detail": "d"})), 2),
        (failure_of(httpx.Response(401)), 2),
        (failure_of(httpx.Response(500)), 1),
        (failure_of(httpx.Response(503, text="no JSON")), 4),
        (Interrupted("i"), 130),
        (KeyboardInterrupt(), 130),
        (ZeroDivisionError("z"), 1),
    ],
)
def test_each_kind_of_failure_has_its_exit_code(error: BaseException, code: int) -> None:
    assert explain(error)[0] == code


def test_an_error_is_printed_in_one_line_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    print_error("It failed\n  for a reason.")
    assert capsys.readouterr() == ("", "caravan: It failed for a reason.\n")


def test_text_of_clients_gives_no_orders_to_the_terminal() -> None:
    assert cleaned("a\x1b[31mb\nc") == "a [31mb c"
