from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.grown_flow_view import GrownFlowView


T = TypeVar("T", bound="RefreshView")


@_attrs_define
class RefreshView:
    """What shows the plan as it was before, and the request that takes it in once the flow has completed.

    Attributes:
        text (str):
        method (str):
        path (str):
        command (str): the same on the command line
        flows (list[GrownFlowView]): grown from this one: stale once it hands its new results over, each to be refreshed
            after it
    """

    text: str
    method: str
    path: str
    command: str
    flows: list[GrownFlowView]

    def to_dict(self) -> dict[str, Any]:
        text = self.text

        method = self.method

        path = self.path

        command = self.command

        flows = []
        for flows_item_data in self.flows:
            flows_item = flows_item_data.to_dict()
            flows.append(flows_item)

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "text": text,
                "method": method,
                "path": path,
                "command": command,
                "flows": flows,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.grown_flow_view import GrownFlowView  # noqa: PLC0415

        d = dict(src_dict)
        text = d.pop("text")

        method = d.pop("method")

        path = d.pop("path")

        command = d.pop("command")

        flows = []
        _flows = d.pop("flows")
        for flows_item_data in _flows:
            flows_item = GrownFlowView.from_dict(flows_item_data)

            flows.append(flows_item)

        refresh_view = cls(
            text=text,
            method=method,
            path=path,
            command=command,
            flows=flows,
        )

        return refresh_view
