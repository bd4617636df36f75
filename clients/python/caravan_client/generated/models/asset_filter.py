from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="AssetFilter")


@_attrs_define
class AssetFilter:
    """As of GET /assets; empty: the whole estate.

    Attributes:
        asset_type (list[str] | Unset):
        environment (list[str] | Unset):
        operating_system (list[str] | Unset):
        business_criticality (list[str] | Unset):
        location (list[str] | Unset):
        treatment (list[str] | Unset):
        wave (list[str] | Unset):
        target_type (list[str] | Unset):
        is_target (bool | None | Unset):
        not_target_reason (list[str] | Unset):
        q (None | str | Unset):
    """

    asset_type: list[str] | Unset = UNSET
    environment: list[str] | Unset = UNSET
    operating_system: list[str] | Unset = UNSET
    business_criticality: list[str] | Unset = UNSET
    location: list[str] | Unset = UNSET
    treatment: list[str] | Unset = UNSET
    wave: list[str] | Unset = UNSET
    target_type: list[str] | Unset = UNSET
    is_target: bool | None | Unset = UNSET
    not_target_reason: list[str] | Unset = UNSET
    q: None | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        asset_type: list[str] | Unset = UNSET
        if not isinstance(self.asset_type, Unset):
            asset_type = self.asset_type

        environment: list[str] | Unset = UNSET
        if not isinstance(self.environment, Unset):
            environment = self.environment

        operating_system: list[str] | Unset = UNSET
        if not isinstance(self.operating_system, Unset):
            operating_system = self.operating_system

        business_criticality: list[str] | Unset = UNSET
        if not isinstance(self.business_criticality, Unset):
            business_criticality = self.business_criticality

        location: list[str] | Unset = UNSET
        if not isinstance(self.location, Unset):
            location = self.location

        treatment: list[str] | Unset = UNSET
        if not isinstance(self.treatment, Unset):
            treatment = self.treatment

        wave: list[str] | Unset = UNSET
        if not isinstance(self.wave, Unset):
            wave = self.wave

        target_type: list[str] | Unset = UNSET
        if not isinstance(self.target_type, Unset):
            target_type = self.target_type

        is_target: bool | None | Unset
        if isinstance(self.is_target, Unset):
            is_target = UNSET
        else:
            is_target = self.is_target

        not_target_reason: list[str] | Unset = UNSET
        if not isinstance(self.not_target_reason, Unset):
            not_target_reason = self.not_target_reason

        q: None | str | Unset
        if isinstance(self.q, Unset):
            q = UNSET
        else:
            q = self.q

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if asset_type is not UNSET:
            field_dict["asset_type"] = asset_type
        if environment is not UNSET:
            field_dict["environment"] = environment
        if operating_system is not UNSET:
            field_dict["operating_system"] = operating_system
        if business_criticality is not UNSET:
            field_dict["business_criticality"] = business_criticality
        if location is not UNSET:
            field_dict["location"] = location
        if treatment is not UNSET:
            field_dict["treatment"] = treatment
        if wave is not UNSET:
            field_dict["wave"] = wave
        if target_type is not UNSET:
            field_dict["target_type"] = target_type
        if is_target is not UNSET:
            field_dict["is_target"] = is_target
        if not_target_reason is not UNSET:
            field_dict["not_target_reason"] = not_target_reason
        if q is not UNSET:
            field_dict["q"] = q

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        asset_type = cast(list[str], d.pop("asset_type", UNSET))

        environment = cast(list[str], d.pop("environment", UNSET))

        operating_system = cast(list[str], d.pop("operating_system", UNSET))

        business_criticality = cast(list[str], d.pop("business_criticality", UNSET))

        location = cast(list[str], d.pop("location", UNSET))

        treatment = cast(list[str], d.pop("treatment", UNSET))

        wave = cast(list[str], d.pop("wave", UNSET))

        target_type = cast(list[str], d.pop("target_type", UNSET))

        def _parse_is_target(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        is_target = _parse_is_target(d.pop("is_target", UNSET))

        not_target_reason = cast(list[str], d.pop("not_target_reason", UNSET))

        def _parse_q(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        q = _parse_q(d.pop("q", UNSET))

        asset_filter = cls(
            asset_type=asset_type,
            environment=environment,
            operating_system=operating_system,
            business_criticality=business_criticality,
            location=location,
            treatment=treatment,
            wave=wave,
            target_type=target_type,
            is_target=is_target,
            not_target_reason=not_target_reason,
            q=q,
        )

        return asset_filter
