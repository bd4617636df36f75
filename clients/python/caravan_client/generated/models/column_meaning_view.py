from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

T = TypeVar("T", bound="ColumnMeaningView")


@_attrs_define
class ColumnMeaningView:
    """
    Attributes:
        attribute (None | str):
        unit (None | str):
        confidence (float | None):
        method (None | str):
        evidence (None | str):
        decided_by (None | str):
    """

    attribute: None | str
    unit: None | str
    confidence: float | None
    method: None | str
    evidence: None | str
    decided_by: None | str

    def to_dict(self) -> dict[str, Any]:
        attribute: None | str
        attribute = self.attribute

        unit: None | str
        unit = self.unit

        confidence: float | None
        confidence = self.confidence

        method: None | str
        method = self.method

        evidence: None | str
        evidence = self.evidence

        decided_by: None | str
        decided_by = self.decided_by

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "attribute": attribute,
                "unit": unit,
                "confidence": confidence,
                "method": method,
                "evidence": evidence,
                "decided_by": decided_by,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_attribute(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        attribute = _parse_attribute(d.pop("attribute"))

        def _parse_unit(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        unit = _parse_unit(d.pop("unit"))

        def _parse_confidence(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        confidence = _parse_confidence(d.pop("confidence"))

        def _parse_method(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        method = _parse_method(d.pop("method"))

        def _parse_evidence(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        evidence = _parse_evidence(d.pop("evidence"))

        def _parse_decided_by(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        decided_by = _parse_decided_by(d.pop("decided_by"))

        column_meaning_view = cls(
            attribute=attribute,
            unit=unit,
            confidence=confidence,
            method=method,
            evidence=evidence,
            decided_by=decided_by,
        )

        return column_meaning_view
