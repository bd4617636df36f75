from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="Split")


@_attrs_define
class Split:
    """Cut a wave in two: these applications go into a new one after it.

    Attributes:
        wave (int): number of a wave in the plan
        applications (list[str]):
        starts (datetime.date | None | Unset): first day of the new wave; its middle when absent
    """

    wave: int
    applications: list[str]
    starts: datetime.date | None | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        wave = self.wave

        applications = self.applications

        starts: None | str | Unset
        if isinstance(self.starts, Unset):
            starts = UNSET
        elif isinstance(self.starts, datetime.date):
            starts = self.starts.isoformat()
        else:
            starts = self.starts

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "wave": wave,
                "applications": applications,
            }
        )
        if starts is not UNSET:
            field_dict["starts"] = starts

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        wave = d.pop("wave")

        applications = cast(list[str], d.pop("applications"))

        def _parse_starts(data: object) -> datetime.date | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                starts_type_0 = datetime.date.fromisoformat(data)

                return starts_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.date | None | Unset, data)

        starts = _parse_starts(d.pop("starts", UNSET))

        split = cls(
            wave=wave,
            applications=applications,
            starts=starts,
        )

        return split
