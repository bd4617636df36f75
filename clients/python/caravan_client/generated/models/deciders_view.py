from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="DecidersView")


@_attrs_define
class DecidersView:
    """
    Attributes:
        rule (int):
        crew (int):
        learned (int):
        person (int):
    """

    rule: int
    crew: int
    learned: int
    person: int

    def to_dict(self) -> dict[str, Any]:
        rule = self.rule

        crew = self.crew

        learned = self.learned

        person = self.person

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "rule": rule,
                "crew": crew,
                "learned": learned,
                "person": person,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        rule = d.pop("rule")

        crew = d.pop("crew")

        learned = d.pop("learned")

        person = d.pop("person")

        deciders_view = cls(
            rule=rule,
            crew=crew,
            learned=learned,
            person=person,
        )

        return deciders_view
