from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.compared_view_differences_item import ComparedViewDifferencesItem
    from ..models.figures_view import FiguresView


T = TypeVar("T", bound="ComparedView")


@_attrs_define
class ComparedView:
    """From the version in the path to the one in the body.

    Attributes:
        version (UUID):
        with_version (UUID):
        differences (list[ComparedViewDifferencesItem]): by application: what differs, before and after
        before (FiguresView):
        after (FiguresView):
    """

    version: UUID
    with_version: UUID
    differences: list[ComparedViewDifferencesItem]
    before: FiguresView
    after: FiguresView

    def to_dict(self) -> dict[str, Any]:
        version = str(self.version)

        with_version = str(self.with_version)

        differences = []
        for differences_item_data in self.differences:
            differences_item = differences_item_data.to_dict()
            differences.append(differences_item)

        before = self.before.to_dict()

        after = self.after.to_dict()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "version": version,
                "with_version": with_version,
                "differences": differences,
                "before": before,
                "after": after,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.compared_view_differences_item import ComparedViewDifferencesItem  # noqa: PLC0415
        from ..models.figures_view import FiguresView  # noqa: PLC0415

        d = dict(src_dict)
        version = UUID(d.pop("version"))

        with_version = UUID(d.pop("with_version"))

        differences = []
        _differences = d.pop("differences")
        for differences_item_data in _differences:
            differences_item = ComparedViewDifferencesItem.from_dict(differences_item_data)

            differences.append(differences_item)

        before = FiguresView.from_dict(d.pop("before"))

        after = FiguresView.from_dict(d.pop("after"))

        compared_view = cls(
            version=version,
            with_version=with_version,
            differences=differences,
            before=before,
            after=after,
        )

        return compared_view
