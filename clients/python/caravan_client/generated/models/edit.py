from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.lock import Lock
    from ..models.merge import Merge
    from ..models.move import Move
    from ..models.redate import Redate
    from ..models.split import Split


T = TypeVar("T", bound="Edit")


@_attrs_define
class Edit:
    """Exactly one of them.

    Attributes:
        move (Move | None | Unset):
        lock (Lock | None | Unset):
        split (None | Split | Unset):
        date (None | Redate | Unset):
        merge (Merge | None | Unset):
    """

    move: Move | None | Unset = UNSET
    lock: Lock | None | Unset = UNSET
    split: None | Split | Unset = UNSET
    date: None | Redate | Unset = UNSET
    merge: Merge | None | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        from ..models.lock import Lock  # noqa: PLC0415
        from ..models.merge import Merge  # noqa: PLC0415
        from ..models.move import Move  # noqa: PLC0415
        from ..models.redate import Redate  # noqa: PLC0415
        from ..models.split import Split  # noqa: PLC0415

        move: dict[str, Any] | None | Unset
        if isinstance(self.move, Unset):
            move = UNSET
        elif isinstance(self.move, Move):
            move = self.move.to_dict()
        else:
            move = self.move

        lock: dict[str, Any] | None | Unset
        if isinstance(self.lock, Unset):
            lock = UNSET
        elif isinstance(self.lock, Lock):
            lock = self.lock.to_dict()
        else:
            lock = self.lock

        split: dict[str, Any] | None | Unset
        if isinstance(self.split, Unset):
            split = UNSET
        elif isinstance(self.split, Split):
            split = self.split.to_dict()
        else:
            split = self.split

        date: dict[str, Any] | None | Unset
        if isinstance(self.date, Unset):
            date = UNSET
        elif isinstance(self.date, Redate):
            date = self.date.to_dict()
        else:
            date = self.date

        merge: dict[str, Any] | None | Unset
        if isinstance(self.merge, Unset):
            merge = UNSET
        elif isinstance(self.merge, Merge):
            merge = self.merge.to_dict()
        else:
            merge = self.merge

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if move is not UNSET:
            field_dict["move"] = move
        if lock is not UNSET:
            field_dict["lock"] = lock
        if split is not UNSET:
            field_dict["split"] = split
        if date is not UNSET:
            field_dict["date"] = date
        if merge is not UNSET:
            field_dict["merge"] = merge

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.lock import Lock  # noqa: PLC0415
        from ..models.merge import Merge  # noqa: PLC0415
        from ..models.move import Move  # noqa: PLC0415
        from ..models.redate import Redate  # noqa: PLC0415
        from ..models.split import Split  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_move(data: object) -> Move | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                move_type_0 = Move.from_dict(data)

                return move_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Move | None | Unset, data)

        move = _parse_move(d.pop("move", UNSET))

        def _parse_lock(data: object) -> Lock | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                lock_type_0 = Lock.from_dict(data)

                return lock_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Lock | None | Unset, data)

        lock = _parse_lock(d.pop("lock", UNSET))

        def _parse_split(data: object) -> None | Split | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                split_type_0 = Split.from_dict(data)

                return split_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Split | Unset, data)

        split = _parse_split(d.pop("split", UNSET))

        def _parse_date(data: object) -> None | Redate | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                date_type_0 = Redate.from_dict(data)

                return date_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Redate | Unset, data)

        date = _parse_date(d.pop("date", UNSET))

        def _parse_merge(data: object) -> Merge | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                merge_type_0 = Merge.from_dict(data)

                return merge_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Merge | None | Unset, data)

        merge = _parse_merge(d.pop("merge", UNSET))

        edit = cls(
            move=move,
            lock=lock,
            split=split,
            date=date,
            merge=merge,
        )

        return edit
