"""A newer lifecycle table out of the present one and a publication, and what that changes. Pure, but for writing."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from caravan_discovery.domain.lifecycle._published import Publication
from caravan_discovery.domain.lifecycle._table import ENDOFLIFE

LICENCE = "MIT"


@dataclass(frozen=True)
class TableChange:
    """`what` is added, removed or changed; `cycle` is None where a whole product came."""

    product: str
    cycle: str | None
    what: str
    old: str | None = None
    new: str | None = None


def renew(
    raw: Mapping[str, Any], publication: Publication, taken: date
) -> tuple[dict[str, Any], list[TableChange]]:
    """The table file's new content and its changes by product and release.

    A published product replaces the one of its name, whole; products the publication lacks stay, with their day.
    """
    before = {product["product"]: product for product in raw["products"]}
    dated = {
        name: product if "taken" in product else {**product, "taken": raw["taken"]}
        for name, product in before.items()
    }
    fresh = {product["product"]: product for product in publication.products}
    changes = [
        change for name, product in sorted(fresh.items()) for change in _compare(before.get(name), product)
    ]
    merged = [product for _, product in sorted((dated | fresh).items())]
    head = {"source": ENDOFLIFE, "licence": LICENCE, "taken": taken.isoformat()}
    return {**head, "products": merged}, changes


def _compare(old: Mapping[str, Any] | None, new: Mapping[str, Any]) -> list[TableChange]:
    name = str(new["product"])
    if old is None:
        return [TableChange(name, None, "added", new=f"{len(new['cycles'])} releases")]
    was, now = ({str(each["cycle"]): each for each in side["cycles"]} for side in (old, new))
    found = [TableChange(name, cycle, "removed", old=_say(was[cycle])) for cycle in was if cycle not in now]
    for cycle, facts in now.items():
        if cycle not in was:
            found.append(TableChange(name, cycle, "added", new=_say(facts)))
        elif _say(was[cycle]) != _say(facts):
            found.append(TableChange(name, cycle, "changed", _say(was[cycle]), _say(facts)))
    return found


def _say(facts: Mapping[str, Any]) -> str:
    eol = facts.get("eol", False)
    end = {True: "ended", False: "no end announced"}[eol] if isinstance(eol, bool) else f"ends {eol}"
    return end + (f", paid support until {facts['extended']}" if facts.get("extended") else "")


def table_text(raw: Mapping[str, Any]) -> str:
    """A table file's text: one product a line, so that two versions can be compared; equal facts, equal bytes."""
    head = {key: value for key, value in raw.items() if key != "products"}
    products: Sequence[Mapping[str, Any]] = raw["products"]
    lines = ",\n".join("  " + json.dumps(product, ensure_ascii=False) for product in products)
    return json.dumps(head)[:-1] + ', "products": [\n' + lines + "\n]}\n"


def write_table(raw: Mapping[str, Any], path: Path) -> None:
    """Replaces the file in one step: a reader finds the old table or the new one, never half of one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    part.write_text(table_text(raw), encoding="utf-8")
    part.replace(path)
