from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.decision_view import DecisionView


T = TypeVar("T", bound="TreatmentSetView")


@_attrs_define
class TreatmentSetView:
    """
    Attributes:
        application (str):
        decision (DecisionView):
        etag (str):
        stale (list[str]): phases to be refreshed: POST /flows/{id}/refresh
    """

    application: str
    decision: DecisionView
    etag: str
    stale: list[str]

    def to_dict(self) -> dict[str, Any]:
        application = self.application

        decision = self.decision.to_dict()

        etag = self.etag

        stale = self.stale

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "application": application,
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
        application = d.pop("application")

        decision = DecisionView.from_dict(d.pop("decision"))

        etag = d.pop("etag")

        stale = cast(list[str], d.pop("stale"))

        treatment_set_view = cls(
            application=application,
            decision=decision,
            etag=etag,
            stale=stale,
        )

        return treatment_set_view
