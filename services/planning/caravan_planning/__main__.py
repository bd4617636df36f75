"""`python -m caravan_planning`."""

import sys

from caravan_planning.main import main

if __name__ == "__main__":
    sys.exit(main())
