from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define

T = TypeVar("T", bound="UploadView")


@_attrs_define
class UploadView:
    """
    Attributes:
        upload_id (UUID):
        name (str):
        sha256 (str):
        bytes_ (int):
    """

    upload_id: UUID
    name: str
    sha256: str
    bytes_: int

    def to_dict(self) -> dict[str, Any]:
        upload_id = str(self.upload_id)

        name = self.name

        sha256 = self.sha256

        bytes_ = self.bytes_

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "upload_id": upload_id,
                "name": name,
                "sha256": sha256,
                "bytes": bytes_,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        upload_id = UUID(d.pop("upload_id"))

        name = d.pop("name")

        sha256 = d.pop("sha256")

        bytes_ = d.pop("bytes")

        upload_view = cls(
            upload_id=upload_id,
            name=name,
            sha256=sha256,
            bytes_=bytes_,
        )

        return upload_view
