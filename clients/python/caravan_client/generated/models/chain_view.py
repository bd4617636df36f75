from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.flow_view import FlowView
    from ..models.handoff_view import HandoffView


T = TypeVar("T", bound="ChainView")


@_attrs_define
class ChainView:
    """Nodes and edges: each flow names its `parent_flow_id`, each handoff its two ends.

    Attributes:
        root_flow_id (UUID):
        through (None | str): the last flow type to run by itself
        flow_types (list[str]): what follows one another from the root to the last, by definition
        progress (float): over all flows that are to run
        flows (list[FlowView]): the oldest first
        handoffs (list[HandoffView]): the oldest first
    """

    root_flow_id: UUID
    through: None | str
    flow_types: list[str]
    progress: float
    flows: list[FlowView]
    handoffs: list[HandoffView]

    def to_dict(self) -> dict[str, Any]:
        root_flow_id = str(self.root_flow_id)

        through: None | str
        through = self.through

        flow_types = self.flow_types

        progress = self.progress

        flows = []
        for flows_item_data in self.flows:
            flows_item = flows_item_data.to_dict()
            flows.append(flows_item)

        handoffs = []
        for handoffs_item_data in self.handoffs:
            handoffs_item = handoffs_item_data.to_dict()
            handoffs.append(handoffs_item)

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "root_flow_id": root_flow_id,
                "through": through,
                "flow_types": flow_types,
                "progress": progress,
                "flows": flows,
                "handoffs": handoffs,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.flow_view import FlowView  # noqa: PLC0415
        from ..models.handoff_view import HandoffView  # noqa: PLC0415

        d = dict(src_dict)
        root_flow_id = UUID(d.pop("root_flow_id"))

        def _parse_through(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        through = _parse_through(d.pop("through"))

        flow_types = cast(list[str], d.pop("flow_types"))

        progress = d.pop("progress")

        flows = []
        _flows = d.pop("flows")
        for flows_item_data in _flows:
            flows_item = FlowView.from_dict(flows_item_data)

            flows.append(flows_item)

        handoffs = []
        _handoffs = d.pop("handoffs")
        for handoffs_item_data in _handoffs:
            handoffs_item = HandoffView.from_dict(handoffs_item_data)

            handoffs.append(handoffs_item)

        chain_view = cls(
            root_flow_id=root_flow_id,
            through=through,
            flow_types=flow_types,
            progress=progress,
            flows=flows,
            handoffs=handoffs,
        )

        return chain_view
