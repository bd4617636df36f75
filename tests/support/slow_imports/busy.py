"""Takes three seconds of processor time to import."""

import time

from tests.support.echo_service import noop as run

__all__ = ["run"]

_BEGUN = time.process_time()
while time.process_time() - _BEGUN < 3:
    pass
