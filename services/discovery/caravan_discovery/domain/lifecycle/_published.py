"""endoflife.date's published formats, checked and brought to the table's own shape. Reads bytes, fetches nothing.

Formats: API v1 `/products/full` and `/products/<name>`, the older `/api/<name>.json` cycle lists, and the project's
own product files (Markdown with YAML front matter). Their descriptions: https://endoflife.date/docs/api/v1/.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import yaml

from caravan_discovery.domain.lifecycle._table import TableIsInvalid

MOST_BYTES, MOST_PRODUCTS, MOST_CYCLES, _LONGEST = 64 << 20, 5000, 2000, 200
_NAME = re.compile(r"[a-z0-9][a-z0-9.+_-]{0,99}")
_TABLE_NAME = "/products/full"


@dataclass(frozen=True)
class Publication:
    """Products in the table's own shape (product, title, category, cycles), and the day they speak for, if it says."""

    products: tuple[dict[str, Any], ...]
    taken: date | None


def read_publication(content: bytes, name: str) -> Publication:
    """What endoflife.date published. `name` is the file's name or the URL: cycle lists don't say their product.

    Raises TableIsInvalid: a sentence with product, release and field.
    """
    if len(content) > MOST_BYTES:
        raise TableIsInvalid(f"{name} has more than {MOST_BYTES >> 20} MiB; that is no lifecycle data.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise TableIsInvalid(f"{name} is not UTF-8 text.") from None
    stem = re.split(r"[/\\]", re.sub(r"[?#].*$", "", name).rstrip("/"))[-1]
    if text.startswith("---"):
        return _checked([_read_front_matter(text, stem.removesuffix(".md"))], None)
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError):
        raise TableIsInvalid(f"{name} is neither JSON nor a product file of endoflife.date.") from None
    return _read_json(raw, stem.removesuffix(".json"), name)


def _read_json(raw: object, stem: str, name: str) -> Publication:
    if isinstance(raw, list):
        if raw and all(isinstance(entry, str) for entry in raw):
            raise TableIsInvalid(f"{name} only lists names of products; take {_TABLE_NAME} of API v1.")
        return _checked([_read_cycle_list(raw, stem)], None)
    if isinstance(raw, dict) and "cycle" not in raw and "result" in raw:
        result, taken = raw["result"], _read_moment(raw.get("generated_at"))
        results = result if isinstance(result, list) else [result]
        if any(isinstance(entry, dict) and "releases" not in entry for entry in results):
            raise TableIsInvalid(
                f"{name} holds no releases (a summary or a single release); take {_TABLE_NAME} or a product of API v1."
            )
        return _checked([_read_product(entry) for entry in results], taken)
    raise TableIsInvalid(f"{name} is none of endoflife.date's formats: no result, no list of cycles.")


def _checked(products: Sequence[dict[str, Any]], taken: date | None) -> Publication:
    if not products:
        raise TableIsInvalid("The publication holds no product.")
    if len(products) > MOST_PRODUCTS:
        raise TableIsInvalid(f"More than {MOST_PRODUCTS} products; that is no lifecycle data.")
    names = [product["product"] for product in products]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise TableIsInvalid(f"Product {twice} stands there twice.")
    return Publication(tuple(sorted(products, key=lambda product: str(product["product"]))), taken)


def _read_product(entry: object) -> dict[str, Any]:
    """API v1: name, label, category, releases with name, label, releaseDate, isEol, eolFrom, isEoes, eoesFrom."""
    if not isinstance(entry, dict):
        raise TableIsInvalid("A product of the publication is no object.")
    releases = entry.get("releases")
    return _product(entry.get("name"), entry.get("label"), entry.get("category"), releases, _read_release)


def _read_release(product: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    name = _text(product, "name", entry.get("name"))
    where = f"{product} {name}"
    ended = entry.get("isEol")
    if ended is not None and not isinstance(ended, bool):
        raise TableIsInvalid(f"Product {where}: isEol is neither true nor false.")
    return {
        "cycle": name,
        "label": _text(where, "label", entry.get("label") or name),
        "released": _read_day(where, "releaseDate", entry.get("releaseDate")),
        "eol": _read_day(where, "eolFrom", entry.get("eolFrom")) or bool(ended),
        "extended": _read_day(where, "eoesFrom", entry.get("eoesFrom")),
    }


def _read_cycle_list(entries: Sequence[object], product: str) -> dict[str, Any]:
    """API v0: cycle, releaseDate, eol and extendedSupport as day or flag. The product is the file's name."""
    return _product(product, product, None, entries, _read_old_cycle)


def _read_old_cycle(product: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    name = _text(product, "cycle", entry.get("cycle"))
    where = f"{product} {name}"
    extended = _flag_or_day(where, "extendedSupport", entry.get("extendedSupport"))
    return {
        "cycle": name,
        "label": _text(where, "releaseLabel", entry.get("releaseLabel") or name).replace(
            "__RELEASE_CYCLE__", name
        ),
        "released": _read_day(where, "releaseDate", entry.get("releaseDate")),
        "eol": _flag_or_day(where, "eol", entry.get("eol", False)),
        "extended": extended if isinstance(extended, str) else None,
    }


def _read_front_matter(text: str, product: str) -> dict[str, Any]:
    """The project's product files: releaseCycle, releaseLabel, releaseDate, eol, eoes."""
    try:
        front = yaml.safe_load(text.removeprefix("---").split("\n---", 1)[0])
    except yaml.YAMLError as error:
        raise TableIsInvalid(f"Product {product}: the front matter is no YAML ({error}).") from None
    if not isinstance(front, dict):
        raise TableIsInvalid(f"Product {product}: there is no front matter.")
    return _product(
        product, front.get("title"), front.get("category"), front.get("releases"), _read_source_release
    )


def _read_source_release(product: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    name = _text(product, "releaseCycle", entry.get("releaseCycle"))
    where = f"{product} {name}"
    label = _text(where, "releaseLabel", entry.get("releaseLabel") or name).replace("__RELEASE_CYCLE__", name)
    extended = _flag_or_day(where, "eoes", entry.get("eoes"))
    return {
        "cycle": name,
        "label": " ".join(re.sub(r"\(?'?__CODENAME__'?\)?", "", label).split()),
        "released": _read_day(where, "releaseDate", entry.get("releaseDate")),
        "eol": _flag_or_day(where, "eol", entry.get("eol", False)),
        "extended": extended if isinstance(extended, str) else None,
    }


def _product(
    name: object,
    title: object,
    category: object,
    entries: object,
    read: Callable[[str, Mapping[str, Any]], dict[str, Any]],
) -> dict[str, Any]:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise TableIsInvalid(
            f"{str(name)[:_LONGEST]!r} is no product name of endoflife.date;"
            " name the file after its product, rhel.json."
        )
    if not isinstance(entries, (list, tuple)) or not entries or len(entries) > MOST_CYCLES:
        raise TableIsInvalid(f"Product {name} has no releases, or more than {MOST_CYCLES}.")
    cycles, seen = [], set()
    for entry in entries:
        if not isinstance(entry, dict):
            raise TableIsInvalid(f"Product {name}: a release is no object.")
        cycle = {key: value for key, value in read(name, entry).items() if value is not None}
        if cycle["cycle"] in seen:
            raise TableIsInvalid(f"Product {name}: release {cycle['cycle']} stands there twice.")
        seen.add(cycle["cycle"])
        cycles.append(cycle)
    return {
        "product": name,
        "title": _text(name, "label", title or name),
        "category": _text(name, "category", category or "unknown"),
        "cycles": cycles,
    }


def _text(where: str, field: str, value: object) -> str:
    """Text or a number as text: YAML reads release 9 as a number."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)) or not str(value).strip():
        raise TableIsInvalid(f"Product {where}: {field} is missing.")
    text = str(value).strip()
    if len(text) > _LONGEST or not text.isprintable():
        raise TableIsInvalid(f"Product {where}: {field} is too long or not printable.")
    return text


def _read_day(where: str, field: str, value: object) -> str | None:
    if value is None:
        return None
    try:
        if isinstance(value, date):
            return value.isoformat()
        return date.fromisoformat(str(value)).isoformat()
    except ValueError:
        raise TableIsInvalid(
            f"Product {where}: {field} {str(value)[:40]!r} is no day (2029-05-31)."
        ) from None


def _flag_or_day(where: str, field: str, value: object) -> str | bool | None:
    return value if isinstance(value, bool) else _read_day(where, field, value)


def _read_moment(value: object) -> date | None:
    try:
        return datetime.fromisoformat(str(value)).date() if value else None
    except ValueError:
        raise TableIsInvalid(f"generated_at {str(value)[:40]!r} is no moment.") from None
