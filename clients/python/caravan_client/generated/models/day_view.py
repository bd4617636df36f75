from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="DayView")


@_attrs_define
class DayView:
    """
    Attributes:
        day (datetime.date): UTC; days on which nothing ended are left out
        phases (int): computations that succeeded
        units (int): effects carried out
        failed (int): attempts that failed for good
        seconds (float):
    """

    day: datetime.date
    phases: int
    units: int
    failed: int
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        day = self.day.isoformat()

        phases = self.phases

        units = self.units

        failed = self.failed

        seconds = self.seconds

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "day": day,
                "phases": phases,
                "units": units,
                "failed": failed,
                "seconds": seconds,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        day = datetime.date.fromisoformat(d.pop("day"))

        phases = d.pop("phases")

        units = d.pop("units")

        failed = d.pop("failed")

        seconds = d.pop("seconds")

        day_view = cls(
            day=day,
            phases=phases,
            units=units,
            failed=failed,
            seconds=seconds,
        )

        return day_view
