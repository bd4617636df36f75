"""A person's edits of a plan as the API takes them: move, lock, split, date, merge. Reads them, does not apply them."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any


class EditIsNotPossible(ValueError):
    """The edit names what does not exist, or can't be carried out; the text says which and what to do."""


@dataclass(frozen=True, slots=True)
class MoveEdit:
    """Put an application into a wave."""

    application: str
    wave: int


@dataclass(frozen=True, slots=True)
class LockEdit:
    """Keep an application in a wave (default: where it is now) at every later solve; `locked=False` frees it."""

    application: str
    wave: int | None = None
    locked: bool = True


@dataclass(frozen=True, slots=True)
class SplitEdit:
    """Cut a wave in two: the applications named go into a new wave after it; days and capacity are shared out.

    `starts` is the first day of the new wave; default: the middle. Later waves get the next number.
    """

    wave: int
    applications: tuple[str, ...]
    starts: date | None = None


@dataclass(frozen=True, slots=True)
class DateEdit:
    """New dates of a wave, or a "not before" of an application."""

    wave: int | None = None
    application: str | None = None
    starts: date | None = None
    ends: date | None = None
    not_before: date | None = None


@dataclass(frozen=True, slots=True)
class MergeEdit:
    """Make one wave of two neighbours: dates span both, capacities add up. Later waves get the number before."""

    first: int
    second: int


Edit = MoveEdit | LockEdit | SplitEdit | DateEdit | MergeEdit


def parse_edit(body: Mapping[str, Any]) -> Edit:
    """One edit as the API takes it: {"move": {"application", "wave"}} and so on. Raises EditIsNotPossible."""
    if len(body) != 1 or not isinstance(next(iter(body.values())), Mapping):
        raise EditIsNotPossible("an edit is an object with one of: move, lock, split, date, merge")
    kind, given = next(iter(body.items()))
    try:
        return _PARSE[kind](dict(given))
    except KeyError as missing:
        raise EditIsNotPossible(f"edit {kind!r}: unknown kind, or {missing} is missing") from missing
    except (TypeError, ValueError) as wrong:
        raise EditIsNotPossible(f"edit {kind!r}: {wrong}") from wrong


def write_edit(edit: Edit) -> dict[str, Any]:
    """As the API takes it; `parse_edit` reads it back."""
    kind = _KINDS[type(edit)]
    if isinstance(edit, MergeEdit):
        return {kind: {"waves": [edit.first, edit.second]}}
    given = {name: _plain(value) for name, value in asdict(edit).items() if value is not None}
    return {kind: given}


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def _read_wave(given: Any) -> int:
    """A wave's number, also written as its natural key, "wave-003"."""
    if isinstance(given, bool) or not isinstance(given, int | str):
        raise TypeError(f"{given!r} is no number of a wave")
    return int(str(given).removeprefix("wave-"))


def _read_date(given: Any) -> date | None:
    return given if given is None or isinstance(given, date) else date.fromisoformat(given)


def _parse_split(given: dict[str, Any]) -> SplitEdit:
    return SplitEdit(
        _read_wave(given["wave"]), tuple(map(str, given["applications"])), _read_date(given.get("starts"))
    )


def _parse_date(given: dict[str, Any]) -> DateEdit:
    wave, application = given.get("wave"), given.get("application")
    if (wave is None) == (application is None):
        raise ValueError("names either a wave (with starts, ends) or an application (with not_before)")
    dates = {name: _read_date(given.get(name)) for name in ("starts", "ends", "not_before")}
    return DateEdit(None if wave is None else _read_wave(wave), application, **dates)


def _parse_merge(given: dict[str, Any]) -> MergeEdit:
    first, second = sorted(map(_read_wave, given["waves"]))
    return MergeEdit(first, second)


def _parse_lock(given: dict[str, Any]) -> LockEdit:
    wave = given.get("wave")
    return LockEdit(
        str(given["application"]), None if wave is None else _read_wave(wave), bool(given.get("locked", True))
    )


_PARSE: dict[str, Callable[[dict[str, Any]], Edit]] = {
    "move": lambda given: MoveEdit(str(given["application"]), _read_wave(given["wave"])),
    "lock": _parse_lock,
    "split": _parse_split,
    "date": _parse_date,
    "merge": _parse_merge,
}
_KINDS: dict[type, str] = {
    MoveEdit: "move",
    LockEdit: "lock",
    SplitEdit: "split",
    DateEdit: "date",
    MergeEdit: "merge",
}
