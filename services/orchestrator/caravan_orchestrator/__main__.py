"""`python -m caravan_orchestrator`."""

import sys

from caravan_orchestrator.main import main

if __name__ == "__main__":
    sys.exit(main())
