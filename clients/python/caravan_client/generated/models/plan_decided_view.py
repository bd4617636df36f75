from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.decision_view import DecisionView
    from ..models.refresh_view import RefreshView


T = TypeVar("T", bound="PlanDecidedView")


@_attrs_define
class PlanDecidedView:
    """
    Attributes:
        decision (DecisionView):
        etag (str):
        stale (list[str]): phases to be refreshed: POST /flows/{id}/refresh; the one that makes the version runs already
        refresh (None | RefreshView | Unset): what is to be done about what is stale; null where nothing is
    """

    decision: DecisionView
    etag: str
    stale: list[str]
    refresh: None | RefreshView | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        from ..models.refresh_view import RefreshView  # noqa: PLC0415

        decision = self.decision.to_dict()

        etag = self.etag

        stale = self.stale

        refresh: dict[str, Any] | None | Unset
        if isinstance(self.refresh, Unset):
            refresh = UNSET
        elif isinstance(self.refresh, RefreshView):
            refresh = self.refresh.to_dict()
        else:
            refresh = self.refresh

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "decision": decision,
                "etag": etag,
                "stale": stale,
            }
        )
        if refresh is not UNSET:
            field_dict["refresh"] = refresh

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.decision_view import DecisionView  # noqa: PLC0415
        from ..models.refresh_view import RefreshView  # noqa: PLC0415

        d = dict(src_dict)
        decision = DecisionView.from_dict(d.pop("decision"))

        etag = d.pop("etag")

        stale = cast(list[str], d.pop("stale"))

        def _parse_refresh(data: object) -> None | RefreshView | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                refresh_type_0 = RefreshView.from_dict(data)

                return refresh_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | RefreshView | Unset, data)

        refresh = _parse_refresh(d.pop("refresh", UNSET))

        plan_decided_view = cls(
            decision=decision,
            etag=etag,
            stale=stale,
            refresh=refresh,
        )

        return plan_decided_view
