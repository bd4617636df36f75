from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.configuration import Configuration


T = TypeVar("T", bound="CreateFlow")


@_attrs_define
class CreateFlow:
    """
    Attributes:
        flow_type (str):
        name (str):
        description (None | str | Unset):
        configuration (Configuration | Unset):
        parent_flow_id (None | Unset): flows grow out of others by handoff only
        auto_advance (bool | Unset):  Default: True.
        auto_accept (bool | Unset): recommendations stand without asking Default: False.
        engagement_id (None | Unset | UUID):
    """

    flow_type: str
    name: str
    description: None | str | Unset = UNSET
    configuration: Configuration | Unset = UNSET
    parent_flow_id: None | Unset = UNSET
    auto_advance: bool | Unset = True
    auto_accept: bool | Unset = False
    engagement_id: None | Unset | UUID = UNSET

    def to_dict(self) -> dict[str, Any]:
        flow_type = self.flow_type

        name = self.name

        description: None | str | Unset
        if isinstance(self.description, Unset):
            description = UNSET
        else:
            description = self.description

        configuration: dict[str, Any] | Unset = UNSET
        if not isinstance(self.configuration, Unset):
            configuration = self.configuration.to_dict()

        parent_flow_id = self.parent_flow_id

        auto_advance = self.auto_advance

        auto_accept = self.auto_accept

        engagement_id: None | str | Unset
        if isinstance(self.engagement_id, Unset):
            engagement_id = UNSET
        elif isinstance(self.engagement_id, UUID):
            engagement_id = str(self.engagement_id)
        else:
            engagement_id = self.engagement_id

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "flow_type": flow_type,
                "name": name,
            }
        )
        if description is not UNSET:
            field_dict["description"] = description
        if configuration is not UNSET:
            field_dict["configuration"] = configuration
        if parent_flow_id is not UNSET:
            field_dict["parent_flow_id"] = parent_flow_id
        if auto_advance is not UNSET:
            field_dict["auto_advance"] = auto_advance
        if auto_accept is not UNSET:
            field_dict["auto_accept"] = auto_accept
        if engagement_id is not UNSET:
            field_dict["engagement_id"] = engagement_id

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.configuration import Configuration  # noqa: PLC0415

        d = dict(src_dict)
        flow_type = d.pop("flow_type")

        name = d.pop("name")

        def _parse_description(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        description = _parse_description(d.pop("description", UNSET))

        _configuration = d.pop("configuration", UNSET)
        configuration: Configuration | Unset
        if isinstance(_configuration, Unset):
            configuration = UNSET
        else:
            configuration = Configuration.from_dict(_configuration)

        parent_flow_id = d.pop("parent_flow_id", UNSET)

        auto_advance = d.pop("auto_advance", UNSET)

        auto_accept = d.pop("auto_accept", UNSET)

        def _parse_engagement_id(data: object) -> None | Unset | UUID:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                engagement_id_type_0 = UUID(data)

                return engagement_id_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Unset | UUID, data)

        engagement_id = _parse_engagement_id(d.pop("engagement_id", UNSET))

        create_flow = cls(
            flow_type=flow_type,
            name=name,
            description=description,
            configuration=configuration,
            parent_flow_id=parent_flow_id,
            auto_advance=auto_advance,
            auto_accept=auto_accept,
            engagement_id=engagement_id,
        )

        return create_flow
