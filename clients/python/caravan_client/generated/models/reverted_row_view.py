from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.reverted_row_view_now import RevertedRowViewNow
    from ..models.reverted_row_view_then import RevertedRowViewThen


T = TypeVar("T", bound="RevertedRowView")


@_attrs_define
class RevertedRowView:
    """What changes of a row, by column: as it is `now`, and what it goes back to. A row that only one of the versions
    has is empty in the other.

        Attributes:
            dataset (str):
            natural_key (str):
            now (RevertedRowViewNow):
            then (RevertedRowViewThen):
    """

    dataset: str
    natural_key: str
    now: RevertedRowViewNow
    then: RevertedRowViewThen

    def to_dict(self) -> dict[str, Any]:
        dataset = self.dataset

        natural_key = self.natural_key

        now = self.now.to_dict()

        then = self.then.to_dict()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "dataset": dataset,
                "natural_key": natural_key,
                "now": now,
                "then": then,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.reverted_row_view_now import RevertedRowViewNow  # noqa: PLC0415
        from ..models.reverted_row_view_then import RevertedRowViewThen  # noqa: PLC0415

        d = dict(src_dict)
        dataset = d.pop("dataset")

        natural_key = d.pop("natural_key")

        now = RevertedRowViewNow.from_dict(d.pop("now"))

        then = RevertedRowViewThen.from_dict(d.pop("then"))

        reverted_row_view = cls(
            dataset=dataset,
            natural_key=natural_key,
            now=now,
            then=then,
        )

        return reverted_row_view
