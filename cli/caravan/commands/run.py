"""`caravan run`: the journey on somebody's files, on a platform of its own."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from caravan.commands.options import DataDir, Json
from caravan.failures import BadInput, CommandFailed, FlowFailed
from caravan.output import Steps, out, print_json, steps

if TYPE_CHECKING:
    from caravan.api import Api
    from caravan.journey import Journey
    from caravan.results import Wanted

# A phase that fails with one of these says that the files are at fault.
_BAD_FILES = frozenset({"no_readable_file"})


# What is imported first takes seconds the first time, and nobody is left before a silent screen.
STARTING = "starting"


def run(
    files: Annotated[list[Path], typer.Argument(help="Inventory files: CSV, XLSX and their relatives.")],
    through: Annotated[
        str | None, typer.Option(help="The last flow to run; as far as flows are installed when absent.")
    ] = None,
    json: Json = False,
    export: Annotated[
        Path | None, typer.Option(help="A folder for <name>.csv and <name>.parquet of every result.")
    ] = None,
    report: Annotated[Path | None, typer.Option(help="A file for the HTML report.")] = None,
    scope: Annotated[
        Path | None, typer.Option(help="A file naming one application or asset per line.")
    ] = None,
    as_of: Annotated[
        str | None, typer.Option(help="The day to compute for, as 2026-11-21; today when absent.")
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Run the journey on your files, in one process, and print what came out."""
    with steps() as told:
        told.tell(STARTING)
        from caravan.installed import chain_end
        from caravan.journey import Journey, checked_files, iso_date, read_scope
        from caravan.results import Wanted, checked_targets
        from caravan.running import run as run_work

        journey = Journey(
            files=checked_files(files),
            through=chain_end(through),
            name=files[0].name if len(files) == 1 else f"{files[0].name} and {len(files) - 1} more",
            scope=read_scope(scope) if scope else (),
            as_of=iso_date(as_of),
        )
        wanted = checked_targets(Wanted(export=export, report=report, hints=not json))
        answer, failure, hints = run_work(travel(journey, data_dir, told, wanted))
    if json:
        print_json(answer)
    elif failure is None:
        from caravan.card import print_card

        print_card(answer, export=export, report=report, hints=hints)
        if export is None and report is None:
            out.print("All of it, row by row: --export FOLDER   For people: --report report.html")
    if failure is not None:
        raise failure


async def travel(
    journey: "Journey", data_dir: Path | None, told: Steps, wanted: "Wanted"
) -> tuple[dict[str, Any], CommandFailed | None, list[str]]:
    """The answer; what the command fails with after printing it; the hints that were wanted."""
    from caravan.api import Api
    from caravan.embedded import DataFolder, EmbeddedPlatform
    from caravan.journey import COMPLETED, failed_handoff, nothing_found, run_journey
    from caravan.logs import logs_to_file
    from caravan.results import write_results

    folder = DataFolder(data_dir) if data_dir else DataFolder.make_temporary()
    with folder, logs_to_file(folder.log):
        async with EmbeddedPlatform(folder, told=told.tell) as platform, Api.inside(platform) as api:
            answer = await run_journey(api, journey, told, platform)
            for flow in answer["flows"]:
                if flow["status"] != COMPLETED:
                    return answer, await _why(api, flow["id"]), []
            if (words := failed_handoff(answer)) is not None:
                return answer, FlowFailed(f"The chain did not go on: {words}"), []
            hints = await write_results(api, platform, answer, wanted, told)
            return answer, nothing_found(answer, journey.scope), hints


async def _why(api: "Api", flow_id: str) -> CommandFailed:
    from caravan.journey import failure_of

    code, words = failure_of(await api.get(f"/flows/{flow_id}"))
    return BadInput(words) if code in _BAD_FILES else FlowFailed(f"The flow did not complete: {words}")
