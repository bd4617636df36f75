from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.handed_dataset_view import HandedDatasetView
    from ..models.handoff_view_error_type_0 import HandoffViewErrorType0
    from ..models.handoff_view_summary import HandoffViewSummary
    from ..models.rule_view import RuleView


T = TypeVar("T", bound="HandoffView")


@_attrs_define
class HandoffView:
    """
    Attributes:
        id (UUID):
        source_flow_id (UUID):
        target_flow_id (None | UUID): the child, once the handoff is accepted
        target_flow_type (str):
        target_version (None | str):
        status (str): requested, building, accepted, failed, withdrawn, replaced, revoked
        requested_by (None | str): null: the chain goes on by itself
        datasets (list[HandedDatasetView]):
        summary (HandoffViewSummary):
        rules (list[RuleView]):
        digest (None | str): SHA-256 over the content of the package
        error (HandoffViewErrorType0 | None):
        created_at (datetime.datetime):
        ended_at (datetime.datetime | None):
    """

    id: UUID
    source_flow_id: UUID
    target_flow_id: None | UUID
    target_flow_type: str
    target_version: None | str
    status: str
    requested_by: None | str
    datasets: list[HandedDatasetView]
    summary: HandoffViewSummary
    rules: list[RuleView]
    digest: None | str
    error: HandoffViewErrorType0 | None
    created_at: datetime.datetime
    ended_at: datetime.datetime | None

    def to_dict(self) -> dict[str, Any]:
        from ..models.handoff_view_error_type_0 import HandoffViewErrorType0  # noqa: PLC0415

        id = str(self.id)

        source_flow_id = str(self.source_flow_id)

        target_flow_id: None | str
        if isinstance(self.target_flow_id, UUID):
            target_flow_id = str(self.target_flow_id)
        else:
            target_flow_id = self.target_flow_id

        target_flow_type = self.target_flow_type

        target_version: None | str
        target_version = self.target_version

        status = self.status

        requested_by: None | str
        requested_by = self.requested_by

        datasets = []
        for datasets_item_data in self.datasets:
            datasets_item = datasets_item_data.to_dict()
            datasets.append(datasets_item)

        summary = self.summary.to_dict()

        rules = []
        for rules_item_data in self.rules:
            rules_item = rules_item_data.to_dict()
            rules.append(rules_item)

        digest: None | str
        digest = self.digest

        error: dict[str, Any] | None
        if isinstance(self.error, HandoffViewErrorType0):
            error = self.error.to_dict()
        else:
            error = self.error

        created_at = self.created_at.isoformat()

        ended_at: None | str
        if isinstance(self.ended_at, datetime.datetime):
            ended_at = self.ended_at.isoformat()
        else:
            ended_at = self.ended_at

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "id": id,
                "source_flow_id": source_flow_id,
                "target_flow_id": target_flow_id,
                "target_flow_type": target_flow_type,
                "target_version": target_version,
                "status": status,
                "requested_by": requested_by,
                "datasets": datasets,
                "summary": summary,
                "rules": rules,
                "digest": digest,
                "error": error,
                "created_at": created_at,
                "ended_at": ended_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.handed_dataset_view import HandedDatasetView  # noqa: PLC0415
        from ..models.handoff_view_error_type_0 import HandoffViewErrorType0  # noqa: PLC0415
        from ..models.handoff_view_summary import HandoffViewSummary  # noqa: PLC0415
        from ..models.rule_view import RuleView  # noqa: PLC0415

        d = dict(src_dict)
        id = UUID(d.pop("id"))

        source_flow_id = UUID(d.pop("source_flow_id"))

        def _parse_target_flow_id(data: object) -> None | UUID:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                target_flow_id_type_0 = UUID(data)

                return target_flow_id_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | UUID, data)

        target_flow_id = _parse_target_flow_id(d.pop("target_flow_id"))

        target_flow_type = d.pop("target_flow_type")

        def _parse_target_version(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        target_version = _parse_target_version(d.pop("target_version"))

        status = d.pop("status")

        def _parse_requested_by(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        requested_by = _parse_requested_by(d.pop("requested_by"))

        datasets = []
        _datasets = d.pop("datasets")
        for datasets_item_data in _datasets:
            datasets_item = HandedDatasetView.from_dict(datasets_item_data)

            datasets.append(datasets_item)

        summary = HandoffViewSummary.from_dict(d.pop("summary"))

        rules = []
        _rules = d.pop("rules")
        for rules_item_data in _rules:
            rules_item = RuleView.from_dict(rules_item_data)

            rules.append(rules_item)

        def _parse_digest(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        digest = _parse_digest(d.pop("digest"))

        def _parse_error(data: object) -> HandoffViewErrorType0 | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                error_type_0 = HandoffViewErrorType0.from_dict(data)

                return error_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(HandoffViewErrorType0 | None, data)

        error = _parse_error(d.pop("error"))

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        def _parse_ended_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                ended_at_type_0 = datetime.datetime.fromisoformat(data)

                return ended_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        ended_at = _parse_ended_at(d.pop("ended_at"))

        handoff_view = cls(
            id=id,
            source_flow_id=source_flow_id,
            target_flow_id=target_flow_id,
            target_flow_type=target_flow_type,
            target_version=target_version,
            status=status,
            requested_by=requested_by,
            datasets=datasets,
            summary=summary,
            rules=rules,
            digest=digest,
            error=error,
            created_at=created_at,
            ended_at=ended_at,
        )

        return handoff_view
