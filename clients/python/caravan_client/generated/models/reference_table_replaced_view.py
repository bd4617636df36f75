from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

T = TypeVar("T", bound="ReferenceTableReplacedView")


@_attrs_define
class ReferenceTableReplacedView:
    """
    Attributes:
        name (str):
        digest (None | str): null: what the services ship is in force
        rows (int):
        changed (bool): false: these very facts were in force already
        stale_flows (int): flows with a phase that became stale by it
    """

    name: str
    digest: None | str
    rows: int
    changed: bool
    stale_flows: int

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        digest: None | str
        digest = self.digest

        rows = self.rows

        changed = self.changed

        stale_flows = self.stale_flows

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "name": name,
                "digest": digest,
                "rows": rows,
                "changed": changed,
                "stale_flows": stale_flows,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        name = d.pop("name")

        def _parse_digest(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        digest = _parse_digest(d.pop("digest"))

        rows = d.pop("rows")

        changed = d.pop("changed")

        stale_flows = d.pop("stale_flows")

        reference_table_replaced_view = cls(
            name=name,
            digest=digest,
            rows=rows,
            changed=changed,
            stale_flows=stale_flows,
        )

        return reference_table_replaced_view
