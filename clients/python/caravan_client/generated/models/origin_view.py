from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.cell_view import CellView
    from ..models.conflict_of_view import ConflictOfView
    from ..models.decision_view import DecisionView


T = TypeVar("T", bound="OriginView")


@_attrs_define
class OriginView:
    """
    Attributes:
        attribute (str):
        value (Any):
        origin (str): cells, computed, person, unknown
        cells (list[CellView]):
        conflict (ConflictOfView | None):
        decisions (list[DecisionView]):
    """

    attribute: str
    value: Any
    origin: str
    cells: list[CellView]
    conflict: ConflictOfView | None
    decisions: list[DecisionView]

    def to_dict(self) -> dict[str, Any]:
        from ..models.conflict_of_view import ConflictOfView  # noqa: PLC0415

        attribute = self.attribute

        value = self.value

        origin = self.origin

        cells = []
        for cells_item_data in self.cells:
            cells_item = cells_item_data.to_dict()
            cells.append(cells_item)

        conflict: dict[str, Any] | None
        if isinstance(self.conflict, ConflictOfView):
            conflict = self.conflict.to_dict()
        else:
            conflict = self.conflict

        decisions = []
        for decisions_item_data in self.decisions:
            decisions_item = decisions_item_data.to_dict()
            decisions.append(decisions_item)

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "attribute": attribute,
                "value": value,
                "origin": origin,
                "cells": cells,
                "conflict": conflict,
                "decisions": decisions,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.cell_view import CellView  # noqa: PLC0415
        from ..models.conflict_of_view import ConflictOfView  # noqa: PLC0415
        from ..models.decision_view import DecisionView  # noqa: PLC0415

        d = dict(src_dict)
        attribute = d.pop("attribute")

        value = d.pop("value")

        origin = d.pop("origin")

        cells = []
        _cells = d.pop("cells")
        for cells_item_data in _cells:
            cells_item = CellView.from_dict(cells_item_data)

            cells.append(cells_item)

        def _parse_conflict(data: object) -> ConflictOfView | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                conflict_type_0 = ConflictOfView.from_dict(data)

                return conflict_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(ConflictOfView | None, data)

        conflict = _parse_conflict(d.pop("conflict"))

        decisions = []
        _decisions = d.pop("decisions")
        for decisions_item_data in _decisions:
            decisions_item = DecisionView.from_dict(decisions_item_data)

            decisions.append(decisions_item)

        origin_view = cls(
            attribute=attribute,
            value=value,
            origin=origin,
            cells=cells,
            conflict=conflict,
            decisions=decisions,
        )

        return origin_view
