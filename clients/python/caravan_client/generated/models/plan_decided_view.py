from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.decision_view import DecisionView


T = TypeVar("T", bound="PlanDecidedView")


@_attrs_define
class PlanDecidedView:
    """
    Attributes:
        decision (DecisionView):
        etag (str):
        stale (list[str]): phases to be refreshed: POST /flows/{id}/refresh
    """

    decision: DecisionView
    etag: str
    stale: list[str]

    def to_dict(self) -> dict[str, Any]:
        decision = self.decision.to_dict()

        etag = self.etag

        stale = self.stale

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "decision": decision,
                "etag": etag,
                "stale": stale,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.decision_view import DecisionView  # noqa: PLC0415

        d = dict(src_dict)
        decision = DecisionView.from_dict(d.pop("decision"))

        etag = d.pop("etag")

        stale = cast(list[str], d.pop("stale"))

        plan_decided_view = cls(
            decision=decision,
            etag=etag,
            stale=stale,
        )

        return plan_decided_view
