from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.decision_view import DecisionView
    from ..models.entity_view import EntityView
    from ..models.judgement_view import JudgementView
    from ..models.source_view import SourceView
    from ..models.step_view import StepView


T = TypeVar("T", bound="LineageView")


@_attrs_define
class LineageView:
    """
    Attributes:
        entity (EntityView):
        steps (list[StepView]):
        sources (list[SourceView]):
        decisions (list[DecisionView]):
        judgements (list[JudgementView]):
    """

    entity: EntityView
    steps: list[StepView]
    sources: list[SourceView]
    decisions: list[DecisionView]
    judgements: list[JudgementView]

    def to_dict(self) -> dict[str, Any]:
        entity = self.entity.to_dict()

        steps = []
        for steps_item_data in self.steps:
            steps_item = steps_item_data.to_dict()
            steps.append(steps_item)

        sources = []
        for sources_item_data in self.sources:
            sources_item = sources_item_data.to_dict()
            sources.append(sources_item)

        decisions = []
        for decisions_item_data in self.decisions:
            decisions_item = decisions_item_data.to_dict()
            decisions.append(decisions_item)

        judgements = []
        for judgements_item_data in self.judgements:
            judgements_item = judgements_item_data.to_dict()
            judgements.append(judgements_item)

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "entity": entity,
                "steps": steps,
                "sources": sources,
                "decisions": decisions,
                "judgements": judgements,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.decision_view import DecisionView  # noqa: PLC0415
        from ..models.entity_view import EntityView  # noqa: PLC0415
        from ..models.judgement_view import JudgementView  # noqa: PLC0415
        from ..models.source_view import SourceView  # noqa: PLC0415
        from ..models.step_view import StepView  # noqa: PLC0415

        d = dict(src_dict)
        entity = EntityView.from_dict(d.pop("entity"))

        steps = []
        _steps = d.pop("steps")
        for steps_item_data in _steps:
            steps_item = StepView.from_dict(steps_item_data)

            steps.append(steps_item)

        sources = []
        _sources = d.pop("sources")
        for sources_item_data in _sources:
            sources_item = SourceView.from_dict(sources_item_data)

            sources.append(sources_item)

        decisions = []
        _decisions = d.pop("decisions")
        for decisions_item_data in _decisions:
            decisions_item = DecisionView.from_dict(decisions_item_data)

            decisions.append(decisions_item)

        judgements = []
        _judgements = d.pop("judgements")
        for judgements_item_data in _judgements:
            judgements_item = JudgementView.from_dict(judgements_item_data)

            judgements.append(judgements_item)

        lineage_view = cls(
            entity=entity,
            steps=steps,
            sources=sources,
            decisions=decisions,
            judgements=judgements,
        )

        return lineage_view
