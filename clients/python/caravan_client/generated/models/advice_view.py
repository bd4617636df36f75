from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

T = TypeVar("T", bound="AdviceView")


@_attrs_define
class AdviceView:
    """What the crew said of the two before a person was asked; it joins nothing itself.

    Attributes:
        advice (str): same, different
        confidence (float | None):
        reasons (list[str] | None):
    """

    advice: str
    confidence: float | None
    reasons: list[str] | None

    def to_dict(self) -> dict[str, Any]:
        advice = self.advice

        confidence: float | None
        confidence = self.confidence

        reasons: list[str] | None
        if isinstance(self.reasons, list):
            reasons = self.reasons

        else:
            reasons = self.reasons

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "advice": advice,
                "confidence": confidence,
                "reasons": reasons,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        advice = d.pop("advice")

        def _parse_confidence(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        confidence = _parse_confidence(d.pop("confidence"))

        def _parse_reasons(data: object) -> list[str] | None:
            if data is None:
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                reasons_type_0 = cast(list[str], data)

                return reasons_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[str] | None, data)

        reasons = _parse_reasons(d.pop("reasons"))

        advice_view = cls(
            advice=advice,
            confidence=confidence,
            reasons=reasons,
        )

        return advice_view
