from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.standing_decision_view import StandingDecisionView


T = TypeVar("T", bound="ConflictView")


@_attrs_define
class ConflictView:
    """Values as text. `reason`: why the winner won.

    Attributes:
        id (UUID):
        natural_key (str):
        asset_key (str):
        attribute (str):
        winner (None | str):
        winner_source (None | str):
        winner_row (None | str):
        losers (list[str]):
        loser_rows (list[str]):
        loser_sources (list[str]): of `loser_rows`, in their order
        reason (str):
        decided_by (str):
        decision (None | StandingDecisionView):
    """

    id: UUID
    natural_key: str
    asset_key: str
    attribute: str
    winner: None | str
    winner_source: None | str
    winner_row: None | str
    losers: list[str]
    loser_rows: list[str]
    loser_sources: list[str]
    reason: str
    decided_by: str
    decision: None | StandingDecisionView

    def to_dict(self) -> dict[str, Any]:
        from ..models.standing_decision_view import StandingDecisionView  # noqa: PLC0415

        id = str(self.id)

        natural_key = self.natural_key

        asset_key = self.asset_key

        attribute = self.attribute

        winner: None | str
        winner = self.winner

        winner_source: None | str
        winner_source = self.winner_source

        winner_row: None | str
        winner_row = self.winner_row

        losers = self.losers

        loser_rows = self.loser_rows

        loser_sources = self.loser_sources

        reason = self.reason

        decided_by = self.decided_by

        decision: dict[str, Any] | None
        if isinstance(self.decision, StandingDecisionView):
            decision = self.decision.to_dict()
        else:
            decision = self.decision

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "id": id,
                "natural_key": natural_key,
                "asset_key": asset_key,
                "attribute": attribute,
                "winner": winner,
                "winner_source": winner_source,
                "winner_row": winner_row,
                "losers": losers,
                "loser_rows": loser_rows,
                "loser_sources": loser_sources,
                "reason": reason,
                "decided_by": decided_by,
                "decision": decision,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.standing_decision_view import StandingDecisionView  # noqa: PLC0415

        d = dict(src_dict)
        id = UUID(d.pop("id"))

        natural_key = d.pop("natural_key")

        asset_key = d.pop("asset_key")

        attribute = d.pop("attribute")

        def _parse_winner(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        winner = _parse_winner(d.pop("winner"))

        def _parse_winner_source(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        winner_source = _parse_winner_source(d.pop("winner_source"))

        def _parse_winner_row(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        winner_row = _parse_winner_row(d.pop("winner_row"))

        losers = cast(list[str], d.pop("losers"))

        loser_rows = cast(list[str], d.pop("loser_rows"))

        loser_sources = cast(list[str], d.pop("loser_sources"))

        reason = d.pop("reason")

        decided_by = d.pop("decided_by")

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

        conflict_view = cls(
            id=id,
            natural_key=natural_key,
            asset_key=asset_key,
            attribute=attribute,
            winner=winner,
            winner_source=winner_source,
            winner_row=winner_row,
            losers=losers,
            loser_rows=loser_rows,
            loser_sources=loser_sources,
            reason=reason,
            decided_by=decided_by,
            decision=decision,
        )

        return conflict_view
