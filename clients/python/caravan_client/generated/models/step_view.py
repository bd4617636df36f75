from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.step_view_data import StepViewData


T = TypeVar("T", bound="StepView")


@_attrs_define
class StepView:
    """
    Attributes:
        id (UUID):
        flow_id (UUID):
        dataset_id (UUID):
        entity_type (str):
        natural_key (str):
        data (StepViewData):
        source_entities (list[str]):
        transformation_log (Any):
        quality_score (float | None):
        dataset (str):
        depth (int):
    """

    id: UUID
    flow_id: UUID
    dataset_id: UUID
    entity_type: str
    natural_key: str
    data: StepViewData
    source_entities: list[str]
    transformation_log: Any
    quality_score: float | None
    dataset: str
    depth: int

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        flow_id = str(self.flow_id)

        dataset_id = str(self.dataset_id)

        entity_type = self.entity_type

        natural_key = self.natural_key

        data = self.data.to_dict()

        source_entities = self.source_entities

        transformation_log = self.transformation_log

        quality_score: float | None
        quality_score = self.quality_score

        dataset = self.dataset

        depth = self.depth

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "id": id,
                "flow_id": flow_id,
                "dataset_id": dataset_id,
                "entity_type": entity_type,
                "natural_key": natural_key,
                "data": data,
                "source_entities": source_entities,
                "transformation_log": transformation_log,
                "quality_score": quality_score,
                "dataset": dataset,
                "depth": depth,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.step_view_data import StepViewData  # noqa: PLC0415

        d = dict(src_dict)
        id = UUID(d.pop("id"))

        flow_id = UUID(d.pop("flow_id"))

        dataset_id = UUID(d.pop("dataset_id"))

        entity_type = d.pop("entity_type")

        natural_key = d.pop("natural_key")

        data = StepViewData.from_dict(d.pop("data"))

        source_entities = cast(list[str], d.pop("source_entities"))

        transformation_log = d.pop("transformation_log")

        def _parse_quality_score(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        quality_score = _parse_quality_score(d.pop("quality_score"))

        dataset = d.pop("dataset")

        depth = d.pop("depth")

        step_view = cls(
            id=id,
            flow_id=flow_id,
            dataset_id=dataset_id,
            entity_type=entity_type,
            natural_key=natural_key,
            data=data,
            source_entities=source_entities,
            transformation_log=transformation_log,
            quality_score=quality_score,
            dataset=dataset,
            depth=depth,
        )

        return step_view
