from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.add_member_roles_item import AddMemberRolesItem
from ..types import UNSET, Unset

T = TypeVar("T", bound="AddMember")


@_attrs_define
class AddMember:
    """
    Attributes:
        subject (str): the `sub` of the tokens
        roles (list[AddMemberRolesItem]): none: may do nothing, whatever the token says
        display_name (None | str | Unset):
        expires_at (datetime.datetime | None | Unset): null: never
    """

    subject: str
    roles: list[AddMemberRolesItem]
    display_name: None | str | Unset = UNSET
    expires_at: datetime.datetime | None | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        subject = self.subject

        roles = []
        for roles_item_data in self.roles:
            roles_item = roles_item_data.value
            roles.append(roles_item)

        display_name: None | str | Unset
        if isinstance(self.display_name, Unset):
            display_name = UNSET
        else:
            display_name = self.display_name

        expires_at: None | str | Unset
        if isinstance(self.expires_at, Unset):
            expires_at = UNSET
        elif isinstance(self.expires_at, datetime.datetime):
            expires_at = self.expires_at.isoformat()
        else:
            expires_at = self.expires_at

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "subject": subject,
                "roles": roles,
            }
        )
        if display_name is not UNSET:
            field_dict["display_name"] = display_name
        if expires_at is not UNSET:
            field_dict["expires_at"] = expires_at

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        subject = d.pop("subject")

        roles = []
        _roles = d.pop("roles")
        for roles_item_data in _roles:
            roles_item = AddMemberRolesItem(roles_item_data)

            roles.append(roles_item)

        def _parse_display_name(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        display_name = _parse_display_name(d.pop("display_name", UNSET))

        def _parse_expires_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                expires_at_type_0 = datetime.datetime.fromisoformat(data)

                return expires_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        expires_at = _parse_expires_at(d.pop("expires_at", UNSET))

        add_member = cls(
            subject=subject,
            roles=roles,
            display_name=display_name,
            expires_at=expires_at,
        )

        return add_member
