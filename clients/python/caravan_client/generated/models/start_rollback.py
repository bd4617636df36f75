from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

from ..models.start_rollback_kind import StartRollbackKind
from ..types import UNSET, Unset

T = TypeVar("T", bound="StartRollback")


@_attrs_define
class StartRollback:
    """
    Attributes:
        kind (StartRollbackKind):
        digest (str):
        reason (str):
        phase (None | str | Unset):
        keys (list[str] | None | Unset): selective: whose rows go back
        before (None | Unset | UUID): selective: the attempt whose rows they get; that of the version before when absent
        accept_irreversible (list[str] | Unset):
    """

    kind: StartRollbackKind
    digest: str
    reason: str
    phase: None | str | Unset = UNSET
    keys: list[str] | None | Unset = UNSET
    before: None | Unset | UUID = UNSET
    accept_irreversible: list[str] | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        kind = self.kind.value

        digest = self.digest

        reason = self.reason

        phase: None | str | Unset
        if isinstance(self.phase, Unset):
            phase = UNSET
        else:
            phase = self.phase

        keys: list[str] | None | Unset
        if isinstance(self.keys, Unset):
            keys = UNSET
        elif isinstance(self.keys, list):
            keys = self.keys

        else:
            keys = self.keys

        before: None | str | Unset
        if isinstance(self.before, Unset):
            before = UNSET
        elif isinstance(self.before, UUID):
            before = str(self.before)
        else:
            before = self.before

        accept_irreversible: list[str] | Unset = UNSET
        if not isinstance(self.accept_irreversible, Unset):
            accept_irreversible = self.accept_irreversible

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "kind": kind,
                "digest": digest,
                "reason": reason,
            }
        )
        if phase is not UNSET:
            field_dict["phase"] = phase
        if keys is not UNSET:
            field_dict["keys"] = keys
        if before is not UNSET:
            field_dict["before"] = before
        if accept_irreversible is not UNSET:
            field_dict["accept_irreversible"] = accept_irreversible

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        kind = StartRollbackKind(d.pop("kind"))

        digest = d.pop("digest")

        reason = d.pop("reason")

        def _parse_phase(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        phase = _parse_phase(d.pop("phase", UNSET))

        def _parse_keys(data: object) -> list[str] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                keys_type_0 = cast(list[str], data)

                return keys_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[str] | None | Unset, data)

        keys = _parse_keys(d.pop("keys", UNSET))

        def _parse_before(data: object) -> None | Unset | UUID:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                before_type_0 = UUID(data)

                return before_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Unset | UUID, data)

        before = _parse_before(d.pop("before", UNSET))

        accept_irreversible = cast(list[str], d.pop("accept_irreversible", UNSET))

        start_rollback = cls(
            kind=kind,
            digest=digest,
            reason=reason,
            phase=phase,
            keys=keys,
            before=before,
            accept_irreversible=accept_irreversible,
        )

        return start_rollback
