"""Columns that say what a row relates to, marks by fixed headers, and cells whose neighbour names their meaning."""

import polars as pl

from caravan_discovery.domain.attributes import BY_NAME
from caravan_discovery.domain.cleansing import addresses, platforms
from caravan_discovery.domain.cleansing.batch import Batch, as_json
from caravan_discovery.domain.cleansing.columns import clean_flag
from caravan_discovery.domain.cleansing.combining import CATEGORIES, combine_columns
from caravan_discovery.domain.cleansing.dates import clean_dates
from caravan_discovery.domain.cleansing.numbers import NumberFormat, clean_number
from caravan_discovery.domain.cleansing.plan import ColumnPlan
from caravan_discovery.domain.cleansing.systems import PLATFORM, facts_of
from caravan_discovery.domain.cleansing.values import map_distinct
from caravan_discovery.domain.units import factor_between


def read_categories(batch: Batch) -> None:
    """Cells whose neighbour names what they are (Konveyor tags)."""
    by_header = {c.header.strip().lower(): c for c in batch.plan.columns}
    for column in batch.plan.columns:
        word, _, header = (column.combine or "").partition(":")
        beside = by_header.get(header) or by_header.get(header.replace("category", "type"))
        if word != "by_category" or beside is None:
            continue
        category = batch.cell(beside).str.to_lowercase()
        for attribute in dict.fromkeys(CATEGORIES.values()):
            words = [name for name, target in CATEGORIES.items() if target == attribute]
            cells = pl.DataFrame({"cell": batch.cell(column), "category": category}).select(
                pl.when(pl.col("category").is_in(words)).then(pl.col("cell"))
            )["cell"]
            if cells.null_count() < len(cells):
                _add_category(batch, attribute, cells)


def _add_category(batch: Batch, attribute: str, cells: pl.Series) -> None:
    if attribute in ("operating_system", "database_type"):
        version = "os_version" if attribute == "operating_system" else "database_version"
        parse = (
            platforms.parse_operating_system if attribute == "operating_system" else platforms.parse_database
        )
        parsed = map_distinct(
            cells, lambda text: facts_of(parse(text)), PLATFORM, batch.caches[f"tag:{attribute}"]
        ).struct
        fresh = {attribute: parsed.field("product").zip_with(parsed.field("product").is_not_null(), cells)}
        fresh[version] = parsed.field("version")
    elif BY_NAME[attribute].dtype.startswith("List"):
        fresh = {
            attribute: pl.DataFrame({"c": cells}).select(
                pl.when(pl.col("c").is_not_null()).then(pl.concat_list("c"))
            )["c"]
        }
    else:
        fresh = {attribute: cells}
    plain = ColumnPlan(0, attribute, attribute)
    for name, values in fresh.items():
        old = [(plain, batch.done[name])] if name in batch.done else []
        batch.done[name] = combine_columns([*old, (plain, values)])


def read_marks(batch: Batch) -> None:
    for column in batch.plan.columns:
        if column.mark is None:
            continue
        raw = batch.cell(column)
        if column.mark.endswith("_gb"):
            form = NumberFormat("GiB", factor_between(column.unit, "GiB"), column.unit, column.decimal_comma)
            batch.done[column.mark] = clean_number(raw, form).values
        elif column.mark == "mark_updated":
            batch.done[column.mark] = clean_dates(raw, day_first=False).values
        elif column.mark in ("mark_template", "mark_placeholder"):
            batch.done[column.mark] = clean_flag(raw, batch.caches).values
        else:
            batch.done[column.mark] = raw.str.to_lowercase()


def read_relations(batch: Batch) -> None:
    """One column of a relation is text; several become a JSON object by header."""
    words: dict[str, list[ColumnPlan]] = {}
    for column in batch.plan.columns:
        if column.relation:
            words.setdefault(column.relation, []).append(column)
    for word, columns in words.items():
        if word.endswith("_address") or len(columns) == 1:
            raw = batch.cell(columns[0])
            if word.endswith("_address"):
                cleaned = addresses.clean_ip_addresses(raw, batch.caches["ip"])
                batch.journal.log(f"rel_{word}", raw, cleaned)
                raw = cleaned.values.list.first()
            batch.done[f"rel_{word}"] = raw
        else:
            batch.done[f"rel_{word}"] = as_json(batch, columns)
