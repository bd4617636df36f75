from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.flow_view_configuration import FlowViewConfiguration
    from ..models.phase_view import PhaseView
    from ..models.upload_view import UploadView


T = TypeVar("T", bound="FlowView")


@_attrs_define
class FlowView:
    """With ?fields= only those asked for, and the id.

    Attributes:
        id (UUID):
        flow_type (str | Unset):  Default: ''.
        definition_version (str | Unset):  Default: ''.
        name (str | Unset):  Default: ''.
        description (None | str | Unset):
        status (str | Unset):  Default: ''.
        reason (None | str | Unset):
        current_phase (None | str | Unset):
        configuration (FlowViewConfiguration | Unset):
        uploads (list[UploadView] | Unset):
        auto_advance (bool | Unset):  Default: True.
        auto_accept (bool | Unset):  Default: False.
        parent_flow_id (None | Unset | UUID):
        estate_id (None | Unset | UUID):
        stale (bool | Unset):  Default: False.
        refreshing (bool | Unset): its stale phases are run one after the other Default: False.
        paused_at (datetime.datetime | None | Unset):
        next_wakeup_at (datetime.datetime | None | Unset):
        created_by (None | str | Unset):
        created_at (datetime.datetime | None | Unset):
        updated_at (datetime.datetime | None | Unset):
        etag (str | Unset):  Default: ''.
        progress (float | Unset):  Default: 0.0.
        phases (list[PhaseView] | Unset):
        folded (bool | None | Unset): of one flow: whether `/assets` shows all that it has found by now, and what was
            decided on it; null in lists
    """

    id: UUID
    flow_type: str | Unset = ""
    definition_version: str | Unset = ""
    name: str | Unset = ""
    description: None | str | Unset = UNSET
    status: str | Unset = ""
    reason: None | str | Unset = UNSET
    current_phase: None | str | Unset = UNSET
    configuration: FlowViewConfiguration | Unset = UNSET
    uploads: list[UploadView] | Unset = UNSET
    auto_advance: bool | Unset = True
    auto_accept: bool | Unset = False
    parent_flow_id: None | Unset | UUID = UNSET
    estate_id: None | Unset | UUID = UNSET
    stale: bool | Unset = False
    refreshing: bool | Unset = False
    paused_at: datetime.datetime | None | Unset = UNSET
    next_wakeup_at: datetime.datetime | None | Unset = UNSET
    created_by: None | str | Unset = UNSET
    created_at: datetime.datetime | None | Unset = UNSET
    updated_at: datetime.datetime | None | Unset = UNSET
    etag: str | Unset = ""
    progress: float | Unset = 0.0
    phases: list[PhaseView] | Unset = UNSET
    folded: bool | None | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        flow_type = self.flow_type

        definition_version = self.definition_version

        name = self.name

        description: None | str | Unset
        if isinstance(self.description, Unset):
            description = UNSET
        else:
            description = self.description

        status = self.status

        reason: None | str | Unset
        if isinstance(self.reason, Unset):
            reason = UNSET
        else:
            reason = self.reason

        current_phase: None | str | Unset
        if isinstance(self.current_phase, Unset):
            current_phase = UNSET
        else:
            current_phase = self.current_phase

        configuration: dict[str, Any] | Unset = UNSET
        if not isinstance(self.configuration, Unset):
            configuration = self.configuration.to_dict()

        uploads: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.uploads, Unset):
            uploads = []
            for uploads_item_data in self.uploads:
                uploads_item = uploads_item_data.to_dict()
                uploads.append(uploads_item)

        auto_advance = self.auto_advance

        auto_accept = self.auto_accept

        parent_flow_id: None | str | Unset
        if isinstance(self.parent_flow_id, Unset):
            parent_flow_id = UNSET
        elif isinstance(self.parent_flow_id, UUID):
            parent_flow_id = str(self.parent_flow_id)
        else:
            parent_flow_id = self.parent_flow_id

        estate_id: None | str | Unset
        if isinstance(self.estate_id, Unset):
            estate_id = UNSET
        elif isinstance(self.estate_id, UUID):
            estate_id = str(self.estate_id)
        else:
            estate_id = self.estate_id

        stale = self.stale

        refreshing = self.refreshing

        paused_at: None | str | Unset
        if isinstance(self.paused_at, Unset):
            paused_at = UNSET
        elif isinstance(self.paused_at, datetime.datetime):
            paused_at = self.paused_at.isoformat()
        else:
            paused_at = self.paused_at

        next_wakeup_at: None | str | Unset
        if isinstance(self.next_wakeup_at, Unset):
            next_wakeup_at = UNSET
        elif isinstance(self.next_wakeup_at, datetime.datetime):
            next_wakeup_at = self.next_wakeup_at.isoformat()
        else:
            next_wakeup_at = self.next_wakeup_at

        created_by: None | str | Unset
        if isinstance(self.created_by, Unset):
            created_by = UNSET
        else:
            created_by = self.created_by

        created_at: None | str | Unset
        if isinstance(self.created_at, Unset):
            created_at = UNSET
        elif isinstance(self.created_at, datetime.datetime):
            created_at = self.created_at.isoformat()
        else:
            created_at = self.created_at

        updated_at: None | str | Unset
        if isinstance(self.updated_at, Unset):
            updated_at = UNSET
        elif isinstance(self.updated_at, datetime.datetime):
            updated_at = self.updated_at.isoformat()
        else:
            updated_at = self.updated_at

        etag = self.etag

        progress = self.progress

        phases: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.phases, Unset):
            phases = []
            for phases_item_data in self.phases:
                phases_item = phases_item_data.to_dict()
                phases.append(phases_item)

        folded: bool | None | Unset
        if isinstance(self.folded, Unset):
            folded = UNSET
        else:
            folded = self.folded

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "id": id,
            }
        )
        if flow_type is not UNSET:
            field_dict["flow_type"] = flow_type
        if definition_version is not UNSET:
            field_dict["definition_version"] = definition_version
        if name is not UNSET:
            field_dict["name"] = name
        if description is not UNSET:
            field_dict["description"] = description
        if status is not UNSET:
            field_dict["status"] = status
        if reason is not UNSET:
            field_dict["reason"] = reason
        if current_phase is not UNSET:
            field_dict["current_phase"] = current_phase
        if configuration is not UNSET:
            field_dict["configuration"] = configuration
        if uploads is not UNSET:
            field_dict["uploads"] = uploads
        if auto_advance is not UNSET:
            field_dict["auto_advance"] = auto_advance
        if auto_accept is not UNSET:
            field_dict["auto_accept"] = auto_accept
        if parent_flow_id is not UNSET:
            field_dict["parent_flow_id"] = parent_flow_id
        if estate_id is not UNSET:
            field_dict["estate_id"] = estate_id
        if stale is not UNSET:
            field_dict["stale"] = stale
        if refreshing is not UNSET:
            field_dict["refreshing"] = refreshing
        if paused_at is not UNSET:
            field_dict["paused_at"] = paused_at
        if next_wakeup_at is not UNSET:
            field_dict["next_wakeup_at"] = next_wakeup_at
        if created_by is not UNSET:
            field_dict["created_by"] = created_by
        if created_at is not UNSET:
            field_dict["created_at"] = created_at
        if updated_at is not UNSET:
            field_dict["updated_at"] = updated_at
        if etag is not UNSET:
            field_dict["etag"] = etag
        if progress is not UNSET:
            field_dict["progress"] = progress
        if phases is not UNSET:
            field_dict["phases"] = phases
        if folded is not UNSET:
            field_dict["folded"] = folded

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.flow_view_configuration import FlowViewConfiguration  # noqa: PLC0415
        from ..models.phase_view import PhaseView  # noqa: PLC0415
        from ..models.upload_view import UploadView  # noqa: PLC0415

        d = dict(src_dict)
        id = UUID(d.pop("id"))

        flow_type = d.pop("flow_type", UNSET)

        definition_version = d.pop("definition_version", UNSET)

        name = d.pop("name", UNSET)

        def _parse_description(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        description = _parse_description(d.pop("description", UNSET))

        status = d.pop("status", UNSET)

        def _parse_reason(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        reason = _parse_reason(d.pop("reason", UNSET))

        def _parse_current_phase(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        current_phase = _parse_current_phase(d.pop("current_phase", UNSET))

        _configuration = d.pop("configuration", UNSET)
        configuration: FlowViewConfiguration | Unset
        if isinstance(_configuration, Unset):
            configuration = UNSET
        else:
            configuration = FlowViewConfiguration.from_dict(_configuration)

        _uploads = d.pop("uploads", UNSET)
        uploads: list[UploadView] | Unset = UNSET
        if _uploads is not UNSET:
            uploads = []
            for uploads_item_data in _uploads:
                uploads_item = UploadView.from_dict(uploads_item_data)

                uploads.append(uploads_item)

        auto_advance = d.pop("auto_advance", UNSET)

        auto_accept = d.pop("auto_accept", UNSET)

        def _parse_parent_flow_id(data: object) -> None | Unset | UUID:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                parent_flow_id_type_0 = UUID(data)

                return parent_flow_id_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Unset | UUID, data)

        parent_flow_id = _parse_parent_flow_id(d.pop("parent_flow_id", UNSET))

        def _parse_estate_id(data: object) -> None | Unset | UUID:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                estate_id_type_0 = UUID(data)

                return estate_id_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Unset | UUID, data)

        estate_id = _parse_estate_id(d.pop("estate_id", UNSET))

        stale = d.pop("stale", UNSET)

        refreshing = d.pop("refreshing", UNSET)

        def _parse_paused_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                paused_at_type_0 = datetime.datetime.fromisoformat(data)

                return paused_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        paused_at = _parse_paused_at(d.pop("paused_at", UNSET))

        def _parse_next_wakeup_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                next_wakeup_at_type_0 = datetime.datetime.fromisoformat(data)

                return next_wakeup_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        next_wakeup_at = _parse_next_wakeup_at(d.pop("next_wakeup_at", UNSET))

        def _parse_created_by(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        created_by = _parse_created_by(d.pop("created_by", UNSET))

        def _parse_created_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                created_at_type_0 = datetime.datetime.fromisoformat(data)

                return created_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        created_at = _parse_created_at(d.pop("created_at", UNSET))

        def _parse_updated_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                updated_at_type_0 = datetime.datetime.fromisoformat(data)

                return updated_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        updated_at = _parse_updated_at(d.pop("updated_at", UNSET))

        etag = d.pop("etag", UNSET)

        progress = d.pop("progress", UNSET)

        _phases = d.pop("phases", UNSET)
        phases: list[PhaseView] | Unset = UNSET
        if _phases is not UNSET:
            phases = []
            for phases_item_data in _phases:
                phases_item = PhaseView.from_dict(phases_item_data)

                phases.append(phases_item)

        def _parse_folded(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        folded = _parse_folded(d.pop("folded", UNSET))

        flow_view = cls(
            id=id,
            flow_type=flow_type,
            definition_version=definition_version,
            name=name,
            description=description,
            status=status,
            reason=reason,
            current_phase=current_phase,
            configuration=configuration,
            uploads=uploads,
            auto_advance=auto_advance,
            auto_accept=auto_accept,
            parent_flow_id=parent_flow_id,
            estate_id=estate_id,
            stale=stale,
            refreshing=refreshing,
            paused_at=paused_at,
            next_wakeup_at=next_wakeup_at,
            created_by=created_by,
            created_at=created_at,
            updated_at=updated_at,
            etag=etag,
            progress=progress,
            phases=phases,
            folded=folded,
        )

        return flow_view
