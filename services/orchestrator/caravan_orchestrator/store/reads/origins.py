"""Where the attributes of an asset come from: cell by cell, with each change and rule on the way, and who won."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from caravan_orchestrator.store.reads.cells import Cells, Place
from caravan_orchestrator.store.reads.lineage import masked, place_of

CUSTOM = "custom_attributes"
_CONFLICT = (
    "natural_key",
    "winner",
    "winner_source",
    "winner_row",
    "losers",
    "loser_rows",
    "reason",
    "decided_by",
)
_MAPPING = ("attribute", "unit", "confidence", "method", "evidence", "decided_by")


def origins(
    values: Mapping[str, Any],
    wanted: Sequence[str],
    references: Sequence[str],
    cells: Cells,
    decisions: Sequence[Mapping[str, Any]],
) -> list[dict[str, Any]]:
    """One entry per attribute wanted. `references`: the rows the asset was made of, as file#sheet#row, in order.
    `decisions`: people's about the asset, its conflicts and its columns, oldest first."""
    places = [place for reference in references if (place := place_of(reference)) is not None]
    return [_origin(name, values.get(name), places, cells, decisions) for name in wanted]


def _origin(
    name: str, value: Any, places: Sequence[Place], cells: Cells, decisions: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    conflict = cells.conflicts.get(name)
    found = [cell for place in places for cell in _cells_at(name, place, cells)]
    _tell_roles(found, conflict)
    said = [d for d in decisions if _concerns(d, name, conflict, found)]
    overridden = any(d["kind"] == "override" and d["withdrawn_by"] is None for d in said)
    origin = "person" if overridden else "cells" if any(c["value"] is not None for c in found) else "computed"
    return {
        "attribute": name,
        "value": value,
        "origin": "unknown" if value is None and origin == "computed" else origin,
        "cells": found,
        "conflict": None if conflict is None else {key: conflict[key] for key in _CONFLICT},
        "decisions": said,
    }


def _cells_at(name: str, place: Place, cells: Cells) -> Iterator[dict[str, Any]]:
    """Filled cells of the row that serve the attribute, the preferred column first."""
    raw = cells.raw.get(place)
    if raw is None:
        return
    sheet = place[:2]
    for target in _targets(name, sheet, cells):
        index = target["column_index"]
        old = raw["cells"][index] if index < len(raw["cells"]) else None
        if not (old or "").strip():
            continue  # whatever the row says of it, another column said it
        value = cells.clean.get(place, {}).get(target["target"])
        if target["how"] == "custom":
            value = masked(target["column"], old)
        mapping = cells.mappings.get(sheet, {}).get(index)
        yield {
            "file": place[0],
            "file_sha256": raw["file_sha256"],
            "sheet": place[1],
            "row_number": place[2],
            "column": target["column"],
            "column_index": index,
            "source": raw["source"],
            "format": raw["format"],
            "old": masked(target["column"], old),
            "mapping": None if mapping is None else {key: mapping.get(key) for key in _MAPPING},
            "how": target["how"],
            "rank": target["rank"],
            "changes": list(_changes(name, target, old, place, cells)),
            "value": value,
        }


def _targets(name: str, sheet: tuple[str, str], cells: Cells) -> list[dict[str, Any]]:
    if name == CUSTOM:
        return [
            {"column_index": index, "column": row["column"], "target": None, "how": "custom", "rank": 1}
            for index, row in sorted(cells.mappings.get(sheet, {}).items())
            if row["attribute"] is None
        ]
    mine = [target for target in cells.targets.get(sheet, ()) if target["attribute"] == name]
    return sorted(mine, key=lambda target: (target["rank"], target["column_index"]))


def _changes(
    name: str, target: Mapping[str, Any], old: str | None, place: Place, cells: Cells
) -> Iterator[dict[str, Any]]:
    """What was done to this cell; of a row whose columns say the same twice, only what began with this one."""
    mapping = cells.mappings.get(place[:2], {}).get(target["column_index"]) or {}
    names = {name, mapping.get("attribute"), target["column"]}
    own = [row for row in cells.changes.get(place, ()) if row["attribute"] in names]
    began_here = [row for row in own if row["old"] is None or row["old"].strip() == (old or "").strip()]
    for row in began_here or own:
        yield {"attribute": row["attribute"], "rule": row["rule"], "old": row["old"], "new": row["new"]}
    for row in cells.uniform.get(place[:2], ()):
        if row["attribute"] in names and (old or "").strip():
            yield {"attribute": row["attribute"], "rule": row["rule"], "old": None, "new": None}


def _tell_roles(found: Sequence[dict[str, Any]], conflict: Mapping[str, Any] | None) -> None:
    """`role` of each cell: winner, part (summed), agrees, loser, not_needed (a better column is filled), no_value."""
    filled = [cell for cell in found if cell["value"] is not None]
    best = min((cell["rank"] for cell in filled), default=0)
    for cell in found:
        if cell["value"] is None:
            cell["role"] = "no_value"
        elif conflict is not None and (told := _told(cell, conflict)) is not None:
            cell["role"] = told
        elif cell["rank"] > best:
            cell["role"] = "not_needed"
        elif cell["how"] == "sum_of_parts":
            cell["role"] = "part"
        else:
            alone = sum(other["rank"] == best for other in filled) == 1
            cell["role"] = "winner" if alone and conflict is None else "agrees"


def _told(cell: Mapping[str, Any], conflict: Mapping[str, Any]) -> str | None:
    """By its row; the cell of a further tab goes with its source."""
    place = f"{cell['file']}#{cell['sheet']}#{cell['row_number']}"
    if place == conflict["winner_row"]:
        return "winner"
    if place in (conflict["loser_rows"] or ()):
        return "loser"
    return None


def _concerns(
    decision: Mapping[str, Any],
    name: str,
    conflict: Mapping[str, Any] | None,
    found: Collection[Mapping[str, Any]],
) -> bool:
    subject, value = decision["subject"], decision["value"]
    if decision["kind"] == "override":
        return isinstance(value, Mapping) and name in value
    if decision["kind"] == "conflict":
        return conflict is not None and subject == conflict["natural_key"]
    keys = {column_key(cell) for cell in found}
    return subject.removeprefix("mapping:") in keys


def column_key(cell: Mapping[str, Any]) -> str:
    return f"{cell['file']}#{cell['sheet']}#{cell['column_index']}|{cell['column']}"
