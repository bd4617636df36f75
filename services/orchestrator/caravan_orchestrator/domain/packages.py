"""What a flow has to give and what it was given: own datasets and those handed over to it, each name once."""

from uuid import UUID

from caravan_common.contracts import DatasetRef
from caravan_orchestrator.domain.model import Flow, HandedOver, Handoff


def handoff_of(flow: Flow, id_: UUID) -> Handoff:
    """Raises KeyError when the flow has no such handoff that is open or stands."""
    for handoff in flow.handoffs:
        if handoff.id == id_:
            return handoff
    raise KeyError(id_)


def holdings(flow: Flow) -> tuple[HandedOver, ...]:
    """All that can be handed on: its active datasets, then what it was given and did not make anew itself."""
    own = [
        HandedOver(flow.id, flow.flow_type, dataset.phase, dataset.id, dataset.manifest)
        for dataset in flow.datasets
    ]
    made = {each.manifest.name for each in own}
    return (*own, *(each for each in flow.handed if each.manifest.name not in made))


def package_inputs(flow: Flow) -> tuple[DatasetRef, ...]:
    """As BuildHandoff names them."""
    return tuple(_reference(each) for each in holdings(flow))


def handed_over(flow: Flow, name: str) -> DatasetRef | None:
    """The dataset of that name that came with the handoff this flow grew out of."""
    return next((_reference(each) for each in flow.handed if each.manifest.name == name), None)


def _reference(given: HandedOver) -> DatasetRef:
    return DatasetRef(flow_type=given.flow_type, phase=given.phase, manifest=given.manifest)
