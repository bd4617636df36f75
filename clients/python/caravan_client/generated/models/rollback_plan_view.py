from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.changed_assets_view import ChangedAssetsView
    from ..models.planned_flow_view import PlannedFlowView
    from ..models.rollback_plan_view_datasets_item import RollbackPlanViewDatasetsItem
    from ..models.rollback_plan_view_effects_item import RollbackPlanViewEffectsItem
    from ..models.rollback_plan_view_handoffs_item import RollbackPlanViewHandoffsItem
    from ..models.rollback_plan_view_targets import RollbackPlanViewTargets
    from ..models.selection_view import SelectionView


T = TypeVar("T", bound="RollbackPlanView")


@_attrs_define
class RollbackPlanView:
    """In order of undo, what has grown from a flow before it. `phases`, `targets` and `decisions` are of the flow that
    it was asked for; `parts` has those of every flow. `selection`: of a selective one, null or absent otherwise.

        Attributes:
            kind (str):
            phase (None | str):
            digest (str):
            flows (list[UUID]):
            parts (list[PlannedFlowView]):
            phases (list[str]):
            targets (RollbackPlanViewTargets):
            datasets (list[RollbackPlanViewDatasetsItem]):
            assets (ChangedAssetsView):
            decisions (list[int]):
            handoffs (list[RollbackPlanViewHandoffsItem]):
            effects (list[RollbackPlanViewEffectsItem]):
            irreversible (list[str]):
            seconds (float):
            selection (None | SelectionView | Unset):
    """

    kind: str
    phase: None | str
    digest: str
    flows: list[UUID]
    parts: list[PlannedFlowView]
    phases: list[str]
    targets: RollbackPlanViewTargets
    datasets: list[RollbackPlanViewDatasetsItem]
    assets: ChangedAssetsView
    decisions: list[int]
    handoffs: list[RollbackPlanViewHandoffsItem]
    effects: list[RollbackPlanViewEffectsItem]
    irreversible: list[str]
    seconds: float
    selection: None | SelectionView | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        from ..models.selection_view import SelectionView  # noqa: PLC0415

        kind = self.kind

        phase: None | str
        phase = self.phase

        digest = self.digest

        flows = []
        for flows_item_data in self.flows:
            flows_item = str(flows_item_data)
            flows.append(flows_item)

        parts = []
        for parts_item_data in self.parts:
            parts_item = parts_item_data.to_dict()
            parts.append(parts_item)

        phases = self.phases

        targets = self.targets.to_dict()

        datasets = []
        for datasets_item_data in self.datasets:
            datasets_item = datasets_item_data.to_dict()
            datasets.append(datasets_item)

        assets = self.assets.to_dict()

        decisions = self.decisions

        handoffs = []
        for handoffs_item_data in self.handoffs:
            handoffs_item = handoffs_item_data.to_dict()
            handoffs.append(handoffs_item)

        effects = []
        for effects_item_data in self.effects:
            effects_item = effects_item_data.to_dict()
            effects.append(effects_item)

        irreversible = self.irreversible

        seconds = self.seconds

        selection: dict[str, Any] | None | Unset
        if isinstance(self.selection, Unset):
            selection = UNSET
        elif isinstance(self.selection, SelectionView):
            selection = self.selection.to_dict()
        else:
            selection = self.selection

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "kind": kind,
                "phase": phase,
                "digest": digest,
                "flows": flows,
                "parts": parts,
                "phases": phases,
                "targets": targets,
                "datasets": datasets,
                "assets": assets,
                "decisions": decisions,
                "handoffs": handoffs,
                "effects": effects,
                "irreversible": irreversible,
                "seconds": seconds,
            }
        )
        if selection is not UNSET:
            field_dict["selection"] = selection

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.changed_assets_view import ChangedAssetsView  # noqa: PLC0415
        from ..models.planned_flow_view import PlannedFlowView  # noqa: PLC0415
        from ..models.rollback_plan_view_datasets_item import (
            RollbackPlanViewDatasetsItem,  # noqa: PLC0415
        )
        from ..models.rollback_plan_view_effects_item import RollbackPlanViewEffectsItem  # noqa: PLC0415
        from ..models.rollback_plan_view_handoffs_item import (
            RollbackPlanViewHandoffsItem,  # noqa: PLC0415
        )
        from ..models.rollback_plan_view_targets import RollbackPlanViewTargets  # noqa: PLC0415
        from ..models.selection_view import SelectionView  # noqa: PLC0415

        d = dict(src_dict)
        kind = d.pop("kind")

        def _parse_phase(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        phase = _parse_phase(d.pop("phase"))

        digest = d.pop("digest")

        flows = []
        _flows = d.pop("flows")
        for flows_item_data in _flows:
            flows_item = UUID(flows_item_data)

            flows.append(flows_item)

        parts = []
        _parts = d.pop("parts")
        for parts_item_data in _parts:
            parts_item = PlannedFlowView.from_dict(parts_item_data)

            parts.append(parts_item)

        phases = cast(list[str], d.pop("phases"))

        targets = RollbackPlanViewTargets.from_dict(d.pop("targets"))

        datasets = []
        _datasets = d.pop("datasets")
        for datasets_item_data in _datasets:
            datasets_item = RollbackPlanViewDatasetsItem.from_dict(datasets_item_data)

            datasets.append(datasets_item)

        assets = ChangedAssetsView.from_dict(d.pop("assets"))

        decisions = cast(list[int], d.pop("decisions"))

        handoffs = []
        _handoffs = d.pop("handoffs")
        for handoffs_item_data in _handoffs:
            handoffs_item = RollbackPlanViewHandoffsItem.from_dict(handoffs_item_data)

            handoffs.append(handoffs_item)

        effects = []
        _effects = d.pop("effects")
        for effects_item_data in _effects:
            effects_item = RollbackPlanViewEffectsItem.from_dict(effects_item_data)

            effects.append(effects_item)

        irreversible = cast(list[str], d.pop("irreversible"))

        seconds = d.pop("seconds")

        def _parse_selection(data: object) -> None | SelectionView | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                selection_type_0 = SelectionView.from_dict(data)

                return selection_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | SelectionView | Unset, data)

        selection = _parse_selection(d.pop("selection", UNSET))

        rollback_plan_view = cls(
            kind=kind,
            phase=phase,
            digest=digest,
            flows=flows,
            parts=parts,
            phases=phases,
            targets=targets,
            datasets=datasets,
            assets=assets,
            decisions=decisions,
            handoffs=handoffs,
            effects=effects,
            irreversible=irreversible,
            seconds=seconds,
            selection=selection,
        )

        return rollback_plan_view
