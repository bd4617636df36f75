from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.flow_type_version_view import FlowTypeVersionView


T = TypeVar("T", bound="FlowTypeView")


@_attrs_define
class FlowTypeView:
    """
    Attributes:
        flow_type (str):
        title (str):
        description (str):
        latest (str):
        phases (list[str]):
        versions (list[FlowTypeVersionView]):
    """

    flow_type: str
    title: str
    description: str
    latest: str
    phases: list[str]
    versions: list[FlowTypeVersionView]

    def to_dict(self) -> dict[str, Any]:
        flow_type = self.flow_type

        title = self.title

        description = self.description

        latest = self.latest

        phases = self.phases

        versions = []
        for versions_item_data in self.versions:
            versions_item = versions_item_data.to_dict()
            versions.append(versions_item)

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "flow_type": flow_type,
                "title": title,
                "description": description,
                "latest": latest,
                "phases": phases,
                "versions": versions,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.flow_type_version_view import FlowTypeVersionView  # noqa: PLC0415

        d = dict(src_dict)
        flow_type = d.pop("flow_type")

        title = d.pop("title")

        description = d.pop("description")

        latest = d.pop("latest")

        phases = cast(list[str], d.pop("phases"))

        versions = []
        _versions = d.pop("versions")
        for versions_item_data in _versions:
            versions_item = FlowTypeVersionView.from_dict(versions_item_data)

            versions.append(versions_item)

        flow_type_view = cls(
            flow_type=flow_type,
            title=title,
            description=description,
            latest=latest,
            phases=phases,
            versions=versions,
        )

        return flow_type_view
