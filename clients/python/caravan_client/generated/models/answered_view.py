from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.decision_view import DecisionView
    from ..models.question_view import QuestionView


T = TypeVar("T", bound="AnsweredView")


@_attrs_define
class AnsweredView:
    """
    Attributes:
        question (QuestionView):
        decision (DecisionView):
    """

    question: QuestionView
    decision: DecisionView

    def to_dict(self) -> dict[str, Any]:
        question = self.question.to_dict()

        decision = self.decision.to_dict()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "question": question,
                "decision": decision,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.decision_view import DecisionView  # noqa: PLC0415
        from ..models.question_view import QuestionView  # noqa: PLC0415

        d = dict(src_dict)
        question = QuestionView.from_dict(d.pop("question"))

        decision = DecisionView.from_dict(d.pop("decision"))

        answered_view = cls(
            question=question,
            decision=decision,
        )

        return answered_view
