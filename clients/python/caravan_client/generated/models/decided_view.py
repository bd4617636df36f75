from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.approval_view import ApprovalView
    from ..models.decision_view import DecisionView


T = TypeVar("T", bound="DecidedView")


@_attrs_define
class DecidedView:
    """
    Attributes:
        approval (ApprovalView):
        decision (DecisionView):
    """

    approval: ApprovalView
    decision: DecisionView

    def to_dict(self) -> dict[str, Any]:
        approval = self.approval.to_dict()

        decision = self.decision.to_dict()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "approval": approval,
                "decision": decision,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.approval_view import ApprovalView  # noqa: PLC0415
        from ..models.decision_view import DecisionView  # noqa: PLC0415

        d = dict(src_dict)
        approval = ApprovalView.from_dict(d.pop("approval"))

        decision = DecisionView.from_dict(d.pop("decision"))

        decided_view = cls(
            approval=approval,
            decision=decision,
        )

        return decided_view
