from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

T = TypeVar("T", bound="UsageRowView")


@_attrs_define
class UsageRowView:
    """A group; what it was not grouped by is null.

    Attributes:
        runs (int):
        calls (int): that have ended, well or not
        prompt_tokens (int):
        completion_tokens (int):
        reserved_tokens (int): booked for calls on their way, or of runs that died in the middle of one: they count as
            spent
        cost_usd (float): 0 where the price of the model is not known; with what is booked
        flow_id (None | UUID):
        phase (None | str):
        model (None | str):
        prompt_version (None | str):
        day (datetime.date | None): UTC, of the last report of the run
    """

    runs: int
    calls: int
    prompt_tokens: int
    completion_tokens: int
    reserved_tokens: int
    cost_usd: float
    flow_id: None | UUID
    phase: None | str
    model: None | str
    prompt_version: None | str
    day: datetime.date | None

    def to_dict(self) -> dict[str, Any]:
        runs = self.runs

        calls = self.calls

        prompt_tokens = self.prompt_tokens

        completion_tokens = self.completion_tokens

        reserved_tokens = self.reserved_tokens

        cost_usd = self.cost_usd

        flow_id: None | str
        if isinstance(self.flow_id, UUID):
            flow_id = str(self.flow_id)
        else:
            flow_id = self.flow_id

        phase: None | str
        phase = self.phase

        model: None | str
        model = self.model

        prompt_version: None | str
        prompt_version = self.prompt_version

        day: None | str
        if isinstance(self.day, datetime.date):
            day = self.day.isoformat()
        else:
            day = self.day

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "runs": runs,
                "calls": calls,
                "prompt_tokens": prompt_tokens,
                "completion_tokens": completion_tokens,
                "reserved_tokens": reserved_tokens,
                "cost_usd": cost_usd,
                "flow_id": flow_id,
                "phase": phase,
                "model": model,
                "prompt_version": prompt_version,
                "day": day,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        runs = d.pop("runs")

        calls = d.pop("calls")

        prompt_tokens = d.pop("prompt_tokens")

        completion_tokens = d.pop("completion_tokens")

        reserved_tokens = d.pop("reserved_tokens")

        cost_usd = d.pop("cost_usd")

        def _parse_flow_id(data: object) -> None | UUID:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                flow_id_type_0 = UUID(data)

                return flow_id_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | UUID, data)

        flow_id = _parse_flow_id(d.pop("flow_id"))

        def _parse_phase(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        phase = _parse_phase(d.pop("phase"))

        def _parse_model(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        model = _parse_model(d.pop("model"))

        def _parse_prompt_version(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        prompt_version = _parse_prompt_version(d.pop("prompt_version"))

        def _parse_day(data: object) -> datetime.date | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                day_type_0 = datetime.date.fromisoformat(data)

                return day_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.date | None, data)

        day = _parse_day(d.pop("day"))

        usage_row_view = cls(
            runs=runs,
            calls=calls,
            prompt_tokens=prompt_tokens,
            completion_tokens=completion_tokens,
            reserved_tokens=reserved_tokens,
            cost_usd=cost_usd,
            flow_id=flow_id,
            phase=phase,
            model=model,
            prompt_version=prompt_version,
            day=day,
        )

        return usage_row_view
