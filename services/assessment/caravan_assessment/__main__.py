"""`python -m caravan_assessment`."""

import sys

from caravan_assessment.main import main

if __name__ == "__main__":
    sys.exit(main())
