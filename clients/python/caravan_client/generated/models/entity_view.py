from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.entity_view_data import EntityViewData


T = TypeVar("T", bound="EntityView")


@_attrs_define
class EntityView:
    """
    Attributes:
        id (UUID):
        flow_id (UUID):
        dataset_id (UUID):
        entity_type (str):
        natural_key (str):
        data (EntityViewData):
        source_entities (list[str]):
        transformation_log (Any):
        quality_score (float | None):
    """

    id: UUID
    flow_id: UUID
    dataset_id: UUID
    entity_type: str
    natural_key: str
    data: EntityViewData
    source_entities: list[str]
    transformation_log: Any
    quality_score: float | None

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
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.entity_view_data import EntityViewData  # noqa: PLC0415

        d = dict(src_dict)
        id = UUID(d.pop("id"))

        flow_id = UUID(d.pop("flow_id"))

        dataset_id = UUID(d.pop("dataset_id"))

        entity_type = d.pop("entity_type")

        natural_key = d.pop("natural_key")

        data = EntityViewData.from_dict(d.pop("data"))

        source_entities = cast(list[str], d.pop("source_entities"))

        transformation_log = d.pop("transformation_log")

        def _parse_quality_score(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        quality_score = _parse_quality_score(d.pop("quality_score"))

        entity_view = cls(
            id=id,
            flow_id=flow_id,
            dataset_id=dataset_id,
            entity_type=entity_type,
            natural_key=natural_key,
            data=data,
            source_entities=source_entities,
            transformation_log=transformation_log,
            quality_score=quality_score,
        )

        return entity_view
