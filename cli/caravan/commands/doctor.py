"""`caravan doctor`: what is there, what is reachable, what is stuck. It changes nothing."""

import os
from pathlib import Path

from caravan.commands.options import DataDir, Json, Token, Url
from caravan.failures import FlowFailed, PlatformUnavailable
from caravan.output import print_json, print_table


def doctor(url: Url = None, token: Token = None, data_dir: DataDir = None, json: Json = False) -> None:
    """Look at this machine and at the platform: versions, clocks, database, store, broker, queues, flows.

    Exit 4 when something needed can't work, 3 when a flow is stuck or something is to be looked at.
    """
    from caravan.checks import BROKEN, LOOK, STUCK, examine
    from caravan.embedded.folder import default_folder
    from caravan.running import run

    named = bool(url or os.environ.get("CARAVAN_URL"))
    folder: Path = data_dir or default_folder()
    checks = run(examine(url, token, folder, platform_named=named))
    if json:
        print_json([check.as_dict() for check in checks])
    else:
        rows = [
            (check.state, check.what, " → ".join(filter(None, (check.found, check.todo)))) for check in checks
        ]
        print_table(("", "what", "found"), rows)
    if broken := [check.what for check in checks if check.state == BROKEN]:
        raise PlatformUnavailable(f"Not in order: {', '.join(broken)}; the table says why.")
    if stuck := [check.what for check in checks if check.state in (STUCK, LOOK)]:
        raise FlowFailed(f"To be looked at: {', '.join(stuck)}; the table says what to do.")
