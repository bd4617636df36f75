"""The lifecycle table: what endoflife.date and vendors published, each fact with its source and day. Never by hand."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

_DATA = Path(__file__).parent / "data"
SHIPPED, VENDOR_FACTS = _DATA / "lifecycle.json", _DATA / "vendor_facts.yaml"
# What the phase calls the reference table, and where a refreshed one lies in a data folder.
TABLE_NAME, FILE_NAME = "lifecycle", "lifecycle.json"
# The key of what is said of the whole table; all others are products.
_HEAD = "(table)"
ENDOFLIFE = "endoflife.date"


class TableIsInvalid(ValueError):
    """A table or a publication that can't be used; one sentence that says where and why."""


@dataclass(frozen=True)
class Cycle:
    """`eol` is a day, True (ended, day unknown) or False (no end announced); `extended` is paid support beyond it.

    `source` and `as_of` say who stated it and for which day; `weak`: only somebody else than the vendor says so.
    """

    cycle: str
    label: str
    eol: date | bool
    extended: date | None
    released: date | None = None
    source: str = ENDOFLIFE
    as_of: date | None = None
    weak: bool = False


@dataclass(frozen=True)
class LifecycleTable:
    """Cycles by product name, newest first as published. `digest` is that of all facts, whatever file held them."""

    source: str
    licence: str
    taken: date
    titles: dict[str, str]
    cycles: dict[str, tuple[Cycle, ...]]
    digest: str = ""


def load_table(path: Path = SHIPPED) -> LifecycleTable:
    """The table at `path`, with the vendors' facts, which stand only for products that the table lacks.

    Raises TableIsInvalid.
    """
    try:
        return _read_table(path.read_bytes(), path.name)
    except OSError as error:
        raise TableIsInvalid(f"The lifecycle table {path} can't be read ({error.strerror}).") from None


def table_rows(raw: Mapping[str, Any]) -> dict[str, str]:
    """A table file's content as a reference table: a row per product, and one for what is said of all."""
    head = {name: value for name, value in raw.items() if name != "products"}
    products = {product["product"]: json.dumps(product, sort_keys=True) for product in raw["products"]}
    return {_HEAD: json.dumps(head, sort_keys=True), **products}


def table_of_rows(rows: Mapping[str, str]) -> LifecycleTable:
    """The table that is in force for a client, with the vendors' facts. Raises TableIsInvalid."""
    try:
        head = json.loads(rows[_HEAD])
        products = [json.loads(value) for key, value in sorted(rows.items()) if key != _HEAD]
        content = json.dumps({**head, "products": products}).encode()
    except (KeyError, TypeError, ValueError, RecursionError):
        raise TableIsInvalid(
            "The lifecycle table in force is none; put one in force with caravan lifecycle refresh FILE_OR_URL."
        ) from None
    return _read_table(content, "in force")


@lru_cache(maxsize=2)
def _read_table(content: bytes, name: str) -> LifecycleTable:
    raw = _parse(content, name)
    taken = _read_taken(raw, name)
    titles, cycles = {}, {}
    for product in raw["products"]:
        own_day = _read_taken(product, name) if "taken" in product else taken
        titles[product["product"]] = str(product["title"])
        cycles[product["product"]] = tuple(
            read_cycle(entry, ENDOFLIFE, own_day) for entry in product["cycles"]
        )
    for product in yaml.safe_load(VENDOR_FACTS.read_text(encoding="utf-8"))["products"]:
        if product["product"] not in cycles:
            titles[product["product"]] = product["title"]
            cycles[product["product"]] = tuple(
                read_cycle(entry, facts["source"], facts["as_of"], weak=facts.get("weak", False))
                for facts in product["facts"]
                for entry in facts["cycles"]
            )
    return LifecycleTable(
        str(raw.get("source", ENDOFLIFE)), str(raw.get("licence", "")), taken, titles, cycles, _digest(cycles)
    )


def read_raw(path: Path) -> dict[str, Any]:
    """A table file as it lies, its shape checked. Raises TableIsInvalid."""
    try:
        return _parse(path.read_bytes(), path.name)
    except OSError as error:
        raise TableIsInvalid(f"The lifecycle table {path} can't be read ({error.strerror}).") from None


def _parse(content: bytes, name: str) -> dict[str, Any]:
    try:
        raw: object = json.loads(content)
    except (ValueError, RecursionError):
        raise TableIsInvalid(f"The lifecycle table {name} is no JSON.") from None
    products = raw.get("products") if isinstance(raw, dict) else None
    if not isinstance(raw, dict) or not isinstance(products, list) or not products:
        raise TableIsInvalid(
            f"{name} is no lifecycle table; make one with caravan lifecycle refresh FILE_OR_URL."
        )
    for product in products:
        if not isinstance(product, dict) or not {"product", "title", "cycles"} <= product.keys():
            raise TableIsInvalid(f"{name}: a product lacks its name, title or cycles.")
    return raw


def read_cycle(entry: Mapping[str, Any], source: str, as_of: date, *, weak: bool = False) -> Cycle:
    """Raises TableIsInvalid when a day is none."""
    name = str(entry["cycle"]).lower()
    try:
        eol = entry.get("eol", False)
        return Cycle(
            cycle=name,
            label=str(entry.get("label", name)).lower(),
            eol=eol if isinstance(eol, bool) else _day(eol) or False,
            extended=_day(entry.get("extended")),
            released=_day(entry.get("released")),
            source=source,
            as_of=as_of,
            weak=weak,
        )
    except ValueError as error:
        raise TableIsInvalid(
            f"Release {name} of the lifecycle table has a day that is none: {error}."
        ) from None


def _read_taken(facts: Mapping[str, Any], name: str) -> date:
    try:
        day = _day(facts.get("taken"))
    except ValueError:
        day = None
    if day is None:
        raise TableIsInvalid(f"The lifecycle table {name} does not say its day (taken).")
    return day


def _day(value: object) -> date | None:
    if isinstance(value, date):
        return value
    return date.fromisoformat(value) if isinstance(value, str) else None


def _digest(cycles: Mapping[str, Iterable[Cycle]]) -> str:
    facts = {name: [asdict(cycle) for cycle in each] for name, each in cycles.items()}
    return hashlib.sha256(json.dumps(facts, sort_keys=True, default=str).encode()).hexdigest()
