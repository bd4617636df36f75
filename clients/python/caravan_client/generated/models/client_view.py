from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.quotas_view import QuotasView


T = TypeVar("T", bound="ClientView")


@_attrs_define
class ClientView:
    """
    Attributes:
        id (UUID):
        name (str):
        quotas (QuotasView):
        created_at (datetime.datetime):
    """

    id: UUID
    name: str
    quotas: QuotasView
    created_at: datetime.datetime

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        name = self.name

        quotas = self.quotas.to_dict()

        created_at = self.created_at.isoformat()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "id": id,
                "name": name,
                "quotas": quotas,
                "created_at": created_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.quotas_view import QuotasView  # noqa: PLC0415

        d = dict(src_dict)
        id = UUID(d.pop("id"))

        name = d.pop("name")

        quotas = QuotasView.from_dict(d.pop("quotas"))

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        client_view = cls(
            id=id,
            name=name,
            quotas=quotas,
            created_at=created_at,
        )

        return client_view
