"""What of the delivered data is shown to whom: secrets to nobody, what tells of persons to those who run flows.

Every answer that holds cells, attributes or decisions about them passes here. Shapes stay: masked text is `***`.
"""

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from caravan_common.contracts.attributes import PERSONAL
from caravan_common.masking import MASK, mask_personal, mask_secrets, names_personal, names_secret

# Keys of our own answers that only sound like persons: who did something is what the audit is for.
_OURS = frozenset({"created_by", "updated_by", "requested_by", "decided_by"})
# JSON as text, by header: what maps to no attribute, and the cells of rejected rows.
BY_HEADER = frozenset({"custom_attributes", "custom", "cells"})
# What stands beside `attribute` in a row about that attribute.
VALUES = frozenset({"old", "new", "value", "winner", "losers", "samples", "details"})
# Column of a raw row → header and what it was taken to mean; None where nobody knows.
Column = tuple[str, str | None]


@lru_cache(maxsize=4096)
def is_personal(name: str) -> bool:
    """Of an attribute or a header."""
    return name in PERSONAL or (name not in _OURS and names_personal(name))


def veiled(value: Any) -> Any:
    """The same shape with everything about persons masked: by the name it stands under, and e-mail addresses."""
    match value:
        case str():
            return mask_personal(value)
        case Mapping():
            hidden = VALUES if _is_about_persons(value) else ()
            return {
                name: blanked(inner) if name in hidden else _under(name, inner)
                for name, inner in value.items()
            }
        case list() | tuple():
            return [veiled(each) for each in value]
        case _:
            return value


def _is_about_persons(row: Mapping[str, Any]) -> bool:
    """By its `attribute`, or by that of the conflict (asset#attribute) that a decision or its audit is about."""
    about, subject = row.get("attribute"), row.get("subject")
    if isinstance(about, str) and is_personal(about):
        return True
    return isinstance(subject, str) and subject.rpartition("#")[2] in PERSONAL


def _under(name: str, value: Any) -> Any:
    if is_personal(name):
        return blanked(value)
    if name in BY_HEADER and isinstance(value, str):
        return _veiled_json(value)
    return veiled(value)


def _veiled_json(text: str) -> str:
    try:
        return json.dumps(veiled(json.loads(text)), ensure_ascii=False)
    except ValueError:
        return mask_personal(text)


def blanked(value: Any) -> Any:
    """Text of any depth replaced; that something is unknown still shows."""
    match value:
        case str():
            return MASK if value else value
        case Mapping():
            return {name: blanked(inner) for name, inner in value.items()}
        case list() | tuple():
            return [blanked(each) for each in value]
        case _:
            return value


def persons_in(value: Any) -> set[str]:
    """The names under which the value tells of persons: what `veiled` would mask of it."""
    found: set[str] = set()
    _gather_persons(value, "", found)
    return found


_TELLING = (str, dict, list, tuple)


def _gather_persons(value: Any, name: str, found: set[str]) -> None:
    """Over every cell of every page: most are numbers, unknown, or text that is quickly seen to be harmless."""
    if isinstance(value, str):
        if value and name and is_personal(name):
            found.add(name)
        elif "@" in value or name in BY_HEADER:
            found |= _persons_in_text(value, name)
    elif isinstance(value, dict):
        if _is_about_persons(value):
            found.add(_about(value))
        for key, inner in value.items():
            # What is told already need not be told again.
            if isinstance(inner, _TELLING) and not (key in found and type(inner) is str):
                _gather_persons(inner, key, found)
    elif isinstance(value, list | tuple):
        for each in value:
            if isinstance(each, _TELLING):
                _gather_persons(each, name, found)


def _about(row: Mapping[str, Any]) -> str:
    attribute = row.get("attribute")
    return attribute if isinstance(attribute, str) else str(row["subject"]).rpartition("#")[2]


def _persons_in_text(text: str, name: str) -> set[str]:
    if name in BY_HEADER and text.startswith("{"):
        try:
            return persons_in(json.loads(text))
        except ValueError:
            pass
    return {name} if "@" in text and mask_personal(text) != text else set()


def veiled_counts(values: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Values with their counts, the most frequent first: those that look alike once masked are one."""
    counts: dict[Any, int] = {}
    for each in values:
        value = veiled(each["value"])
        counts[value] = counts.get(value, 0) + each["count"]
    ordered = sorted(counts.items(), key=lambda each: (-each[1], str(each[0])))
    return [{"value": value, "count": count} for value, count in ordered]


def veiled_cells(
    cells: Sequence[str | None], columns: Sequence[Column] | None, *, personal: bool
) -> list[str | None]:
    """A raw row without secrets, and unless `personal` without what tells of persons.

    Cells of a column that nobody knows are shown only to those who may see all.
    """
    known = columns or ()
    return [
        _veiled_cell(cell, known[position] if position < len(known) else None, personal=personal)
        for position, cell in enumerate(cells)
    ]


def _veiled_cell(cell: str | None, column: Column | None, *, personal: bool) -> str | None:
    if not cell:
        return cell
    if column is not None and names_secret(column[0]):
        return MASK
    if not personal and (column is None or tells_of_persons(column)):
        return MASK
    shown = mask_secrets(cell)
    return shown if personal else mask_personal(shown)


def tells_of_persons(column: Column) -> bool:
    header, attribute = column
    return is_personal(header) or attribute in PERSONAL


def veiled_mapping(row: Mapping[str, Any]) -> dict[str, Any]:
    """A column with its samples."""
    shown: dict[str, Any] = veiled(row)
    if tells_of_persons((row["column"], row["attribute"])):
        shown["samples"] = blanked(row.get("samples"))
    return shown


def veiled_conflict(row: Mapping[str, Any]) -> dict[str, Any]:
    """What sources disagree about."""
    shown: dict[str, Any] = veiled(row)
    if is_personal(row["attribute"]) and shown["decision"] is not None:
        shown["decision"]["value"] = blanked(row["decision"]["value"])
    return shown


def veiled_origin(origin: Mapping[str, Any]) -> dict[str, Any]:
    """An attribute of an asset with its cells, conflict and decisions."""
    shown: dict[str, Any] = veiled(origin)
    personal = is_personal(origin["attribute"])
    for cell, told in zip(shown["cells"], origin["cells"], strict=True):
        if personal or is_personal(told["column"]):
            cell |= {name: blanked(told[name]) for name in ("old", "value")}
            cell["changes"] = [
                {**change, "old": blanked(change["old"]), "new": blanked(change["new"])}
                for change in cell["changes"]
            ]
    if not personal:
        return shown
    if shown["conflict"] is not None:
        shown["conflict"] |= {name: blanked(origin["conflict"][name]) for name in ("winner", "losers")}
    for decision in shown["decisions"]:
        decision |= {name: blanked(decision[name]) for name in ("value", "old")}
    return shown
