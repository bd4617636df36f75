from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.asset_view import AssetView
    from ..models.decision_view import DecisionView


T = TypeVar("T", bound="PatchedAssetView")


@_attrs_define
class PatchedAssetView:
    """
    Attributes:
        asset (AssetView): Every canonical attribute under its name (docs/api.md); with ?fields= only those asked for.
        decisions (list[DecisionView]):
    """

    asset: AssetView
    decisions: list[DecisionView]

    def to_dict(self) -> dict[str, Any]:
        asset = self.asset.to_dict()

        decisions = []
        for decisions_item_data in self.decisions:
            decisions_item = decisions_item_data.to_dict()
            decisions.append(decisions_item)

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "asset": asset,
                "decisions": decisions,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.asset_view import AssetView  # noqa: PLC0415
        from ..models.decision_view import DecisionView  # noqa: PLC0415

        d = dict(src_dict)
        asset = AssetView.from_dict(d.pop("asset"))

        decisions = []
        _decisions = d.pop("decisions")
        for decisions_item_data in _decisions:
            decisions_item = DecisionView.from_dict(decisions_item_data)

            decisions.append(decisions_item)

        patched_asset_view = cls(
            asset=asset,
            decisions=decisions,
        )

        return patched_asset_view
