from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.reference_table_view_rows import ReferenceTableViewRows


T = TypeVar("T", bound="ReferenceTableView")


@_attrs_define
class ReferenceTableView:
    """
    Attributes:
        name (str):
        digest (str): SHA-256 of the dataset; stands among the inputs of the attempts it was given to
        rows (ReferenceTableViewRows): facts by key, as the service that reads them writes them
    """

    name: str
    digest: str
    rows: ReferenceTableViewRows

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        digest = self.digest

        rows = self.rows.to_dict()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "name": name,
                "digest": digest,
                "rows": rows,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.reference_table_view_rows import ReferenceTableViewRows  # noqa: PLC0415

        d = dict(src_dict)
        name = d.pop("name")

        digest = d.pop("digest")

        rows = ReferenceTableViewRows.from_dict(d.pop("rows"))

        reference_table_view = cls(
            name=name,
            digest=digest,
            rows=rows,
        )

        return reference_table_view
