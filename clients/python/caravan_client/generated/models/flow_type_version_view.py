from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.flow_type_version_view_definition import FlowTypeVersionViewDefinition


T = TypeVar("T", bound="FlowTypeVersionView")


@_attrs_define
class FlowTypeVersionView:
    """
    Attributes:
        version (str):
        digest (str):
        owner (None | str):
        slots (int):
        workers (int): replicas of this version that announced themselves within three minutes
        announced_at (datetime.datetime):
        consumers (int | None): of this major's queue, by the broker: one for each free slot, so 0 while all are taken;
            null when it can't be asked
        definition (FlowTypeVersionViewDefinition):
    """

    version: str
    digest: str
    owner: None | str
    slots: int
    workers: int
    announced_at: datetime.datetime
    consumers: int | None
    definition: FlowTypeVersionViewDefinition

    def to_dict(self) -> dict[str, Any]:
        version = self.version

        digest = self.digest

        owner: None | str
        owner = self.owner

        slots = self.slots

        workers = self.workers

        announced_at = self.announced_at.isoformat()

        consumers: int | None
        consumers = self.consumers

        definition = self.definition.to_dict()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "version": version,
                "digest": digest,
                "owner": owner,
                "slots": slots,
                "workers": workers,
                "announced_at": announced_at,
                "consumers": consumers,
                "definition": definition,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.flow_type_version_view_definition import (
            FlowTypeVersionViewDefinition,  # noqa: PLC0415
        )

        d = dict(src_dict)
        version = d.pop("version")

        digest = d.pop("digest")

        def _parse_owner(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        owner = _parse_owner(d.pop("owner"))

        slots = d.pop("slots")

        workers = d.pop("workers")

        announced_at = datetime.datetime.fromisoformat(d.pop("announced_at"))

        def _parse_consumers(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        consumers = _parse_consumers(d.pop("consumers"))

        definition = FlowTypeVersionViewDefinition.from_dict(d.pop("definition"))

        flow_type_version_view = cls(
            version=version,
            digest=digest,
            owner=owner,
            slots=slots,
            workers=workers,
            announced_at=announced_at,
            consumers=consumers,
            definition=definition,
        )

        return flow_type_version_view
