"""`python -m tests.support.judging_program`: the judging service as a process of its own."""

import sys

from caravan_common.worker import run_service
from tests.support.judging_service import JUDGING_SERVICE

if __name__ == "__main__":
    sys.exit(run_service(JUDGING_SERVICE))
