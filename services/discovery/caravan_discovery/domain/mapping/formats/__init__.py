"""Known export formats as data: how a table is recognised, and what its columns mean.

Each YAML file is one format: `kinds` of tables with the headers that give them away (`signature`), the
columns that name a row (`names`), the source's own key (`key`), and `columns`: specification → headers.
A specification reads `<attribute or relation:word or -> [unit] [combine]`; `<n>` in a header is a number.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

import yaml

from caravan_discovery.domain.units import default_unit, factor_to_canonical

_COMBINE_WORDS = ("list", "sum", "used_of_total", "by_category", "prefer", "multiply", "percent_of")


@dataclass(frozen=True)
class ColumnMeaning:
    """`attribute` null: known to this format, but of no canonical attribute."""

    attribute: str | None
    unit: str
    factor: float | None
    combine: str | None


@dataclass(frozen=True)
class Kind:
    """One table of a format. Header keys are normalised by `header_key`; `spellings` are as the tool writes them."""

    format: str
    name: str
    title: str
    signature: frozenset[str]
    at_least: int
    names: tuple[str, ...]
    key: tuple[str, ...]
    open_to_detection: bool
    record_type: str | None = None
    record_types: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, ColumnMeaning] = field(default_factory=dict)
    spellings: frozenset[str] = frozenset()

    def meaning(self, header: str) -> ColumnMeaning | None:
        """What the format says about a header; null when it says nothing."""
        key = header_key(header)
        found = self.columns.get(key)
        if found is None and any(character.isdigit() for character in key):
            found = self.columns.get(re.sub(r"\d+", "<n>", key))
        if found is not None and found.combine == "by_category":
            return self._beside_its_category(found, key)
        return found

    def _beside_its_category(self, found: ColumnMeaning, key: str) -> ColumnMeaning:
        number = "".join(character for character in key if character.isdigit())
        return ColumnMeaning(found.attribute, found.unit, found.factor, f"by_category:tag category {number}")


@cache
def header_key(header: str) -> str:
    """How headers are compared: no case, no asterisk, single blanks, MB and KB written MiB and KiB."""
    text = " ".join(header.replace("\xa0", " ").strip().lstrip("*").split()).casefold()
    return re.sub(r"\b([kmg])b\b", r"\1ib", text)


@cache
def all_kinds() -> tuple[Kind, ...]:
    """Every kind of every format, in file order."""
    folder = resources.files(__name__)
    names = sorted(item.name for item in folder.iterdir() if item.name.endswith(".yaml"))
    return tuple(
        kind for name in names for kind in _kinds_of(yaml.safe_load((folder / name).read_text("utf-8")))
    )


@cache
def kind_of(format_name: str, kind_name: str) -> Kind | None:
    """The kind by its two names; null for generic tables."""
    for kind in all_kinds():
        if (kind.format, kind.name) == (format_name, kind_name) or (
            kind.format == format_name and kind_name in kind.record_types.values()
        ):
            return kind
    return None


def recognise(headers: Sequence[str], sheet: str = "") -> Kind | None:
    """The kind whose signature is complete and which knows most of the headers; the sheet's name breaks ties."""
    present = {header_key(header) for header in headers if header}
    best: tuple[int, bool, int] | None = None
    winner: Kind | None = None
    for kind in all_kinds():
        if not kind.signature <= present:
            continue
        known = sum(1 for header in headers if header and kind.meaning(header) is not None)
        if known < kind.at_least:
            continue
        rank = (known, kind.name.casefold() == sheet.strip().casefold(), len(kind.signature))
        if best is None or rank > best:
            best, winner = rank, kind
    return winner


def _kinds_of(document: Mapping[str, Any]) -> Iterable[Kind]:
    shared = document.get("shared", {})
    for name, entry in document["kinds"].items():
        groups = [shared[entry["include"]]] if "include" in entry else []
        groups.append(entry.get("columns") or {})
        yield Kind(
            format=entry.get("format", document["format"]),
            name=name,
            title=document["title"],
            signature=frozenset(header_key(header) for header in entry["signature"]),
            at_least=int(entry.get("at_least", 0)),
            names=tuple(header_key(header) for header in entry.get("names", ())),
            key=tuple(header_key(header) for header in entry.get("key", ())),
            open_to_detection=document["others"] == "detect",
            record_type=header_key(entry["record_type"]) if "record_type" in entry else None,
            record_types=entry.get("record_types", {}),
            columns={
                header_key(header): meaning
                for group in groups
                for specification, headers in group.items()
                for meaning in (parse_specification(specification),)
                for header in headers
            },
            spellings=frozenset(
                header for group in groups for headers in group.values() for header in headers
            ),
        )


def parse_specification(specification: str) -> ColumnMeaning:
    """`memory_gb MiB prefer:1` → attribute, unit, factor to the canonical unit, rule of combination."""
    first, *rest = specification.split()
    attribute = None if first == "-" else first
    combine = next((word for word in rest if word.split(":")[0] in _COMBINE_WORDS), None)
    unit = next((word for word in rest if word != combine), None)
    if unit is None:
        unit = default_unit(attribute) if attribute else "text"
    return ColumnMeaning(attribute, unit, factor_to_canonical(first, unit), combine)
