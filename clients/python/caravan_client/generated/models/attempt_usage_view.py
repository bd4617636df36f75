from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="AttemptUsageView")


@_attrs_define
class AttemptUsageView:
    """
    Attributes:
        runs (int):
        calls (int): that have ended, well or not
        prompt_tokens (int):
        completion_tokens (int):
        reserved_tokens (int): booked for calls on their way, or of runs that died in the middle of one: they count as
            spent
        cost_usd (float): 0 where the price of the model is not known; with what is booked
        model (str):
    """

    runs: int
    calls: int
    prompt_tokens: int
    completion_tokens: int
    reserved_tokens: int
    cost_usd: float
    model: str

    def to_dict(self) -> dict[str, Any]:
        runs = self.runs

        calls = self.calls

        prompt_tokens = self.prompt_tokens

        completion_tokens = self.completion_tokens

        reserved_tokens = self.reserved_tokens

        cost_usd = self.cost_usd

        model = self.model

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "runs": runs,
                "calls": calls,
                "prompt_tokens": prompt_tokens,
                "completion_tokens": completion_tokens,
                "reserved_tokens": reserved_tokens,
                "cost_usd": cost_usd,
                "model": model,
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

        model = d.pop("model")

        attempt_usage_view = cls(
            runs=runs,
            calls=calls,
            prompt_tokens=prompt_tokens,
            completion_tokens=completion_tokens,
            reserved_tokens=reserved_tokens,
            cost_usd=cost_usd,
            model=model,
        )

        return attempt_usage_view
