"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Print JSON on stdout, and nothing else.")]
DataDir = Annotated[
    Path | None,
    typer.Option(
        "--data-dir",
        envvar="CARAVAN_DATA_DIR",
        show_envvar=False,
        help="The platform's folder: database, artifacts, key.",
    ),
]
Url = Annotated[
    str | None,
    typer.Option("--url", envvar="CARAVAN_URL", show_envvar=False, help="Where the gateway answers."),
]
Token = Annotated[
    str | None,
    typer.Option(
        "--token", envvar="CARAVAN_TOKEN", show_envvar=False, help="A bearer token for the gateway."
    ),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Don't ask; needed where no terminal is.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would be done; nothing changes.")]
