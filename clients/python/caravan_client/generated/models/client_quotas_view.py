from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.quotas_view import QuotasView


T = TypeVar("T", bound="ClientQuotasView")


@_attrs_define
class ClientQuotasView:
    """
    Attributes:
        client_id (UUID):
        quotas (QuotasView):
        used (QuotasView):
    """

    client_id: UUID
    quotas: QuotasView
    used: QuotasView

    def to_dict(self) -> dict[str, Any]:
        client_id = str(self.client_id)

        quotas = self.quotas.to_dict()

        used = self.used.to_dict()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "client_id": client_id,
                "quotas": quotas,
                "used": used,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.quotas_view import QuotasView  # noqa: PLC0415

        d = dict(src_dict)
        client_id = UUID(d.pop("client_id"))

        quotas = QuotasView.from_dict(d.pop("quotas"))

        used = QuotasView.from_dict(d.pop("used"))

        client_quotas_view = cls(
            client_id=client_id,
            quotas=quotas,
            used=used,
        )

        return client_quotas_view
