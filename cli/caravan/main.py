"""The command `caravan`: its sub-commands, and the one place where an error becomes a sentence and an exit code."""

import os
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import version as version_of
from typing import Annotated, Any, cast

import typer
from typer.core import TyperCommand, TyperGroup

from caravan.commands import (
    administration,
    approvals,
    assets,
    attempts,
    audit,
    chains,
    conflicts,
    database,
    datasets,
    dead_letters,
    estates,
    events,
    flow_types,
    flows,
    handoffs,
    lifecycle,
    mappings,
    patterns,
    plans,
    prices,
    questions,
    rollbacks,
    service,
    treatments,
    waves,
)
from caravan.commands.analytics import analytics
from caravan.commands.backups import backup, restore
from caravan.commands.demo import demo
from caravan.commands.doctor import doctor
from caravan.commands.inbox import inbox, overview
from caravan.commands.lineage import lineage
from caravan.commands.openapi import openapi
from caravan.commands.processes import orchestrator, worker
from caravan.commands.report import report
from caravan.commands.rollback import rollback
from caravan.commands.run import run
from caravan.commands.status import status
from caravan.commands.token import token
from caravan.commands.up import up
from caravan.commands.usage import usage
from caravan.examples import EXAMPLES
from caravan.failures import BAD_INPUT, DONE, FAULT, INTERRUPTED, CommandFailed
from caravan.output import print_error
from caravan_common.settings import SettingsAreInvalid

_BEGIN, _FLOWS = "Begin", "Flows"
_RESULTS, _PLAN = "What came out, and putting it right", "The plan"
_ACCESS, _CARE = "Who may what", "Looking after a platform"
# As `caravan --help` shows them. A noun is in the singular and takes a verb; a word alone is a whole journey, a view of
# all, or a process.
_COMMANDS: dict[str, tuple[Callable[..., None] | tuple[str, typer.Typer], ...]] = {
    _BEGIN: (demo, run, up, status, doctor),
    _FLOWS: (
        ("flow", flows.app),
        ("chain", chains.app),
        ("handoff", handoffs.app),
        ("rollback", rollbacks.app),
        ("attempt", attempts.app),
        ("event", events.app),
        inbox,
        ("question", questions.app),
        ("approval", approvals.app),
        overview,
        analytics,
        usage,
        ("flow-type", flow_types.app),
    ),
    _RESULTS: (
        ("estate", estates.app),
        ("asset", assets.app),
        lineage,
        ("mapping", mappings.app),
        ("conflict", conflicts.app),
        ("pattern", patterns.app),
        ("dataset", datasets.datasets),
        ("entity", datasets.entities),
        report,
    ),
    _PLAN: (
        ("treatment", treatments.app),
        ("wave", waves.app),
        ("schedule", plans.schedules),
        ("resource", plans.resources),
        ("target", plans.targets),
        ("cost", plans.costs),
        ("price", prices.app),
        ("lifecycle", lifecycle.app),
    ),
    _ACCESS: (
        token,
        ("client", administration.clients),
        ("engagement", administration.engagements),
        ("member", administration.members),
        ("quota", administration.quotas),
        ("service-account", administration.accounts),
    ),
    _CARE: (
        ("audit", audit.app),
        ("dead-letter", dead_letters.app),
        backup,
        restore,
        ("db", database.app),
        ("service", service.app),
        worker,
        orchestrator,
        openapi,
    ),
}
# Names that scripts of earlier versions use.
_EARLIER = {
    "treatments": treatments.app,
    "waves": waves.app,
    "prices": prices.app,
    "learned": patterns.app,
    "dead": dead_letters.app,
}
_PLACE_OF: dict[str, int] = {}


class _Ordered(TyperGroup):
    def list_commands(self, ctx: Any) -> list[str]:
        return sorted(super().list_commands(ctx), key=lambda name: _PLACE_OF.get(name, len(_PLACE_OF)))

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        for path, command in _leaves(self):
            if examples := EXAMPLES.get(path):
                command.epilog = "\n\n".join(("Example:" if len(examples) == 1 else "Examples:", *examples))


def _leaves(group: TyperGroup, *path: str) -> Iterator[tuple[str, TyperCommand]]:
    """Single commands by their whole name."""
    for name, command in group.commands.items():
        if isinstance(command, TyperGroup):
            yield from _leaves(command, *path, name)
        else:
            yield " ".join((*path, name)), cast(TyperCommand, command)


app = typer.Typer(
    name="caravan",
    cls=_Ordered,
    help="Takes inventories of data centres through their migration to the cloud.",
    epilog="A noun takes a verb: `caravan flow list`. `--help` after any of them shows an example.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
flows.app.command()(rollback)
flows.app.command("datasets", hidden=True)(datasets.list_datasets)
for panel, commands in _COMMANDS.items():
    for each in commands:
        if isinstance(each, tuple):
            name, family = each
            app.add_typer(family, name=name, rich_help_panel=panel)
        else:
            name = each.__name__
            app.command(rich_help_panel=panel)(each)
        _PLACE_OF[name] = len(_PLACE_OF)
for name, family in _EARLIER.items():
    app.add_typer(family, name=name, hidden=True)


def _say_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"caravan {version_of('caravan')}")
        raise typer.Exit


@app.callback()
def _caravan(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_say_version, is_eager=True, help="Print the version and end."),
    ] = False,
) -> None:
    """Takes inventories of data centres through their migration to the cloud."""


def main() -> int:
    """The exit code: 0 done, 2 bad input, 3 a flow failed, 4 no platform, 130 interrupted; 1 is a fault of ours."""
    try:
        return int(app(standalone_mode=False, prog_name="caravan") or DONE)
    except BrokenPipeError:
        # Whoever read our output has gone; nothing more may be written to it, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except (Exception, KeyboardInterrupt) as error:
        if os.environ.get("CARAVAN_DEBUG"):
            raise
        code, sentence = explain(error)
        print_error(sentence)
        return code


def explain(error: BaseException) -> tuple[int, str]:
    """Exit code and one sentence."""
    match error:
        case CommandFailed():
            return error.exit_code, str(error)
        case SettingsAreInvalid():
            return BAD_INPUT, str(error)
        case typer.Abort() | KeyboardInterrupt():
            return INTERRUPTED, "Interrupted."
        case typer.TyperException():
            # What is wrong was said of one command, and its help is shorter than that of all.
            context = getattr(error, "ctx", None)
            path = "caravan" if context is None else context.command_path
            said = error.format_message() or "Name one of these commands."
            return BAD_INPUT, f"{said} See `{path} --help`."
        case TimeoutError():
            words = f" ({error})" if str(error) else ""
            return FAULT, f"Something took longer than it may{words}; try again, CARAVAN_DEBUG=1 shows where."
        case _:
            return FAULT, f"Something failed that should not have ({error!r}); CARAVAN_DEBUG=1 shows where."
