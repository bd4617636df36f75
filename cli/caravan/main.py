"""The command `caravan`: its sub-commands, and the one place where an error becomes a sentence and an exit code."""

import os
import sys
from collections.abc import Callable
from typing import Any, cast

import typer
from typer.core import TyperGroup

from caravan.commands import (
    administration,
    audit,
    conflicts,
    database,
    dead,
    estates,
    flows,
    learned,
    lifecycle,
    mappings,
    prices,
    questions,
    service,
    treatments,
    waves,
)
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
from caravan.failures import BAD_INPUT, DONE, FAULT, INTERRUPTED, CommandFailed
from caravan.output import print_error
from caravan_common.settings import SettingsAreInvalid

# The order in which `caravan --help` shows them; what is named nowhere stands in the last.
_PANELS = {
    "Begin": "demo run up status doctor",
    "Flows": "flow inbox question overview usage",
    "What came out, and putting it right": "lineage mapping conflict estate learned treatments waves",
    "Who may what": "token client engagement member quota service-account",
}
_LAST_PANEL = "Looking after a platform"
_PANEL_OF = {name: panel for panel, names in _PANELS.items() for name in names.split()}
_PLACE_OF = {name: place for place, name in enumerate(_PANEL_OF)}


class _Ordered(TyperGroup):
    def list_commands(self, ctx: Any) -> list[str]:
        return sorted(super().list_commands(ctx), key=lambda name: _PLACE_OF.get(name, len(_PLACE_OF)))


app = typer.Typer(
    name="caravan",
    cls=_Ordered,
    help="Takes inventories of data centres through their migration to the cloud.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
flows.app.command()(rollback)
_COMMANDS = (
    demo,
    run,
    up,
    token,
    status,
    inbox,
    overview,
    usage,
    lineage,
    report,
    openapi,
    doctor,
    backup,
    restore,
    worker,
    orchestrator,
)
for command in _COMMANDS:
    panel = _PANEL_OF.get(command.__name__, _LAST_PANEL)
    app.command(rich_help_panel=panel)(cast("Callable[..., None]", command))
for name, family in (
    ("flow", flows.app),
    ("question", questions.app),
    ("mapping", mappings.app),
    ("conflict", conflicts.app),
    ("treatments", treatments.app),
    ("waves", waves.app),
    ("learned", learned.app),
    ("estate", estates.app),
    ("client", administration.clients),
    ("engagement", administration.engagements),
    ("member", administration.members),
    ("quota", administration.quotas),
    ("service-account", administration.accounts),
    ("dead", dead.app),
    ("audit", audit.app),
    ("db", database.app),
    ("service", service.app),
    ("lifecycle", lifecycle.app),
    ("prices", prices.app),
):
    app.add_typer(family, name=name, rich_help_panel=_PANEL_OF.get(name, _LAST_PANEL))


@app.callback()
def _caravan() -> None:
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
            return BAD_INPUT, f"{error.format_message()} See `{path} --help`."
        case TimeoutError():
            words = f" ({error})" if str(error) else ""
            return FAULT, f"Something took longer than it may{words}; try again, CARAVAN_DEBUG=1 shows where."
        case _:
            return FAULT, f"Something failed that should not have ({error!r}); CARAVAN_DEBUG=1 shows where."
