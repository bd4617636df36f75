from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="Move")


@_attrs_define
class Move:
    """Put an application into a wave.

    Attributes:
        application (str): natural key, as the plan has it
        wave (int): number of a wave in the plan
    """

    application: str
    wave: int

    def to_dict(self) -> dict[str, Any]:
        application = self.application

        wave = self.wave

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "application": application,
                "wave": wave,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        application = d.pop("application")

        wave = d.pop("wave")

        move = cls(
            application=application,
            wave=wave,
        )

        return move
