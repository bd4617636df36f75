from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="Scope")


@_attrs_define
class Scope:
    """What the chain is about; everything when empty. Either key takes names or natural keys of both kinds.

    Attributes:
        assets (list[str] | Unset):
        applications (list[str] | Unset):
    """

    assets: list[str] | Unset = UNSET
    applications: list[str] | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        assets: list[str] | Unset = UNSET
        if not isinstance(self.assets, Unset):
            assets = self.assets

        applications: list[str] | Unset = UNSET
        if not isinstance(self.applications, Unset):
            applications = self.applications

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if assets is not UNSET:
            field_dict["assets"] = assets
        if applications is not UNSET:
            field_dict["applications"] = applications

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        assets = cast(list[str], d.pop("assets", UNSET))

        applications = cast(list[str], d.pop("applications", UNSET))

        scope = cls(
            assets=assets,
            applications=applications,
        )

        return scope
