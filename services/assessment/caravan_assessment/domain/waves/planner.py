"""From an instance to a plan. To be filled in."""

from caravan_assessment.domain.waves.model import Instance, Plan


def plan_waves(
    instance: Instance, *, seconds: float | None = None, steps: int | None = None, seed: int = 1
) -> Plan:
    """`steps` (default, by size) repeats exactly; `seconds` only where a person asked for a time."""
    raise NotImplementedError
