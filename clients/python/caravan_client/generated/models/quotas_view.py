from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

T = TypeVar("T", bound="QuotasView")


@_attrs_define
class QuotasView:
    """
    Attributes:
        flows_running (int | None):
        upload_bytes (int | None):
        llm_tokens (int | None):
    """

    flows_running: int | None
    upload_bytes: int | None
    llm_tokens: int | None

    def to_dict(self) -> dict[str, Any]:
        flows_running: int | None
        flows_running = self.flows_running

        upload_bytes: int | None
        upload_bytes = self.upload_bytes

        llm_tokens: int | None
        llm_tokens = self.llm_tokens

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "flows_running": flows_running,
                "upload_bytes": upload_bytes,
                "llm_tokens": llm_tokens,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_flows_running(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        flows_running = _parse_flows_running(d.pop("flows_running"))

        def _parse_upload_bytes(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        upload_bytes = _parse_upload_bytes(d.pop("upload_bytes"))

        def _parse_llm_tokens(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        llm_tokens = _parse_llm_tokens(d.pop("llm_tokens"))

        quotas_view = cls(
            flows_running=flows_running,
            upload_bytes=upload_bytes,
            llm_tokens=llm_tokens,
        )

        return quotas_view
