"""Which rule cleans which attribute. One column in, one typed column out."""

from collections import defaultdict
from collections.abc import Callable
from functools import partial
from typing import Any

import polars as pl

from caravan_discovery.domain.attributes import BY_NAME
from caravan_discovery.domain.cleansing import addresses, terms
from caravan_discovery.domain.cleansing.dates import clean_dates
from caravan_discovery.domain.cleansing.numbers import NumberFormat, clean_number
from caravan_discovery.domain.cleansing.plan import ColumnPlan
from caravan_discovery.domain.cleansing.values import Cleaned, clean_by_value, map_distinct
from caravan_discovery.domain.units import factor_between

Caches = defaultdict[str, dict[str, Any]]
# Attributes that people compose of several numbers in a cell.
COMPOSED = frozenset(("cpu_cores", "memory_gb", "storage_gb", "storage_used_gb", "database_size_gb"))
_LISTS = pl.List(pl.String)
_SHARES = ("percent", "fraction", "fraction_or_percent", None)


def new_caches() -> Caches:
    """Distinct values already normalised, by kind; kept over all batches of a phase."""
    return defaultdict(dict)


def clean_attribute(raw: pl.Series, column: ColumnPlan, caches: Caches) -> Cleaned:
    """The column as its attribute's type. `raw` is trimmed text in which unknown is already null."""
    attribute = BY_NAME[column.attribute or ""]
    by_name: dict[str, Callable[[], Cleaned]] = {
        "ip_addresses": lambda: addresses.clean_ip_addresses(raw, caches["ip"]),
        "mac_addresses": lambda: addresses.clean_mac_addresses(raw, caches["mac"]),
        "bios_uuid": lambda: addresses.clean_uuids(raw),
        "virtualization_type": lambda: _clean_virtualization(raw, column.header, caches),
    }
    by_type: dict[str, Callable[[], Cleaned]] = {
        "Float64": lambda: clean_by_value(raw, partial(clean_number, form=number_format(column))),
        "Int64": lambda: clean_by_value(raw, partial(clean_number, form=number_format(column))),
        "Datetime": lambda: clean_by_value(raw, partial(clean_dates, day_first=column.day_first)),
        "List(String)": lambda: _clean_list(raw, attribute.name, caches),
        "Boolean": lambda: clean_flag(raw, caches),
        "String": lambda: _clean_word(raw, column, caches),
    }
    return by_name.get(attribute.name, by_type[attribute.dtype])()


def _clean_word(raw: pl.Series, column: ColumnPlan, caches: Caches) -> Cleaned:
    attribute = column.attribute or ""
    if attribute not in terms.VOCABULARIES:
        return Cleaned(raw)
    cleaned = _clean_term(raw, attribute, caches)
    return _read_otherwise(raw, cleaned, column) if column.readings else cleaned


def _read_otherwise(raw: pl.Series, cleaned: Cleaned, column: ColumnPlan) -> Cleaned:
    """Words that a crew or a person reads otherwise than the vocabulary."""
    said = pl.DataFrame(column.readings, schema=["raw", "word", "judge"], orient="row")
    frame = pl.DataFrame({"raw": raw, "value": cleaned.values, "rule": cleaned.rule}).join(
        said, on="raw", how="left", maintain_order="left"
    )
    frame = frame.select(
        value=pl.coalesce("word", "value"),
        rule=pl.when(pl.col("word").is_not_null())
        .then(pl.format("reading:{} ({})", pl.lit(column.attribute), "judge"))
        .otherwise("rule"),
    )
    return Cleaned(frame["value"], frame["rule"], cleaned.problem, cleaned.uniform)


def number_format(column: ColumnPlan) -> NumberFormat:
    """How numbers of the column are read; a part of another attribute as that is, which makes it a share later."""
    attribute = BY_NAME[column.attribute or ""]
    word, _, whole = (column.combine or "").partition(":")
    unit = BY_NAME[whole].unit if word == "percent_of" else attribute.unit
    factor = column.factor if column.factor is not None else factor_between(column.unit, unit)
    fraction = column.is_fraction and attribute.unit == "percent" and column.unit in _SHARES
    # The values decide: a "fraction" above 1 is a percentage already.
    if column.unit == "fraction" and attribute.unit == "percent":
        factor = 1.0
    return NumberFormat(
        unit,
        factor,
        column.unit,
        column.decimal_comma,
        fraction,
        whole=attribute.dtype == "Int64",
        composed=attribute.name in COMPOSED,
    )


def clean_flag(raw: pl.Series, caches: Caches) -> Cleaned:
    """Yes and no. Anything else is unknown, with a problem."""
    values = map_distinct(raw, terms.read_flag, pl.Boolean, caches["flag"])
    problem = pl.DataFrame({"odd": raw.is_not_null() & values.is_null()}).select(
        pl.when("odd").then(pl.lit("not_yes_or_no")).alias("problem")
    )["problem"]
    return Cleaned(values, None, problem)


def _clean_term(raw: pl.Series, attribute: str, caches: Caches) -> Cleaned:
    """Words of a vocabulary. A word it does not know stays, with a problem where the vocabulary is closed."""
    known = map_distinct(raw, lambda text: terms.find_term(attribute, text), pl.String, caches[attribute])
    frame = pl.DataFrame({"raw": raw, "known": known}).with_columns(
        unplaced=pl.col("raw").is_not_null() & pl.col("known").is_null()
    )
    frame = frame.select(
        values=pl.coalesce("known", "raw"),
        rule=pl.when(pl.col("known") != pl.col("raw")).then(pl.lit(f"vocabulary:{attribute}")),
        problem=pl.when(pl.col("unplaced") & pl.lit(attribute in terms.CLOSED)).then(pl.lit("unknown_term")),
    )
    return Cleaned(frame["values"], frame["rule"], frame["problem"])


def _clean_virtualization(raw: pl.Series, header: str, caches: Caches) -> Cleaned:
    """Physical or virtual in words; a bare yes or no answers what the header asks (`IsPhysical`, `virtual`)."""
    yes, no = ("physical", "virtual") if "phys" in header.lower() else ("virtual", "physical")

    def as_word(text: str) -> str:
        said = terms.read_flag(text)
        return text if said is None else yes if said else no

    words = map_distinct(raw, as_word, pl.String, caches[f"virtualization:{yes}"])
    cleaned = _clean_term(words, "virtualization_type", caches)
    changed = pl.DataFrame({"raw": raw, "new": cleaned.values}).select(
        rule=pl.when(pl.col("raw") != pl.col("new")).then(pl.lit("vocabulary:virtualization_type"))
    )["rule"]
    return Cleaned(cleaned.values, changed, cleaned.problem)


def _clean_list(raw: pl.Series, attribute: str, caches: Caches) -> Cleaned:
    """Lists by semicolon or bar, else by comma; identifiers are never split by comma."""
    parse = (
        _split_identifiers
        if attribute == "external_ids"
        else _split_compliance
        if attribute == "compliance"
        else _split
    )
    if attribute == "external_ids":
        simple = ~raw.str.contains(r"[;|]").fill_null(False)
        frame = pl.DataFrame({"raw": raw, "simple": simple}).select(
            single=pl.when(pl.col("simple") & pl.col("raw").is_not_null()).then(pl.concat_list("raw")),
            odd=pl.when(~pl.col("simple")).then(pl.col("raw")),
        )
        split = map_distinct(frame["odd"], parse, _LISTS, caches[attribute])
        return Cleaned(pl.DataFrame({"a": frame["single"], "b": split}).select(pl.coalesce("a", "b"))["a"])
    return Cleaned(map_distinct(raw, parse, _LISTS, caches[attribute]))


def _split_identifiers(cell: str) -> list[str]:
    return _parts(cell.replace("|", ";"), ";")


def _split(cell: str) -> list[str]:
    text = cell.replace("|", ";")
    return _parts(text, ";" if ";" in text else ",")


def _split_compliance(cell: str) -> list[str]:
    """'Yes, CPNI, PCI' names two frameworks; a bare 'Yes' names one that is not told."""
    parts = [part for part in _split(cell) if terms.read_flag(part) is not False]
    named = [part for part in parts if terms.read_flag(part) is None]
    return named or (["unspecified"] if parts else [])


def _parts(text: str, separator: str) -> list[str]:
    return list(dict.fromkeys(part.strip() for part in text.split(separator) if part.strip()))
