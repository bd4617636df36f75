from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

T = TypeVar("T", bound="ConflictOfView")


@_attrs_define
class ConflictOfView:
    """
    Attributes:
        natural_key (str):
        winner (None | str):
        winner_source (None | str):
        winner_row (None | str):
        losers (list[str]):
        loser_rows (list[str]):
        reason (str):
        decided_by (str):
    """

    natural_key: str
    winner: None | str
    winner_source: None | str
    winner_row: None | str
    losers: list[str]
    loser_rows: list[str]
    reason: str
    decided_by: str

    def to_dict(self) -> dict[str, Any]:
        natural_key = self.natural_key

        winner: None | str
        winner = self.winner

        winner_source: None | str
        winner_source = self.winner_source

        winner_row: None | str
        winner_row = self.winner_row

        losers = self.losers

        loser_rows = self.loser_rows

        reason = self.reason

        decided_by = self.decided_by

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "natural_key": natural_key,
                "winner": winner,
                "winner_source": winner_source,
                "winner_row": winner_row,
                "losers": losers,
                "loser_rows": loser_rows,
                "reason": reason,
                "decided_by": decided_by,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        natural_key = d.pop("natural_key")

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

        reason = d.pop("reason")

        decided_by = d.pop("decided_by")

        conflict_of_view = cls(
            natural_key=natural_key,
            winner=winner,
            winner_source=winner_source,
            winner_row=winner_row,
            losers=losers,
            loser_rows=loser_rows,
            reason=reason,
            decided_by=decided_by,
        )

        return conflict_of_view
