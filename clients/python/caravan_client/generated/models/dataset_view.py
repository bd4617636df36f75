from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

T = TypeVar("T", bound="DatasetView")


@_attrs_define
class DatasetView:
    """
    Attributes:
        id (UUID):
        flow_id (UUID):
        attempt_id (UUID):
        phase (str):
        name (str):
        version (int):
        rows (int):
        bytes_ (int):
        sha256 (str):
        index (str):
        index_hash (None | str):
        indexed_rows (int):
        indexed_at (datetime.datetime | None):
        entity_type (None | str):
        assets (bool):
        created_at (datetime.datetime):
        active (bool):
    """

    id: UUID
    flow_id: UUID
    attempt_id: UUID
    phase: str
    name: str
    version: int
    rows: int
    bytes_: int
    sha256: str
    index: str
    index_hash: None | str
    indexed_rows: int
    indexed_at: datetime.datetime | None
    entity_type: None | str
    assets: bool
    created_at: datetime.datetime
    active: bool

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        flow_id = str(self.flow_id)

        attempt_id = str(self.attempt_id)

        phase = self.phase

        name = self.name

        version = self.version

        rows = self.rows

        bytes_ = self.bytes_

        sha256 = self.sha256

        index = self.index

        index_hash: None | str
        index_hash = self.index_hash

        indexed_rows = self.indexed_rows

        indexed_at: None | str
        if isinstance(self.indexed_at, datetime.datetime):
            indexed_at = self.indexed_at.isoformat()
        else:
            indexed_at = self.indexed_at

        entity_type: None | str
        entity_type = self.entity_type

        assets = self.assets

        created_at = self.created_at.isoformat()

        active = self.active

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "id": id,
                "flow_id": flow_id,
                "attempt_id": attempt_id,
                "phase": phase,
                "name": name,
                "version": version,
                "rows": rows,
                "bytes": bytes_,
                "sha256": sha256,
                "index": index,
                "index_hash": index_hash,
                "indexed_rows": indexed_rows,
                "indexed_at": indexed_at,
                "entity_type": entity_type,
                "assets": assets,
                "created_at": created_at,
                "active": active,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        id = UUID(d.pop("id"))

        flow_id = UUID(d.pop("flow_id"))

        attempt_id = UUID(d.pop("attempt_id"))

        phase = d.pop("phase")

        name = d.pop("name")

        version = d.pop("version")

        rows = d.pop("rows")

        bytes_ = d.pop("bytes")

        sha256 = d.pop("sha256")

        index = d.pop("index")

        def _parse_index_hash(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        index_hash = _parse_index_hash(d.pop("index_hash"))

        indexed_rows = d.pop("indexed_rows")

        def _parse_indexed_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                indexed_at_type_0 = datetime.datetime.fromisoformat(data)

                return indexed_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        indexed_at = _parse_indexed_at(d.pop("indexed_at"))

        def _parse_entity_type(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        entity_type = _parse_entity_type(d.pop("entity_type"))

        assets = d.pop("assets")

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        active = d.pop("active")

        dataset_view = cls(
            id=id,
            flow_id=flow_id,
            attempt_id=attempt_id,
            phase=phase,
            name=name,
            version=version,
            rows=rows,
            bytes_=bytes_,
            sha256=sha256,
            index=index,
            index_hash=index_hash,
            indexed_rows=indexed_rows,
            indexed_at=indexed_at,
            entity_type=entity_type,
            assets=assets,
            created_at=created_at,
            active=active,
        )

        return dataset_view
