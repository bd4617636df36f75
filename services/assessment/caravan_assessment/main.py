"""Starts the assessment worker."""

from caravan_assessment.flow import SERVICE
from caravan_common.worker.main import run_service


def main() -> int:
    """Runs until it is told to stop; answers the exit code."""
    return run_service(SERVICE)
