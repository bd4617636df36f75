from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

T = TypeVar("T", bound="BatchDecisionsView")


@_attrs_define
class BatchDecisionsView:
    """
    Attributes:
        flow_id (UUID):
        first (int): number of the first decision made about the flow
        last (int):
        etag (str):
        stale (list[str]): phases to be refreshed: POST /flows/{id}/refresh
    """

    flow_id: UUID
    first: int
    last: int
    etag: str
    stale: list[str]

    def to_dict(self) -> dict[str, Any]:
        flow_id = str(self.flow_id)

        first = self.first

        last = self.last

        etag = self.etag

        stale = self.stale

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "flow_id": flow_id,
                "first": first,
                "last": last,
                "etag": etag,
                "stale": stale,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        flow_id = UUID(d.pop("flow_id"))

        first = d.pop("first")

        last = d.pop("last")

        etag = d.pop("etag")

        stale = cast(list[str], d.pop("stale"))

        batch_decisions_view = cls(
            flow_id=flow_id,
            first=first,
            last=last,
            etag=etag,
            stale=stale,
        )

        return batch_decisions_view
