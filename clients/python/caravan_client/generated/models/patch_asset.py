from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.patch_asset_set import PatchAssetSet


T = TypeVar("T", bound="PatchAsset")


@_attrs_define
class PatchAsset:
    """
    Attributes:
        set_ (PatchAssetSet): attribute → value, "16 GB" too; null is unknown
        reason (str):
    """

    set_: PatchAssetSet
    reason: str

    def to_dict(self) -> dict[str, Any]:
        set_ = self.set_.to_dict()

        reason = self.reason

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "set": set_,
                "reason": reason,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.patch_asset_set import PatchAssetSet  # noqa: PLC0415

        d = dict(src_dict)
        set_ = PatchAssetSet.from_dict(d.pop("set"))

        reason = d.pop("reason")

        patch_asset = cls(
            set_=set_,
            reason=reason,
        )

        return patch_asset
