from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.attempt_usage_view import AttemptUsageView
    from ..models.attempt_view_error_type_0 import AttemptViewErrorType0
    from ..models.attempt_view_inputs_type_0 import AttemptViewInputsType0
    from ..models.attempt_view_receipts_item import AttemptViewReceiptsItem


T = TypeVar("T", bound="AttemptView")


@_attrs_define
class AttemptView:
    """
    Attributes:
        id (UUID):
        kind (str):
        phase (str):
        unit_key (None | str):
        sequence (int):
        status (str):
        epoch (int):
        worker (None | str):
        retries (int):
        lease_losses (int):
        fraction (float | None):
        note (None | str):
        error (AttemptViewErrorType0 | None):
        usage (list[AttemptUsageView]): what its runs have spent, by model
        inputs (AttemptViewInputsType0 | None): digests of what it was given: datasets by name (also `learned`),
            decisions …
        receipts (list[AttemptViewReceiptsItem]):
        outcome_unknown (bool):
        not_before (datetime.datetime | None):
        dispatched_at (datetime.datetime | None):
        started_at (datetime.datetime | None):
        ended_at (datetime.datetime | None):
        seconds (float | None):
        created_at (datetime.datetime):
    """

    id: UUID
    kind: str
    phase: str
    unit_key: None | str
    sequence: int
    status: str
    epoch: int
    worker: None | str
    retries: int
    lease_losses: int
    fraction: float | None
    note: None | str
    error: AttemptViewErrorType0 | None
    usage: list[AttemptUsageView]
    inputs: AttemptViewInputsType0 | None
    receipts: list[AttemptViewReceiptsItem]
    outcome_unknown: bool
    not_before: datetime.datetime | None
    dispatched_at: datetime.datetime | None
    started_at: datetime.datetime | None
    ended_at: datetime.datetime | None
    seconds: float | None
    created_at: datetime.datetime

    def to_dict(self) -> dict[str, Any]:
        from ..models.attempt_view_error_type_0 import AttemptViewErrorType0  # noqa: PLC0415
        from ..models.attempt_view_inputs_type_0 import AttemptViewInputsType0  # noqa: PLC0415

        id = str(self.id)

        kind = self.kind

        phase = self.phase

        unit_key: None | str
        unit_key = self.unit_key

        sequence = self.sequence

        status = self.status

        epoch = self.epoch

        worker: None | str
        worker = self.worker

        retries = self.retries

        lease_losses = self.lease_losses

        fraction: float | None
        fraction = self.fraction

        note: None | str
        note = self.note

        error: dict[str, Any] | None
        if isinstance(self.error, AttemptViewErrorType0):
            error = self.error.to_dict()
        else:
            error = self.error

        usage = []
        for usage_item_data in self.usage:
            usage_item = usage_item_data.to_dict()
            usage.append(usage_item)

        inputs: dict[str, Any] | None
        if isinstance(self.inputs, AttemptViewInputsType0):
            inputs = self.inputs.to_dict()
        else:
            inputs = self.inputs

        receipts = []
        for receipts_item_data in self.receipts:
            receipts_item = receipts_item_data.to_dict()
            receipts.append(receipts_item)

        outcome_unknown = self.outcome_unknown

        not_before: None | str
        if isinstance(self.not_before, datetime.datetime):
            not_before = self.not_before.isoformat()
        else:
            not_before = self.not_before

        dispatched_at: None | str
        if isinstance(self.dispatched_at, datetime.datetime):
            dispatched_at = self.dispatched_at.isoformat()
        else:
            dispatched_at = self.dispatched_at

        started_at: None | str
        if isinstance(self.started_at, datetime.datetime):
            started_at = self.started_at.isoformat()
        else:
            started_at = self.started_at

        ended_at: None | str
        if isinstance(self.ended_at, datetime.datetime):
            ended_at = self.ended_at.isoformat()
        else:
            ended_at = self.ended_at

        seconds: float | None
        seconds = self.seconds

        created_at = self.created_at.isoformat()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "id": id,
                "kind": kind,
                "phase": phase,
                "unit_key": unit_key,
                "sequence": sequence,
                "status": status,
                "epoch": epoch,
                "worker": worker,
                "retries": retries,
                "lease_losses": lease_losses,
                "fraction": fraction,
                "note": note,
                "error": error,
                "usage": usage,
                "inputs": inputs,
                "receipts": receipts,
                "outcome_unknown": outcome_unknown,
                "not_before": not_before,
                "dispatched_at": dispatched_at,
                "started_at": started_at,
                "ended_at": ended_at,
                "seconds": seconds,
                "created_at": created_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.attempt_usage_view import AttemptUsageView  # noqa: PLC0415
        from ..models.attempt_view_error_type_0 import AttemptViewErrorType0  # noqa: PLC0415
        from ..models.attempt_view_inputs_type_0 import AttemptViewInputsType0  # noqa: PLC0415
        from ..models.attempt_view_receipts_item import AttemptViewReceiptsItem  # noqa: PLC0415

        d = dict(src_dict)
        id = UUID(d.pop("id"))

        kind = d.pop("kind")

        phase = d.pop("phase")

        def _parse_unit_key(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        unit_key = _parse_unit_key(d.pop("unit_key"))

        sequence = d.pop("sequence")

        status = d.pop("status")

        epoch = d.pop("epoch")

        def _parse_worker(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        worker = _parse_worker(d.pop("worker"))

        retries = d.pop("retries")

        lease_losses = d.pop("lease_losses")

        def _parse_fraction(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        fraction = _parse_fraction(d.pop("fraction"))

        def _parse_note(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        note = _parse_note(d.pop("note"))

        def _parse_error(data: object) -> AttemptViewErrorType0 | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                error_type_0 = AttemptViewErrorType0.from_dict(data)

                return error_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(AttemptViewErrorType0 | None, data)

        error = _parse_error(d.pop("error"))

        usage = []
        _usage = d.pop("usage")
        for usage_item_data in _usage:
            usage_item = AttemptUsageView.from_dict(usage_item_data)

            usage.append(usage_item)

        def _parse_inputs(data: object) -> AttemptViewInputsType0 | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                inputs_type_0 = AttemptViewInputsType0.from_dict(data)

                return inputs_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(AttemptViewInputsType0 | None, data)

        inputs = _parse_inputs(d.pop("inputs"))

        receipts = []
        _receipts = d.pop("receipts")
        for receipts_item_data in _receipts:
            receipts_item = AttemptViewReceiptsItem.from_dict(receipts_item_data)

            receipts.append(receipts_item)

        outcome_unknown = d.pop("outcome_unknown")

        def _parse_not_before(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                not_before_type_0 = datetime.datetime.fromisoformat(data)

                return not_before_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        not_before = _parse_not_before(d.pop("not_before"))

        def _parse_dispatched_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                dispatched_at_type_0 = datetime.datetime.fromisoformat(data)

                return dispatched_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        dispatched_at = _parse_dispatched_at(d.pop("dispatched_at"))

        def _parse_started_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                started_at_type_0 = datetime.datetime.fromisoformat(data)

                return started_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        started_at = _parse_started_at(d.pop("started_at"))

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

        def _parse_seconds(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        seconds = _parse_seconds(d.pop("seconds"))

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        attempt_view = cls(
            id=id,
            kind=kind,
            phase=phase,
            unit_key=unit_key,
            sequence=sequence,
            status=status,
            epoch=epoch,
            worker=worker,
            retries=retries,
            lease_losses=lease_losses,
            fraction=fraction,
            note=note,
            error=error,
            usage=usage,
            inputs=inputs,
            receipts=receipts,
            outcome_unknown=outcome_unknown,
            not_before=not_before,
            dispatched_at=dispatched_at,
            started_at=started_at,
            ended_at=ended_at,
            seconds=seconds,
            created_at=created_at,
        )

        return attempt_view
