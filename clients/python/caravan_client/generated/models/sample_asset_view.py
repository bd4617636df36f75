from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.sample_asset_view_changes import SampleAssetViewChanges


T = TypeVar("T", bound="SampleAssetView")


@_attrs_define
class SampleAssetView:
    """
    Attributes:
        id (UUID):
        natural_key (str):
        name (None | str):
        changes (SampleAssetViewChanges): by attribute
    """

    id: UUID
    natural_key: str
    name: None | str
    changes: SampleAssetViewChanges

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        natural_key = self.natural_key

        name: None | str
        name = self.name

        changes = self.changes.to_dict()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "id": id,
                "natural_key": natural_key,
                "name": name,
                "changes": changes,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.sample_asset_view_changes import SampleAssetViewChanges  # noqa: PLC0415

        d = dict(src_dict)
        id = UUID(d.pop("id"))

        natural_key = d.pop("natural_key")

        def _parse_name(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        name = _parse_name(d.pop("name"))

        changes = SampleAssetViewChanges.from_dict(d.pop("changes"))

        sample_asset_view = cls(
            id=id,
            natural_key=natural_key,
            name=name,
            changes=changes,
        )

        return sample_asset_view
