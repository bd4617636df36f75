"""Errors become one sentence and an exit code."""

import asyncio
import re
from pathlib import Path

import httpx
import pytest
import typer

from caravan.api import Api, failure_of
from caravan.embedded import DataFolder, EmbeddedPlatform
from caravan.failures import BadInput, FlowFailed, PlatformFault, PlatformUnavailable
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
        (PlatformFault("p"), 1),
        (TimeoutError(), 1),
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


async def failed_children(platform: EmbeddedPlatform, error: Exception) -> None:
    """The processes that compute are begun with the platform, and end so."""

    async def start() -> None:
        raise error

    platform._failed = asyncio.get_running_loop().create_future()
    starting = asyncio.ensure_future(start())
    starting.add_done_callback(platform._note_failure)
    await asyncio.wait([starting])
    await asyncio.sleep(0)


@pytest.mark.parametrize(
    ("is_up", "kind", "words"),
    [
        (False, PlatformUnavailable, "could not start (no answer)"),
        (True, PlatformFault, "is up, but the processes that compute could not be started (no answer)"),
    ],
)
async def test_what_ends_later_is_no_failure_to_start(
    is_up: bool, kind: type[Exception], words: str, tmp_path: Path
) -> None:
    with DataFolder(tmp_path) as folder:
        platform = EmbeddedPlatform(folder)
        platform._is_up = is_up
        await failed_children(platform, OSError("no answer"))
        with pytest.raises(kind, match=re.escape(words)):
            platform.check()


async def test_a_start_that_takes_too_long_says_so_and_a_wait_inside_is_left_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def slow(_platform: EmbeddedPlatform) -> None:
        raise TimeoutError("not ready after 60 s: planning")

    async def at_once(_platform: EmbeddedPlatform) -> None:
        return None

    with DataFolder(tmp_path) as folder:
        monkeypatch.setattr(EmbeddedPlatform, "_start", slow)
        with pytest.raises(PlatformUnavailable, match="not ready after 60 s: planning"):
            await EmbeddedPlatform(folder).__aenter__()
        monkeypatch.setattr(EmbeddedPlatform, "_start", at_once)
        with pytest.raises(TimeoutError, match="of ours"):
            async with EmbeddedPlatform(folder):
                raise TimeoutError("of ours")


@pytest.mark.parametrize(
    ("failure", "kind", "words"),
    [
        (httpx.ConnectError("refused"), PlatformUnavailable, "start one with `caravan up`"),
        (httpx.ConnectTimeout(""), PlatformUnavailable, "start one with `caravan up`"),
        (httpx.ReadTimeout(""), PlatformFault, "is up, but took longer than it may"),
        (httpx.RemoteProtocolError("closed"), PlatformUnavailable, "broke off"),
    ],
)
async def test_a_platform_that_took_too_long_is_told_from_one_that_is_not_there(
    failure: httpx.HTTPError, kind: type[Exception], words: str
) -> None:
    def fail(_: httpx.Request) -> httpx.Response:
        raise failure

    http = httpx.AsyncClient(transport=httpx.MockTransport(fail), base_url="http://caravan")
    async with Api(http, "http://caravan") as api:
        with pytest.raises(kind, match=re.escape(words)):
            await api.get("/flows")
