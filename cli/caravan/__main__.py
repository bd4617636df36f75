"""`python -m caravan`."""

import sys

from caravan.main import main

if __name__ == "__main__":
    sys.exit(main())
