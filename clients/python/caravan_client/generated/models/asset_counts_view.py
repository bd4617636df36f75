from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.asset_counts_view_by_type import AssetCountsViewByType
    from ..models.asset_counts_view_not_targets import AssetCountsViewNotTargets


T = TypeVar("T", bound="AssetCountsView")


@_attrs_define
class AssetCountsView:
    """
    Attributes:
        total (int):
        by_type (AssetCountsViewByType):
        migration_targets (int):
        not_targets (AssetCountsViewNotTargets): by reason
        overridden (int): on which a person has set something
    """

    total: int
    by_type: AssetCountsViewByType
    migration_targets: int
    not_targets: AssetCountsViewNotTargets
    overridden: int

    def to_dict(self) -> dict[str, Any]:
        total = self.total

        by_type = self.by_type.to_dict()

        migration_targets = self.migration_targets

        not_targets = self.not_targets.to_dict()

        overridden = self.overridden

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "total": total,
                "by_type": by_type,
                "migration_targets": migration_targets,
                "not_targets": not_targets,
                "overridden": overridden,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.asset_counts_view_by_type import AssetCountsViewByType  # noqa: PLC0415
        from ..models.asset_counts_view_not_targets import AssetCountsViewNotTargets  # noqa: PLC0415

        d = dict(src_dict)
        total = d.pop("total")

        by_type = AssetCountsViewByType.from_dict(d.pop("by_type"))

        migration_targets = d.pop("migration_targets")

        not_targets = AssetCountsViewNotTargets.from_dict(d.pop("not_targets"))

        overridden = d.pop("overridden")

        asset_counts_view = cls(
            total=total,
            by_type=by_type,
            migration_targets=migration_targets,
            not_targets=not_targets,
            overridden=overridden,
        )

        return asset_counts_view
