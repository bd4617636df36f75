from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="Lock")


@_attrs_define
class Lock:
    """Keep an application in a wave at every later solve; `locked` false frees it.

    Attributes:
        application (str): natural key, as the plan has it
        wave (int | None | Unset): where it is now, when absent
        locked (bool | Unset):  Default: True.
    """

    application: str
    wave: int | None | Unset = UNSET
    locked: bool | Unset = True

    def to_dict(self) -> dict[str, Any]:
        application = self.application

        wave: int | None | Unset
        if isinstance(self.wave, Unset):
            wave = UNSET
        else:
            wave = self.wave

        locked = self.locked

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "application": application,
            }
        )
        if wave is not UNSET:
            field_dict["wave"] = wave
        if locked is not UNSET:
            field_dict["locked"] = locked

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        application = d.pop("application")

        def _parse_wave(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        wave = _parse_wave(d.pop("wave", UNSET))

        locked = d.pop("locked", UNSET)

        lock = cls(
            application=application,
            wave=wave,
            locked=locked,
        )

        return lock
