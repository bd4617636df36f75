from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="SetQuotas")


@_attrs_define
class SetQuotas:
    """What is named is set; null takes a limit away.

    Attributes:
        flows_running (int | None | Unset): flows that may run at the same time
        upload_bytes (int | None | Unset): of all files delivered
        llm_tokens (int | None | Unset): of models in a month of UTC
    """

    flows_running: int | None | Unset = UNSET
    upload_bytes: int | None | Unset = UNSET
    llm_tokens: int | None | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        flows_running: int | None | Unset
        if isinstance(self.flows_running, Unset):
            flows_running = UNSET
        else:
            flows_running = self.flows_running

        upload_bytes: int | None | Unset
        if isinstance(self.upload_bytes, Unset):
            upload_bytes = UNSET
        else:
            upload_bytes = self.upload_bytes

        llm_tokens: int | None | Unset
        if isinstance(self.llm_tokens, Unset):
            llm_tokens = UNSET
        else:
            llm_tokens = self.llm_tokens

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if flows_running is not UNSET:
            field_dict["flows_running"] = flows_running
        if upload_bytes is not UNSET:
            field_dict["upload_bytes"] = upload_bytes
        if llm_tokens is not UNSET:
            field_dict["llm_tokens"] = llm_tokens

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_flows_running(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        flows_running = _parse_flows_running(d.pop("flows_running", UNSET))

        def _parse_upload_bytes(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        upload_bytes = _parse_upload_bytes(d.pop("upload_bytes", UNSET))

        def _parse_llm_tokens(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        llm_tokens = _parse_llm_tokens(d.pop("llm_tokens", UNSET))

        set_quotas = cls(
            flows_running=flows_running,
            upload_bytes=upload_bytes,
            llm_tokens=llm_tokens,
        )

        return set_quotas
