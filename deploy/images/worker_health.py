"""Exit 0 while the worker of this container takes commands, or has a good reason not to: all its slots are taken.

The worker itself looks at its own consumers, asks the broker and touches the file each time it is so
(caravan_common/worker/health.py).
"""

import os
import sys
import time
from pathlib import Path

# Four looks may fail: a broker that restarts is back within a minute, and killing the worker would not help it.
OLDEST_SECONDS = 45.0


def is_consuming() -> bool:
    mark = Path(os.environ["CARAVAN_DATA_DIR"]) / "consuming"
    try:
        return time.time() - mark.stat().st_mtime < OLDEST_SECONDS
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(0 if is_consuming() else 1)
