"""`python -m caravan_discovery`."""

import sys

from caravan_discovery.main import main

if __name__ == "__main__":
    sys.exit(main())
