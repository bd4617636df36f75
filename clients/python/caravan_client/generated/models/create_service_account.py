from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..models.create_service_account_roles_item import CreateServiceAccountRolesItem

T = TypeVar("T", bound="CreateServiceAccount")


@_attrs_define
class CreateServiceAccount:
    """
    Attributes:
        name (str):
        roles (list[CreateServiceAccountRolesItem]):
        expires_at (datetime.datetime): at most a year from now
    """

    name: str
    roles: list[CreateServiceAccountRolesItem]
    expires_at: datetime.datetime

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        roles = []
        for roles_item_data in self.roles:
            roles_item = roles_item_data.value
            roles.append(roles_item)

        expires_at = self.expires_at.isoformat()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "name": name,
                "roles": roles,
                "expires_at": expires_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        name = d.pop("name")

        roles = []
        _roles = d.pop("roles")
        for roles_item_data in _roles:
            roles_item = CreateServiceAccountRolesItem(roles_item_data)

            roles.append(roles_item)

        expires_at = datetime.datetime.fromisoformat(d.pop("expires_at"))

        create_service_account = cls(
            name=name,
            roles=roles,
            expires_at=expires_at,
        )

        return create_service_account
