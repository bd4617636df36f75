from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.action_view_body_type_0 import ActionViewBodyType0


T = TypeVar("T", bound="ActionView")


@_attrs_define
class ActionView:
    """A request that settles the entry, or helps to.

    Attributes:
        method (str):
        path (str): below /api/v1
        body (ActionViewBodyType0 | None): to begin with, where the route takes one
        role (str):
        allowed (bool): whether this token may; nobody approves what they requested themselves
    """

    method: str
    path: str
    body: ActionViewBodyType0 | None
    role: str
    allowed: bool

    def to_dict(self) -> dict[str, Any]:
        from ..models.action_view_body_type_0 import ActionViewBodyType0  # noqa: PLC0415

        method = self.method

        path = self.path

        body: dict[str, Any] | None
        if isinstance(self.body, ActionViewBodyType0):
            body = self.body.to_dict()
        else:
            body = self.body

        role = self.role

        allowed = self.allowed

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "method": method,
                "path": path,
                "body": body,
                "role": role,
                "allowed": allowed,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.action_view_body_type_0 import ActionViewBodyType0  # noqa: PLC0415

        d = dict(src_dict)
        method = d.pop("method")

        path = d.pop("path")

        def _parse_body(data: object) -> ActionViewBodyType0 | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                body_type_0 = ActionViewBodyType0.from_dict(data)

                return body_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(ActionViewBodyType0 | None, data)

        body = _parse_body(d.pop("body"))

        role = d.pop("role")

        allowed = d.pop("allowed")

        action_view = cls(
            method=method,
            path=path,
            body=body,
            role=role,
            allowed=allowed,
        )

        return action_view
