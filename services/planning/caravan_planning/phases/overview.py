"""To be written: for now the phase completes with nothing."""

from caravan_common.phases import PhaseContext, PhaseResult


def run(context: PhaseContext) -> PhaseResult:
    """Nothing yet."""
    del context
    return PhaseResult()
