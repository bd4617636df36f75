from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..models.set_treatment_treatment import SetTreatmentTreatment
from ..types import UNSET, Unset

T = TypeVar("T", bound="SetTreatment")


@_attrs_define
class SetTreatment:
    """
    Attributes:
        treatment (SetTreatmentTreatment):
        reason (str):
        learn (bool | Unset): later runs of this client take it in Default: True.
    """

    treatment: SetTreatmentTreatment
    reason: str
    learn: bool | Unset = True

    def to_dict(self) -> dict[str, Any]:
        treatment = self.treatment.value

        reason = self.reason

        learn = self.learn

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "treatment": treatment,
                "reason": reason,
            }
        )
        if learn is not UNSET:
            field_dict["learn"] = learn

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        treatment = SetTreatmentTreatment(d.pop("treatment"))

        reason = d.pop("reason")

        learn = d.pop("learn", UNSET)

        set_treatment = cls(
            treatment=treatment,
            reason=reason,
            learn=learn,
        )

        return set_treatment
