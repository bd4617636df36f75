from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define

T = TypeVar("T", bound="HandedDatasetView")


@_attrs_define
class HandedDatasetView:
    """
    Attributes:
        flow_id (UUID): the flow that made it, which may be one further back
        flow_type (str):
        phase (str):
        dataset_id (UUID):
        name (str):
        version (int):
        rows (int):
        sha256 (str):
    """

    flow_id: UUID
    flow_type: str
    phase: str
    dataset_id: UUID
    name: str
    version: int
    rows: int
    sha256: str

    def to_dict(self) -> dict[str, Any]:
        flow_id = str(self.flow_id)

        flow_type = self.flow_type

        phase = self.phase

        dataset_id = str(self.dataset_id)

        name = self.name

        version = self.version

        rows = self.rows

        sha256 = self.sha256

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "flow_id": flow_id,
                "flow_type": flow_type,
                "phase": phase,
                "dataset_id": dataset_id,
                "name": name,
                "version": version,
                "rows": rows,
                "sha256": sha256,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        flow_id = UUID(d.pop("flow_id"))

        flow_type = d.pop("flow_type")

        phase = d.pop("phase")

        dataset_id = UUID(d.pop("dataset_id"))

        name = d.pop("name")

        version = d.pop("version")

        rows = d.pop("rows")

        sha256 = d.pop("sha256")

        handed_dataset_view = cls(
            flow_id=flow_id,
            flow_type=flow_type,
            phase=phase,
            dataset_id=dataset_id,
            name=name,
            version=version,
            rows=rows,
            sha256=sha256,
        )

        return handed_dataset_view
