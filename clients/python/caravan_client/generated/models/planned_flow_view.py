from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.planned_flow_view_targets import PlannedFlowViewTargets


T = TypeVar("T", bound="PlannedFlowView")


@_attrs_define
class PlannedFlowView:
    """What becomes of one flow. `targets`: phase → attempt it goes back to; null: none. `effects`: how many.

    Attributes:
        flow_id (UUID):
        flow_type (str):
        name (str):
        status (str):
        phases (list[str]):
        targets (PlannedFlowViewTargets):
        decisions (list[int]):
        effects (int):
    """

    flow_id: UUID
    flow_type: str
    name: str
    status: str
    phases: list[str]
    targets: PlannedFlowViewTargets
    decisions: list[int]
    effects: int

    def to_dict(self) -> dict[str, Any]:
        flow_id = str(self.flow_id)

        flow_type = self.flow_type

        name = self.name

        status = self.status

        phases = self.phases

        targets = self.targets.to_dict()

        decisions = self.decisions

        effects = self.effects

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "flow_id": flow_id,
                "flow_type": flow_type,
                "name": name,
                "status": status,
                "phases": phases,
                "targets": targets,
                "decisions": decisions,
                "effects": effects,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.planned_flow_view_targets import PlannedFlowViewTargets  # noqa: PLC0415

        d = dict(src_dict)
        flow_id = UUID(d.pop("flow_id"))

        flow_type = d.pop("flow_type")

        name = d.pop("name")

        status = d.pop("status")

        phases = cast(list[str], d.pop("phases"))

        targets = PlannedFlowViewTargets.from_dict(d.pop("targets"))

        decisions = cast(list[int], d.pop("decisions"))

        effects = d.pop("effects")

        planned_flow_view = cls(
            flow_id=flow_id,
            flow_type=flow_type,
            name=name,
            status=status,
            phases=phases,
            targets=targets,
            decisions=decisions,
            effects=effects,
        )

        return planned_flow_view
