"""Starts the planning worker."""

from caravan_common.worker.main import run_service
from caravan_planning.flow import SERVICE


def main() -> int:
    """Runs until it is told to stop; answers the exit code."""
    return run_service(SERVICE)
