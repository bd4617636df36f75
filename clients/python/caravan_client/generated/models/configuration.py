from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.configuration_phase_budgets_type_0 import ConfigurationPhaseBudgetsType0


T = TypeVar("T", bound="Configuration")


@_attrs_define
class Configuration:
    """
    Attributes:
        as_of (datetime.date | None | Unset): the day the flow is computed for; today when absent
        lease_seconds (float | None | Unset):
        budget_tokens (int | None | Unset): what a flow's crews may spend in all, each flow of a chain for itself; else
            as the platform says
        budget_usd (float | None | Unset): the same in money
        phase_budgets (ConfigurationPhaseBudgetsType0 | None | Unset): tokens of single phases, within those of the flow
        uploads (list[UUID] | Unset): upload_ids
        through (None | str | Unset): the flow type through which flows follow one another by themselves; this flow
            alone when absent
    """

    as_of: datetime.date | None | Unset = UNSET
    lease_seconds: float | None | Unset = UNSET
    budget_tokens: int | None | Unset = UNSET
    budget_usd: float | None | Unset = UNSET
    phase_budgets: ConfigurationPhaseBudgetsType0 | None | Unset = UNSET
    uploads: list[UUID] | Unset = UNSET
    through: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.configuration_phase_budgets_type_0 import (
            ConfigurationPhaseBudgetsType0,  # noqa: PLC0415
        )

        as_of: None | str | Unset
        if isinstance(self.as_of, Unset):
            as_of = UNSET
        elif isinstance(self.as_of, datetime.date):
            as_of = self.as_of.isoformat()
        else:
            as_of = self.as_of

        lease_seconds: float | None | Unset
        if isinstance(self.lease_seconds, Unset):
            lease_seconds = UNSET
        else:
            lease_seconds = self.lease_seconds

        budget_tokens: int | None | Unset
        if isinstance(self.budget_tokens, Unset):
            budget_tokens = UNSET
        else:
            budget_tokens = self.budget_tokens

        budget_usd: float | None | Unset
        if isinstance(self.budget_usd, Unset):
            budget_usd = UNSET
        else:
            budget_usd = self.budget_usd

        phase_budgets: dict[str, Any] | None | Unset
        if isinstance(self.phase_budgets, Unset):
            phase_budgets = UNSET
        elif isinstance(self.phase_budgets, ConfigurationPhaseBudgetsType0):
            phase_budgets = self.phase_budgets.to_dict()
        else:
            phase_budgets = self.phase_budgets

        uploads: list[str] | Unset = UNSET
        if not isinstance(self.uploads, Unset):
            uploads = []
            for uploads_item_data in self.uploads:
                uploads_item = str(uploads_item_data)
                uploads.append(uploads_item)

        through: None | str | Unset
        if isinstance(self.through, Unset):
            through = UNSET
        else:
            through = self.through

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if as_of is not UNSET:
            field_dict["as_of"] = as_of
        if lease_seconds is not UNSET:
            field_dict["lease_seconds"] = lease_seconds
        if budget_tokens is not UNSET:
            field_dict["budget_tokens"] = budget_tokens
        if budget_usd is not UNSET:
            field_dict["budget_usd"] = budget_usd
        if phase_budgets is not UNSET:
            field_dict["phase_budgets"] = phase_budgets
        if uploads is not UNSET:
            field_dict["uploads"] = uploads
        if through is not UNSET:
            field_dict["through"] = through

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.configuration_phase_budgets_type_0 import (
            ConfigurationPhaseBudgetsType0,  # noqa: PLC0415
        )

        d = dict(src_dict)

        def _parse_as_of(data: object) -> datetime.date | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                as_of_type_0 = datetime.date.fromisoformat(data)

                return as_of_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.date | None | Unset, data)

        as_of = _parse_as_of(d.pop("as_of", UNSET))

        def _parse_lease_seconds(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        lease_seconds = _parse_lease_seconds(d.pop("lease_seconds", UNSET))

        def _parse_budget_tokens(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        budget_tokens = _parse_budget_tokens(d.pop("budget_tokens", UNSET))

        def _parse_budget_usd(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        budget_usd = _parse_budget_usd(d.pop("budget_usd", UNSET))

        def _parse_phase_budgets(data: object) -> ConfigurationPhaseBudgetsType0 | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                phase_budgets_type_0 = ConfigurationPhaseBudgetsType0.from_dict(data)

                return phase_budgets_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(ConfigurationPhaseBudgetsType0 | None | Unset, data)

        phase_budgets = _parse_phase_budgets(d.pop("phase_budgets", UNSET))

        _uploads = d.pop("uploads", UNSET)
        uploads: list[UUID] | Unset = UNSET
        if _uploads is not UNSET:
            uploads = []
            for uploads_item_data in _uploads:
                uploads_item = UUID(uploads_item_data)

                uploads.append(uploads_item)

        def _parse_through(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        through = _parse_through(d.pop("through", UNSET))

        configuration = cls(
            as_of=as_of,
            lease_seconds=lease_seconds,
            budget_tokens=budget_tokens,
            budget_usd=budget_usd,
            phase_budgets=phase_budgets,
            uploads=uploads,
            through=through,
        )

        configuration.additional_properties = d
        return configuration

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
