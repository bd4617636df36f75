from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.reverted_row_view import RevertedRowView


T = TypeVar("T", bound="SelectionView")


@_attrs_define
class SelectionView:
    """`before`: the attempt whose rows the keys get; `replaced`: the one whose other rows stay. `stale`: phases made of
    what is replaced. `reverted`: the first 1,000 of `reverted_rows`.

        Attributes:
            key_column (str):
            keys (list[str]):
            before (UUID):
            replaced (UUID):
            stale (list[str]):
            reverted_rows (int):
            reverted (list[RevertedRowView]):
    """

    key_column: str
    keys: list[str]
    before: UUID
    replaced: UUID
    stale: list[str]
    reverted_rows: int
    reverted: list[RevertedRowView]

    def to_dict(self) -> dict[str, Any]:
        key_column = self.key_column

        keys = self.keys

        before = str(self.before)

        replaced = str(self.replaced)

        stale = self.stale

        reverted_rows = self.reverted_rows

        reverted = []
        for reverted_item_data in self.reverted:
            reverted_item = reverted_item_data.to_dict()
            reverted.append(reverted_item)

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "key_column": key_column,
                "keys": keys,
                "before": before,
                "replaced": replaced,
                "stale": stale,
                "reverted_rows": reverted_rows,
                "reverted": reverted,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.reverted_row_view import RevertedRowView  # noqa: PLC0415

        d = dict(src_dict)
        key_column = d.pop("key_column")

        keys = cast(list[str], d.pop("keys"))

        before = UUID(d.pop("before"))

        replaced = UUID(d.pop("replaced"))

        stale = cast(list[str], d.pop("stale"))

        reverted_rows = d.pop("reverted_rows")

        reverted = []
        _reverted = d.pop("reverted")
        for reverted_item_data in _reverted:
            reverted_item = RevertedRowView.from_dict(reverted_item_data)

            reverted.append(reverted_item)

        selection_view = cls(
            key_column=key_column,
            keys=keys,
            before=before,
            replaced=replaced,
            stale=stale,
            reverted_rows=reverted_rows,
            reverted=reverted,
        )

        return selection_view
