"""A client's own price list as a file: CSV or JSON in, the rows of the reference table `prices` out."""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import polars as pl

from caravan_planning.domain.failures import PriceListIsInvalid
from caravan_planning.domain.target.prices import load_prices
from caravan_planning.domain.target.settings import PROVIDERS, load_regions

# Where a data folder keeps the list that `caravan price refresh` took.
FILE_NAME = "prices.json"
MOST_BYTES = 16 << 20
STORAGE = "storage"
_PLACE = ("provider", "region", "kind", "instance")
_NUMBERS = (
    "vcpu", "memory_gb", "price_hour", "storage_gb_month", "price_gb_month", "included_iops", "price_iops_month",
)  # fmt: skip
_TEXTS = ("service", "storage_class", "price_date", "price_source")
_COLUMNS = (*_PLACE, *_NUMBERS, *_TEXTS, "burstable")


def read_price_file(content: bytes, name: str) -> dict[str, str]:
    """Key → JSON, as `PUT /reference-tables/prices` takes it, checked. Raises PriceListIsInvalid.

    JSON is an object of keys and facts, or {"rows": …} as the platform answers it. CSV has a header of the names in
    docs/targets.md; a row of `kind` storage is a region's storage.
    """
    text = _text(content, name)
    facts = dict(_of_json(text, name) if text.lstrip().startswith("{") else _of_csv(text, name))
    if not facts:
        raise PriceListIsInvalid(f"{name} holds no prices.")
    for key, each in facts.items():
        _check(key, each, name)
    rows = {key: json.dumps(each, sort_keys=True) for key, each in sorted(facts.items())}
    load_prices(frame_of_rows(rows))
    return rows


def frame_of_rows(rows: Mapping[str, str]) -> pl.DataFrame:
    """(key, value), as `load_prices` takes it."""
    return pl.DataFrame(
        {"key": list(rows), "value": list(rows.values())}, schema={"key": pl.String, "value": pl.String}
    )


def _text(content: bytes, name: str) -> str:
    if len(content) > MOST_BYTES:
        raise PriceListIsInvalid(f"{name} has more than {MOST_BYTES >> 20} MiB.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise PriceListIsInvalid(f"{name} is no text in UTF-8; save it as CSV (UTF-8) or JSON.") from None


def _of_json(text: str, name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    try:
        read = json.loads(text)
        listed = read["rows"] if isinstance(read.get("rows"), dict) else read
        for key, value in listed.items():
            facts = json.loads(value) if isinstance(value, str) else value
            if not isinstance(facts, dict):
                raise PriceListIsInvalid(f'{name}: {key!r} holds no facts, as {{"price_hour": 0.1, …}}.')
            yield key, facts
    except (ValueError, RecursionError) as error:
        if isinstance(error, PriceListIsInvalid):
            raise
        raise PriceListIsInvalid(f"{name} is no JSON ({error}).") from None


def _of_csv(text: str, name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    header = reader.fieldnames or ()
    if unknown := [each for each in header if each not in _COLUMNS]:
        raise PriceListIsInvalid(
            f"{name} has no price list's header: {unknown[0]!r} is none of {', '.join(_COLUMNS)}."
        )
    if missing := [each for each in ("provider", "region", "kind", "price_date") if each not in header]:
        raise PriceListIsInvalid(f"{name} lacks the column {missing[0]!r}.")
    seen: set[str] = set()
    try:
        for row in reader:
            key, facts = _row(row, f"{name}, line {reader.line_num}")
            if key in seen:
                raise PriceListIsInvalid(f"{name}, line {reader.line_num}: {key} stands there twice.")
            seen.add(key)
            yield key, facts
    except csv.Error as error:
        raise PriceListIsInvalid(f"{name}, line {reader.line_num}: {error}.") from None


def _row(row: Mapping[str | None, Any], place: str) -> tuple[str, dict[str, Any]]:
    if None in row or None in row.values():
        raise PriceListIsInvalid(f"{place}: it has not as many cells as the header.")
    said = {str(name): str(value).strip() for name, value in row.items()}
    parts = [said["provider"], said["region"], said["kind"]]
    if said["kind"] != STORAGE:
        parts.append(said.get("instance", ""))
    facts: dict[str, Any] = {name: said[name] for name in _TEXTS if said.get(name)}
    for name in _NUMBERS:
        if said.get(name):
            try:
                facts[name] = float(said[name])
            except ValueError:
                raise PriceListIsInvalid(f"{place}: {name} is no number: {said[name]!r}.") from None
    if said.get("burstable"):
        facts["burstable"] = said["burstable"].lower() in ("true", "yes", "1")
    if said["kind"] != STORAGE:
        facts.setdefault("price_hour", None)
    return "/".join(parts), facts


def _check(key: str, facts: Mapping[str, Any], name: str) -> None:
    """What would be taken and never used, or used without a day, is refused."""
    parts = key.split("/")
    if len(parts) != (3 if parts[-1] == STORAGE else 4) or not all(parts):
        raise PriceListIsInvalid(
            f"{name}: the key {key!r} is none; write provider/region/kind/instance or provider/region/storage."
        )
    known = (
        {each[parts[0]] for each in load_regions()["regions"].values()} if parts[0] in PROVIDERS else set()
    )
    if parts[1] not in known:
        where = (
            f"is no region of {parts[0]} that targets are found in"
            if known
            else "has no provider that we know"
        )
        choice = ", ".join(sorted(known) or PROVIDERS)
        raise PriceListIsInvalid(f"{name}: {key} {where}; there are {choice}.")
    try:
        date.fromisoformat(str(facts.get("price_date")))
    except ValueError:
        raise PriceListIsInvalid(f"{name}: {key} needs a price_date, as 2026-11-21.") from None
