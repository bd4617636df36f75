from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="Redate")


@_attrs_define
class Redate:
    """New dates of a wave, or the day before which an application may not move.

    Attributes:
        wave (int | None | Unset):
        application (None | str | Unset):
        starts (datetime.date | None | Unset):
        ends (datetime.date | None | Unset):
        not_before (datetime.date | None | Unset):
    """

    wave: int | None | Unset = UNSET
    application: None | str | Unset = UNSET
    starts: datetime.date | None | Unset = UNSET
    ends: datetime.date | None | Unset = UNSET
    not_before: datetime.date | None | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        wave: int | None | Unset
        if isinstance(self.wave, Unset):
            wave = UNSET
        else:
            wave = self.wave

        application: None | str | Unset
        if isinstance(self.application, Unset):
            application = UNSET
        else:
            application = self.application

        starts: None | str | Unset
        if isinstance(self.starts, Unset):
            starts = UNSET
        elif isinstance(self.starts, datetime.date):
            starts = self.starts.isoformat()
        else:
            starts = self.starts

        ends: None | str | Unset
        if isinstance(self.ends, Unset):
            ends = UNSET
        elif isinstance(self.ends, datetime.date):
            ends = self.ends.isoformat()
        else:
            ends = self.ends

        not_before: None | str | Unset
        if isinstance(self.not_before, Unset):
            not_before = UNSET
        elif isinstance(self.not_before, datetime.date):
            not_before = self.not_before.isoformat()
        else:
            not_before = self.not_before

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if wave is not UNSET:
            field_dict["wave"] = wave
        if application is not UNSET:
            field_dict["application"] = application
        if starts is not UNSET:
            field_dict["starts"] = starts
        if ends is not UNSET:
            field_dict["ends"] = ends
        if not_before is not UNSET:
            field_dict["not_before"] = not_before

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_wave(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        wave = _parse_wave(d.pop("wave", UNSET))

        def _parse_application(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        application = _parse_application(d.pop("application", UNSET))

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

        def _parse_ends(data: object) -> datetime.date | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                ends_type_0 = datetime.date.fromisoformat(data)

                return ends_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.date | None | Unset, data)

        ends = _parse_ends(d.pop("ends", UNSET))

        def _parse_not_before(data: object) -> datetime.date | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                not_before_type_0 = datetime.date.fromisoformat(data)

                return not_before_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.date | None | Unset, data)

        not_before = _parse_not_before(d.pop("not_before", UNSET))

        redate = cls(
            wave=wave,
            application=application,
            starts=starts,
            ends=ends,
            not_before=not_before,
        )

        return redate
