from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.advice_view import AdviceView
    from ..models.decision_view import DecisionView


T = TypeVar("T", bound="JoinView")


@_attrs_define
class JoinView:
    """What made records of two sources one asset; several between the same two, the strongest first.

    Attributes:
        source (str): the other source
        kind (str): bios_uuid, hardware_uuid (in either byte order, or as a serial number), serial_number, fqdn, mac,
            name_address, application_name, person
        values (list[str]): equal in both, in the form compared; secrets masked; empty for a person
        decided_by (str): rule, person
        question (None | str): what the person was asked
        advice (AdviceView | None):
        decision (DecisionView | None):
    """

    source: str
    kind: str
    values: list[str]
    decided_by: str
    question: None | str
    advice: AdviceView | None
    decision: DecisionView | None

    def to_dict(self) -> dict[str, Any]:
        from ..models.advice_view import AdviceView  # noqa: PLC0415
        from ..models.decision_view import DecisionView  # noqa: PLC0415

        source = self.source

        kind = self.kind

        values = self.values

        decided_by = self.decided_by

        question: None | str
        question = self.question

        advice: dict[str, Any] | None
        if isinstance(self.advice, AdviceView):
            advice = self.advice.to_dict()
        else:
            advice = self.advice

        decision: dict[str, Any] | None
        if isinstance(self.decision, DecisionView):
            decision = self.decision.to_dict()
        else:
            decision = self.decision

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "source": source,
                "kind": kind,
                "values": values,
                "decided_by": decided_by,
                "question": question,
                "advice": advice,
                "decision": decision,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.advice_view import AdviceView  # noqa: PLC0415
        from ..models.decision_view import DecisionView  # noqa: PLC0415

        d = dict(src_dict)
        source = d.pop("source")

        kind = d.pop("kind")

        values = cast(list[str], d.pop("values"))

        decided_by = d.pop("decided_by")

        def _parse_question(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        question = _parse_question(d.pop("question"))

        def _parse_advice(data: object) -> AdviceView | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                advice_type_0 = AdviceView.from_dict(data)

                return advice_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(AdviceView | None, data)

        advice = _parse_advice(d.pop("advice"))

        def _parse_decision(data: object) -> DecisionView | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                decision_type_0 = DecisionView.from_dict(data)

                return decision_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(DecisionView | None, data)

        decision = _parse_decision(d.pop("decision"))

        join_view = cls(
            source=source,
            kind=kind,
            values=values,
            decided_by=decided_by,
            question=question,
            advice=advice,
            decision=decision,
        )

        return join_view
