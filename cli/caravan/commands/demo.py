"""`caravan demo`: the journey on the sample estate, as a newcomer's first minute."""

import contextlib
import json as json_format
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from caravan.commands.options import Json
from caravan.commands.run import STARTING, travel
from caravan.failures import BadInput
from caravan.output import out, print_json, steps

if TYPE_CHECKING:
    from caravan.journey import Journey

SAMPLES = Path("samples") / "harbour"


def demo(
    json: Json = False,
    export: Annotated[Path | None, typer.Option(help="A folder for <name>.csv and <name>.parquet.")] = None,
    report: Annotated[
        Path | None, typer.Option(help="A file for the HTML report; a temporary one when absent.")
    ] = None,
    data_dir: Annotated[
        Path | None,
        typer.Option("--data-dir", help="Keep the platform's folder there; it is temporary when absent."),
    ] = None,
) -> None:
    """Run the whole journey on the sample estate of a harbour company, in under a minute."""
    kept = None
    try:
        with steps() as told:
            told.tell(STARTING)
            from caravan.results import Wanted, checked_targets
            from caravan.running import run

            journey = sample_journey(find_samples())
            kept = report or _report_file(data_dir)
            wanted = checked_targets(Wanted(export=export, report=kept, hints=True))
            answer, failure, hints = run(travel(journey, data_dir, told, wanted))
    finally:
        if report is None and data_dir is None and kept is not None and not kept.exists():
            with contextlib.suppress(OSError):
                kept.parent.rmdir()
    if json:
        print_json({**answer, "hints": hints, "report": str(kept)})
    elif failure is None:
        from caravan.card import print_card

        print_card(answer, export=export, report=kept, hints=hints)
        for label, words in next_steps(how_called()):
            out.print(f"  {label:<24}{words}", markup=False)
    if failure is not None:
        raise failure


def next_steps(caravan: str) -> tuple[tuple[str, str], ...]:
    """What a newcomer may want to do next, and the command for it."""
    return (
        ("Your own files:", f"{caravan} run FILES… --report report.html"),
        ("A platform that stays:", f"{caravan} up   (then README.md, Five minutes)"),
        ("All commands:", f"{caravan} --help"),
    )


def how_called() -> str:
    """The command as this person can type it again, whose shell may not know the environment."""
    typed = Path(sys.argv[0])
    known = shutil.which("caravan")
    if known is not None and typed.exists() and Path(known).samefile(typed):
        return "caravan"
    return str(typed) if typed.name == "caravan" else f"{sys.executable} -m caravan"


def find_samples() -> Path:
    """Beside the command's source, else below the current folder. Raises BadInput."""
    for root in (Path(__file__).resolve().parents[3], Path.cwd()):
        if (root / SAMPLES / "expected.json").is_file():
            return root / SAMPLES
    raise BadInput(
        f"The sample files {SAMPLES} are not here; run the demo in a checkout of Caravan, with `make demo`."
    )


def sample_journey(samples: Path) -> "Journey":
    """The files in the order that the sample's own account gives, on the day that it was made for."""
    from caravan.installed import chain_end
    from caravan.journey import Journey, checked_files

    expected = json_format.loads((samples / "expected.json").read_text(encoding="utf-8"))
    files = checked_files([samples / name for name in expected["inputs"]])
    name, through = "Nordkai Hafenlogistik (sample)", chain_end(None)
    return Journey(files=files, through=through, name=name, as_of=expected["as_of"])


def _report_file(data_dir: Path | None) -> Path:
    folder = data_dir or Path(tempfile.mkdtemp(prefix="caravan-demo-"))
    return folder / "report.html"
