from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.judgement_view import JudgementView
    from ..models.lineage_asset_view import LineageAssetView
    from ..models.origin_view import OriginView
    from ..models.record_view import RecordView


T = TypeVar("T", bound="AssetLineageView")


@_attrs_define
class AssetLineageView:
    """
    Attributes:
        asset (LineageAssetView):
        flow_id (UUID):
        attributes (list[OriginView]):
        judgements (list[JudgementView]): about the asset and about the columns of its cells
        records (list[RecordView]): its rows by source, and what joined the sources
    """

    asset: LineageAssetView
    flow_id: UUID
    attributes: list[OriginView]
    judgements: list[JudgementView]
    records: list[RecordView]

    def to_dict(self) -> dict[str, Any]:
        asset = self.asset.to_dict()

        flow_id = str(self.flow_id)

        attributes = []
        for attributes_item_data in self.attributes:
            attributes_item = attributes_item_data.to_dict()
            attributes.append(attributes_item)

        judgements = []
        for judgements_item_data in self.judgements:
            judgements_item = judgements_item_data.to_dict()
            judgements.append(judgements_item)

        records = []
        for records_item_data in self.records:
            records_item = records_item_data.to_dict()
            records.append(records_item)

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "asset": asset,
                "flow_id": flow_id,
                "attributes": attributes,
                "judgements": judgements,
                "records": records,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.judgement_view import JudgementView  # noqa: PLC0415
        from ..models.lineage_asset_view import LineageAssetView  # noqa: PLC0415
        from ..models.origin_view import OriginView  # noqa: PLC0415
        from ..models.record_view import RecordView  # noqa: PLC0415

        d = dict(src_dict)
        asset = LineageAssetView.from_dict(d.pop("asset"))

        flow_id = UUID(d.pop("flow_id"))

        attributes = []
        _attributes = d.pop("attributes")
        for attributes_item_data in _attributes:
            attributes_item = OriginView.from_dict(attributes_item_data)

            attributes.append(attributes_item)

        judgements = []
        _judgements = d.pop("judgements")
        for judgements_item_data in _judgements:
            judgements_item = JudgementView.from_dict(judgements_item_data)

            judgements.append(judgements_item)

        records = []
        _records = d.pop("records")
        for records_item_data in _records:
            records_item = RecordView.from_dict(records_item_data)

            records.append(records_item)

        asset_lineage_view = cls(
            asset=asset,
            flow_id=flow_id,
            attributes=attributes,
            judgements=judgements,
            records=records,
        )

        return asset_lineage_view
