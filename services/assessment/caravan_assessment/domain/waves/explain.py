"""Why units fit nowhere: the edges, capacities or dates that make it so. To be filled in."""

from collections.abc import Iterable

from caravan_assessment.domain.waves.model import Instance, Unplaceable


def explain_infeasible(instance: Instance, units: Iterable[str] | None = None) -> tuple[Unplaceable, ...]:
    raise NotImplementedError
