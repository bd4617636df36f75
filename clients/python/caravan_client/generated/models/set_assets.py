from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.asset_filter import AssetFilter
    from ..models.set_assets_set import SetAssetsSet


T = TypeVar("T", bound="SetAssets")


@_attrs_define
class SetAssets:
    """Exactly one of `ids` and `filter`; and either `preview`, or the digest that a preview answered.

    Attributes:
        set_ (SetAssetsSet): attribute → value, "16 GB" too; null is unknown
        reason (str):
        ids (list[UUID] | None | Unset):
        filter_ (AssetFilter | None | Unset):
        estate (None | Unset | UUID): with `filter`: its root flow; the current one when absent
        preview (bool | Unset): say what would be done, and do nothing Default: False.
        digest (None | str | Unset): of the preview: that very plan, or 409
    """

    set_: SetAssetsSet
    reason: str
    ids: list[UUID] | None | Unset = UNSET
    filter_: AssetFilter | None | Unset = UNSET
    estate: None | Unset | UUID = UNSET
    preview: bool | Unset = False
    digest: None | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        from ..models.asset_filter import AssetFilter  # noqa: PLC0415

        set_ = self.set_.to_dict()

        reason = self.reason

        ids: list[str] | None | Unset
        if isinstance(self.ids, Unset):
            ids = UNSET
        elif isinstance(self.ids, list):
            ids = []
            for ids_type_0_item_data in self.ids:
                ids_type_0_item = str(ids_type_0_item_data)
                ids.append(ids_type_0_item)

        else:
            ids = self.ids

        filter_: dict[str, Any] | None | Unset
        if isinstance(self.filter_, Unset):
            filter_ = UNSET
        elif isinstance(self.filter_, AssetFilter):
            filter_ = self.filter_.to_dict()
        else:
            filter_ = self.filter_

        estate: None | str | Unset
        if isinstance(self.estate, Unset):
            estate = UNSET
        elif isinstance(self.estate, UUID):
            estate = str(self.estate)
        else:
            estate = self.estate

        preview = self.preview

        digest: None | str | Unset
        if isinstance(self.digest, Unset):
            digest = UNSET
        else:
            digest = self.digest

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "set": set_,
                "reason": reason,
            }
        )
        if ids is not UNSET:
            field_dict["ids"] = ids
        if filter_ is not UNSET:
            field_dict["filter"] = filter_
        if estate is not UNSET:
            field_dict["estate"] = estate
        if preview is not UNSET:
            field_dict["preview"] = preview
        if digest is not UNSET:
            field_dict["digest"] = digest

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.asset_filter import AssetFilter  # noqa: PLC0415
        from ..models.set_assets_set import SetAssetsSet  # noqa: PLC0415

        d = dict(src_dict)
        set_ = SetAssetsSet.from_dict(d.pop("set"))

        reason = d.pop("reason")

        def _parse_ids(data: object) -> list[UUID] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                ids_type_0 = []
                _ids_type_0 = data
                for ids_type_0_item_data in _ids_type_0:
                    ids_type_0_item = UUID(ids_type_0_item_data)

                    ids_type_0.append(ids_type_0_item)

                return ids_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[UUID] | None | Unset, data)

        ids = _parse_ids(d.pop("ids", UNSET))

        def _parse_filter_(data: object) -> AssetFilter | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                filter_type_0 = AssetFilter.from_dict(data)

                return filter_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(AssetFilter | None | Unset, data)

        filter_ = _parse_filter_(d.pop("filter", UNSET))

        def _parse_estate(data: object) -> None | Unset | UUID:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                estate_type_0 = UUID(data)

                return estate_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Unset | UUID, data)

        estate = _parse_estate(d.pop("estate", UNSET))

        preview = d.pop("preview", UNSET)

        def _parse_digest(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        digest = _parse_digest(d.pop("digest", UNSET))

        set_assets = cls(
            set_=set_,
            reason=reason,
            ids=ids,
            filter_=filter_,
            estate=estate,
            preview=preview,
            digest=digest,
        )

        return set_assets
