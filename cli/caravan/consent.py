"""Asks before what can't be taken back. Where nobody can be asked, a script has to say yes itself."""

import sys

import typer

from caravan.failures import INTERRUPTED, BadInput, CommandFailed


class Declined(CommandFailed):
    """Somebody was asked and said no."""

    exit_code = INTERRUPTED


def needs_yes(deed: str, *, yes: bool, preview: str = "") -> None:
    """To be called before anything is asked of the platform. Raises BadInput where there is neither --yes nor a
    terminal; `preview` is the option that shows what would be done."""
    if yes or sys.stdin.isatty():
        return
    look = f", or {preview} to see what it would do" if preview else ""
    raise BadInput(
        f"{deed} can't be taken back, and without a terminal nobody can be asked: give --yes{look}."
    )


def ask_first(question: str, *, yes: bool) -> None:
    """Raises Declined when the answer is no. On stderr, so that stdout is left to the answer."""
    if not yes and not typer.confirm(question, err=True):
        raise Declined("Nothing was done.")
