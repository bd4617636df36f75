from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.scope import Scope
    from ..models.settings import Settings


T = TypeVar("T", bound="StartChain")


@_attrs_define
class StartChain:
    """
    Attributes:
        name (str):
        through (str): the last flow type to run
        uploads (list[UUID] | Unset): upload_ids
        auto_accept (bool | Unset): recommendations stand without asking Default: False.
        scope (None | Scope | Unset):
        flow_type (str | Unset): the first flow type Default: 'discovery'.
        configuration (Settings | Unset): What every flow type understands; further keys are the flow type's own.
        engagement_id (None | Unset | UUID):
    """

    name: str
    through: str
    uploads: list[UUID] | Unset = UNSET
    auto_accept: bool | Unset = False
    scope: None | Scope | Unset = UNSET
    flow_type: str | Unset = "discovery"
    configuration: Settings | Unset = UNSET
    engagement_id: None | Unset | UUID = UNSET

    def to_dict(self) -> dict[str, Any]:
        from ..models.scope import Scope  # noqa: PLC0415

        name = self.name

        through = self.through

        uploads: list[str] | Unset = UNSET
        if not isinstance(self.uploads, Unset):
            uploads = []
            for uploads_item_data in self.uploads:
                uploads_item = str(uploads_item_data)
                uploads.append(uploads_item)

        auto_accept = self.auto_accept

        scope: dict[str, Any] | None | Unset
        if isinstance(self.scope, Unset):
            scope = UNSET
        elif isinstance(self.scope, Scope):
            scope = self.scope.to_dict()
        else:
            scope = self.scope

        flow_type = self.flow_type

        configuration: dict[str, Any] | Unset = UNSET
        if not isinstance(self.configuration, Unset):
            configuration = self.configuration.to_dict()

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
                "name": name,
                "through": through,
            }
        )
        if uploads is not UNSET:
            field_dict["uploads"] = uploads
        if auto_accept is not UNSET:
            field_dict["auto_accept"] = auto_accept
        if scope is not UNSET:
            field_dict["scope"] = scope
        if flow_type is not UNSET:
            field_dict["flow_type"] = flow_type
        if configuration is not UNSET:
            field_dict["configuration"] = configuration
        if engagement_id is not UNSET:
            field_dict["engagement_id"] = engagement_id

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.scope import Scope  # noqa: PLC0415
        from ..models.settings import Settings  # noqa: PLC0415

        d = dict(src_dict)
        name = d.pop("name")

        through = d.pop("through")

        _uploads = d.pop("uploads", UNSET)
        uploads: list[UUID] | Unset = UNSET
        if _uploads is not UNSET:
            uploads = []
            for uploads_item_data in _uploads:
                uploads_item = UUID(uploads_item_data)

                uploads.append(uploads_item)

        auto_accept = d.pop("auto_accept", UNSET)

        def _parse_scope(data: object) -> None | Scope | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                scope_type_0 = Scope.from_dict(data)

                return scope_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Scope | Unset, data)

        scope = _parse_scope(d.pop("scope", UNSET))

        flow_type = d.pop("flow_type", UNSET)

        _configuration = d.pop("configuration", UNSET)
        configuration: Settings | Unset
        if isinstance(_configuration, Unset):
            configuration = UNSET
        else:
            configuration = Settings.from_dict(_configuration)

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

        start_chain = cls(
            name=name,
            through=through,
            uploads=uploads,
            auto_accept=auto_accept,
            scope=scope,
            flow_type=flow_type,
            configuration=configuration,
            engagement_id=engagement_id,
        )

        return start_chain
