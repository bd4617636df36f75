"""`python -m tests.support.echo_program`: the echo service as a process of its own."""

import sys

from caravan_common.worker import run_service
from tests.support.echo_service import ECHO_SERVICE

if __name__ == "__main__":
    sys.exit(run_service(ECHO_SERVICE))
