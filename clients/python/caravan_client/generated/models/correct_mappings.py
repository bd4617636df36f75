from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.correct_mapping import CorrectMapping


T = TypeVar("T", bound="CorrectMappings")


@_attrs_define
class CorrectMappings:
    """
    Attributes:
        mappings (list[CorrectMapping]):
        reason (str):
        learn (bool | Unset): later runs of this client take it in Default: True.
    """

    mappings: list[CorrectMapping]
    reason: str
    learn: bool | Unset = True

    def to_dict(self) -> dict[str, Any]:
        mappings = []
        for mappings_item_data in self.mappings:
            mappings_item = mappings_item_data.to_dict()
            mappings.append(mappings_item)

        reason = self.reason

        learn = self.learn

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "mappings": mappings,
                "reason": reason,
            }
        )
        if learn is not UNSET:
            field_dict["learn"] = learn

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.correct_mapping import CorrectMapping  # noqa: PLC0415

        d = dict(src_dict)
        mappings = []
        _mappings = d.pop("mappings")
        for mappings_item_data in _mappings:
            mappings_item = CorrectMapping.from_dict(mappings_item_data)

            mappings.append(mappings_item)

        reason = d.pop("reason")

        learn = d.pop("learn", UNSET)

        correct_mappings = cls(
            mappings=mappings,
            reason=reason,
            learn=learn,
        )

        return correct_mappings
