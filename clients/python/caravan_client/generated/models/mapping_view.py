from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.standing_decision_view import StandingDecisionView


T = TypeVar("T", bound="MappingView")


@_attrs_define
class MappingView:
    """`attribute` is null for a custom column, `method` until the phase has run.

    Attributes:
        key (str):
        file (str):
        sheet (None | str):
        column (str):
        column_index (int):
        attribute (None | str):
        unit (None | str):
        confidence (float | None):
        method (None | str): format, learned, synonym, fuzzy, profile, crew, person, none
        evidence (None | str):
        decided_by (None | str):
        custom (bool | None):
        decision (None | StandingDecisionView):
        source (None | str | Unset):
        format_ (None | str | Unset):
        samples (list[str] | None | Unset):
    """

    key: str
    file: str
    sheet: None | str
    column: str
    column_index: int
    attribute: None | str
    unit: None | str
    confidence: float | None
    method: None | str
    evidence: None | str
    decided_by: None | str
    custom: bool | None
    decision: None | StandingDecisionView
    source: None | str | Unset = UNSET
    format_: None | str | Unset = UNSET
    samples: list[str] | None | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        from ..models.standing_decision_view import StandingDecisionView  # noqa: PLC0415

        key = self.key

        file = self.file

        sheet: None | str
        sheet = self.sheet

        column = self.column

        column_index = self.column_index

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

        custom: bool | None
        custom = self.custom

        decision: dict[str, Any] | None
        if isinstance(self.decision, StandingDecisionView):
            decision = self.decision.to_dict()
        else:
            decision = self.decision

        source: None | str | Unset
        if isinstance(self.source, Unset):
            source = UNSET
        else:
            source = self.source

        format_: None | str | Unset
        if isinstance(self.format_, Unset):
            format_ = UNSET
        else:
            format_ = self.format_

        samples: list[str] | None | Unset
        if isinstance(self.samples, Unset):
            samples = UNSET
        elif isinstance(self.samples, list):
            samples = self.samples

        else:
            samples = self.samples

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "key": key,
                "file": file,
                "sheet": sheet,
                "column": column,
                "column_index": column_index,
                "attribute": attribute,
                "unit": unit,
                "confidence": confidence,
                "method": method,
                "evidence": evidence,
                "decided_by": decided_by,
                "custom": custom,
                "decision": decision,
            }
        )
        if source is not UNSET:
            field_dict["source"] = source
        if format_ is not UNSET:
            field_dict["format"] = format_
        if samples is not UNSET:
            field_dict["samples"] = samples

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.standing_decision_view import StandingDecisionView  # noqa: PLC0415

        d = dict(src_dict)
        key = d.pop("key")

        file = d.pop("file")

        def _parse_sheet(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        sheet = _parse_sheet(d.pop("sheet"))

        column = d.pop("column")

        column_index = d.pop("column_index")

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

        def _parse_custom(data: object) -> bool | None:
            if data is None:
                return data
            return cast(bool | None, data)

        custom = _parse_custom(d.pop("custom"))

        def _parse_decision(data: object) -> None | StandingDecisionView:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                decision_type_0 = StandingDecisionView.from_dict(data)

                return decision_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | StandingDecisionView, data)

        decision = _parse_decision(d.pop("decision"))

        def _parse_source(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        source = _parse_source(d.pop("source", UNSET))

        def _parse_format_(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        format_ = _parse_format_(d.pop("format", UNSET))

        def _parse_samples(data: object) -> list[str] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                samples_type_0 = cast(list[str], data)

                return samples_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[str] | None | Unset, data)

        samples = _parse_samples(d.pop("samples", UNSET))

        mapping_view = cls(
            key=key,
            file=file,
            sheet=sheet,
            column=column,
            column_index=column_index,
            attribute=attribute,
            unit=unit,
            confidence=confidence,
            method=method,
            evidence=evidence,
            decided_by=decided_by,
            custom=custom,
            decision=decision,
            source=source,
            format_=format_,
            samples=samples,
        )

        return mapping_view
