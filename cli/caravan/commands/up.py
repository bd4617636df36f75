"""`caravan up`: the embedded platform, until it is told to stop."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from caravan.commands.options import DataDir, Json
from caravan.failures import PlatformUnavailable
from caravan.output import Steps, err, out, print_json, steps

if TYPE_CHECKING:
    import socket

    from caravan.embedded import EmbeddedPlatform


def up(
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help="Of the gateway; 8080 when absent, 0 takes any free one."),
    ] = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Start the embedded platform and keep it up until Ctrl-C."""
    from caravan.embedded.folder import default_folder
    from caravan.running import Interrupted, run
    from caravan_common.settings import Settings
    from caravan_orchestrator.serving import PortIsTaken, listen

    settings = Settings.load()
    try:
        bound = listen("127.0.0.1", settings.port if port is None else port)
    except PortIsTaken as error:
        raise PlatformUnavailable(f"{error}; name another with --port.") from error
    try:
        with steps() as told:
            run(_stay_up(data_dir or default_folder(), bound, told, slots=settings.slots, json=json))
    except Interrupted:
        err.print("Stopped.")  # being told to is how it ends
    finally:
        bound.close()


async def _stay_up(data_dir: Path, bound: "socket.socket", told: Steps, *, slots: int, json: bool) -> None:
    from caravan.embedded import DataFolder, EmbeddedPlatform
    from caravan.embedded.platform import APP, DISPATCH
    from caravan.logs import logs_to_file

    folder = DataFolder(data_dir)
    with folder, logs_to_file(folder.log):
        async with EmbeddedPlatform(folder, slots=slots, told=told.tell) as platform:
            url = f"http://127.0.0.1:{await platform.serve(bound)}"
            folder.note_running(
                {"url": url, "databases": {role: platform.url(role) for role in (APP, DISPATCH)}}
            )
            told.end()
            if json:
                print_json({"url": url, "data_dir": str(folder.path)})
            else:
                out.print(f"Caravan answers at {url}/api/v1, with its documentation at {url}/docs.")
                out.print(f"A token: caravan token --data-dir {folder.path}   Its log: {folder.log}")
                out.print("Ctrl-C stops it.")
            await _until_broken(platform)


async def _until_broken(platform: "EmbeddedPlatform") -> None:
    """For ever, unless PostgreSQL or the workers' children are gone for good."""
    while True:
        platform.check()
        await asyncio.sleep(0.5)
