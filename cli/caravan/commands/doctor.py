"""`caravan doctor`: what is there, what is reachable, what is stuck. It changes nothing."""

import os
from pathlib import Path

from caravan.commands.options import DataDir, Json, Token, Url
from caravan.failures import FlowFailed, PlatformUnavailable
from caravan.output import print_json, print_table


def doctor(url: Url = None, token: Token = None, data_dir: DataDir = None, json: Json = False) -> None:
    """Look at this machine and at the platform: versions, database, broker, queues, stuck flows.

    Exit 4 when something needed can't be reached, 3 when a flow is stuck.
    """
    from caravan.checks import BROKEN, STUCK, examine
    from caravan.embedded.folder import default_folder
    from caravan.running import run

    named = bool(url or os.environ.get("CARAVAN_URL"))
    folder: Path = data_dir or default_folder()
    checks = run(examine(url, token, folder, platform_named=named))
    if json:
        print_json([check.as_dict() for check in checks])
    else:
        print_table(("", "what", "found"), [(check.state, check.what, check.found) for check in checks])
    if broken := [check.what for check in checks if check.state == BROKEN]:
        raise PlatformUnavailable(f"Not in order: {', '.join(broken)}; the table says why.")
    if any(check.state == STUCK for check in checks):
        raise FlowFailed(
            "A flow is stuck: nothing will wake it; give it to `caravan flow retry` and report it."
        )
