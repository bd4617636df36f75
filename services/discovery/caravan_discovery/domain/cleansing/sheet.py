"""Cleans a batch of rows of one sheet: raw cells in, typed rows, changes and issues out."""

from dataclasses import replace

import polars as pl

from caravan_discovery.domain.cleansing import addresses
from caravan_discovery.domain.cleansing.batch import Batch, as_json
from caravan_discovery.domain.cleansing.columns import Caches, clean_attribute
from caravan_discovery.domain.cleansing.combining import (
    combine_columns,
    relate_columns,
    related_attribute,
)
from caravan_discovery.domain.cleansing.journal import Journal
from caravan_discovery.domain.cleansing.plan import APPLICATION, ColumnPlan, SheetPlan, role_of
from caravan_discovery.domain.cleansing.relations import read_categories, read_marks, read_relations
from caravan_discovery.domain.cleansing.systems import SYSTEMS, compare_systems, name_platforms
from caravan_discovery.domain.cleansing.values import few_values
from caravan_discovery.domain.secrets import mask_column
from caravan_discovery.domain.unknown import is_unknown, trim


def clean_batch(plan: SheetPlan, raw: pl.DataFrame, caches: Caches) -> tuple[pl.DataFrame, Journal]:
    """`raw` has row_number, record_kind, cells. Rows come back in the same order, one column per thing known."""
    journal = Journal(plan.file, plan.sheet, raw["row_number"])
    batch = Batch(plan, _read_cells(plan, raw, journal), caches, journal)
    for attribute in dict.fromkeys(c.attribute for c in plan.columns if c.attribute):
        _clean_columns(batch, attribute)
    _relate(batch)
    _keep_spelling(batch)
    _split_host_names(batch)
    name_platforms(batch)
    read_categories(batch)
    read_marks(batch)
    read_relations(batch)
    rows = raw.select(
        "row_number", pl.col("record_kind").fill_null(plan.kind), role=_roles(plan, raw)
    ).with_columns(
        source_key=_keys(plan, batch),
        custom=_custom(plan, batch),
        **batch.done,
    )
    return rows.with_columns(quality_score=journal.quality()), journal


def _read_cells(plan: SheetPlan, raw: pl.DataFrame, journal: Journal) -> pl.DataFrame:
    """Every cell trimmed, in one column per source column; unknown words are null, and said so."""
    cells = raw.select(
        pl.col("cells").list.get(c.index, null_on_oob=True).alias(f"c{c.index}") for c in plan.columns
    )
    return pl.DataFrame([_read_column(column, cells[f"c{column.index}"], journal) for column in plan.columns])


def _read_column(column: ColumnPlan, cells: pl.Series, journal: Journal) -> pl.Series:
    values = few_values(cells)
    if values is not None and _reads_as_written(column, values):
        return cells
    text = cells.to_frame("cell").select(trim(pl.col("cell")).alias(cells.name)).to_series()
    found = text.to_frame("cell").select(is_unknown(pl.col("cell"), errors=True).fill_null(False)).to_series()
    if found.any():
        journal.log_cells(
            column.attribute or column.header, text.filter(found), None, "unknown_is_null", where=found
        )
        text = text.set(found, None)
    # Every column: people write passwords also where a number, a date or an address belongs.
    return _mask(column, text, journal)


def _reads_as_written(column: ColumnPlan, values: pl.Series) -> bool:
    """Whether cells of these values need not be touched: nothing to trim, no word for unknown, no secret."""
    cell = pl.col(values.name)
    odd = trim(cell).ne_missing(cell) | is_unknown(cell, errors=True).fill_null(False)
    if values.to_frame().select(odd.any()).item():
        return False
    return mask_column(column.header, values).equals(values, null_equal=True)


def _mask(column: ColumnPlan, cells: pl.Series, journal: Journal) -> pl.Series:
    """Passwords are masked before anything else looks at a cell, and become issues; neither keeps the old text."""
    masked = mask_column(column.header, cells)
    if masked is cells:
        return cells
    hidden = (masked != cells).fill_null(False)
    if hidden.any():
        what = column.attribute or column.header
        nothing = cells.filter(hidden).clear(int(hidden.sum()))
        journal.log_cells(what, nothing, masked.filter(hidden), "secret_masked", where=hidden)
        journal.raise_issue(what, nothing, "secret_in_text", where=hidden)
    return masked.rename(cells.name)


def _clean_columns(batch: Batch, attribute: str) -> None:
    if attribute in SYSTEMS:
        batch.done[attribute] = combine_columns([(c, batch.cell(c)) for c in batch.plan.of(attribute)])
        compare_systems(batch, attribute)
        return
    parts = []
    for column in batch.plan.of(attribute):
        if (column.combine or "").startswith("by_category"):
            continue
        raw = batch.cell(column)
        if column.combine == "used_of_total" or raw.str.contains(r"\d\s*[A-Za-z]*\s*/\s*\d").any():
            raw = _split_used_of_total(batch, column, raw)
        cleaned = clean_attribute(raw, column, batch.caches)
        batch.journal.log(attribute, batch.cell(column), cleaned)
        parts.append((column, cleaned.values))
    if parts:
        batch.done[attribute] = combine_columns(parts)


def _split_used_of_total(batch: Batch, column: ColumnPlan, raw: pl.Series) -> pl.Series:
    """'61.2 GiB / 127 GiB': the second part is the attribute; of storage the first is what is used."""
    if column.attribute not in ("storage_gb", "storage_used_gb", "memory_gb"):
        return raw
    both = pl.DataFrame({"raw": raw}).select(
        used=pl.when(pl.col("raw").str.contains("/", literal=True)).then(
            trim(pl.col("raw").str.extract(r"^([^/]*)/"))
        ),
        total=trim(pl.col("raw").str.extract(r"([^/]*)$")),
    )
    if column.attribute == "storage_gb" and "storage_used_gb" not in {
        c.attribute for c in batch.plan.columns
    }:
        used = clean_attribute(both["used"], replace(column, attribute="storage_used_gb"), batch.caches)
        batch.done["storage_used_gb"] = used.values
    return both["used" if column.attribute == "storage_used_gb" else "total"]


def _relate(batch: Batch) -> None:
    """Second round: columns whose rule needs another attribute of the row."""
    for column in batch.plan.columns:
        other = related_attribute(column)
        if column.attribute and other and column.attribute in batch.done:
            values = relate_columns(column, batch.done[column.attribute], batch.done.get(other))
            values = _drop_impossible(batch, column, values)
            batch.done[column.attribute] = values.rename(column.attribute)
            batch.journal.log_uniform(
                column.attribute, column.combine or "", len(values) - values.null_count()
            )


def _drop_impossible(batch: Batch, column: ColumnPlan, values: pl.Series) -> pl.Series:
    """A part larger than its whole is no share: unknown, with an issue."""
    if not (column.combine or "").startswith("percent_of"):
        return values
    over = (values > 100).fill_null(value=False)
    if not over.any():
        return values
    batch.journal.raise_issue(
        column.attribute or "", batch.cell(column).filter(over), "percent_over_100", where=over
    )
    return values.set(over, None)


def _keep_spelling(batch: Batch) -> None:
    """Where no column is the name, the host name as it was written is."""
    written = [pl.Series(a, batch.done[a]) for a in ("hostname", "fqdn") if a in batch.done]
    if "name" not in batch.done and written:
        batch.done["name"] = pl.DataFrame(written).select(pl.coalesce(pl.all()).alias("name"))["name"]


def _split_host_names(batch: Batch) -> None:
    """A name without a dot is a host name, one with a dot an FQDN, whichever column it stood in."""
    found: dict[str, list[pl.Series]] = {"fqdn": [], "hostname": []}
    for attribute in ("fqdn", "hostname"):
        if attribute not in batch.done:
            continue
        raw = batch.done.pop(attribute)
        cleaned, short = addresses.clean_host_names(raw)
        batch.journal.log(
            attribute, raw, replace(cleaned, rule=cleaned.rule if attribute == "fqdn" else None)
        )
        found["fqdn"].append(cleaned.values)
        found["hostname"].append(short)
    if not found["fqdn"]:
        return
    frame = pl.DataFrame({f"{kind}{n}": s for kind, series in found.items() for n, s in enumerate(series)})
    for kind, series in found.items():
        first_label = [pl.col(f"fqdn{n}").str.split(".").list.first() for n in range(len(series))]
        order = [pl.col(f"{kind}{n}") for n in range(len(series))]
        batch.done[kind] = frame.select(
            pl.coalesce(order + (first_label if kind == "hostname" else [])).alias(kind)
        )[kind]


def _custom(plan: SheetPlan, batch: Batch) -> pl.Series:
    """What maps to nothing, kept by its header."""
    columns = [c for c in plan.columns if not (c.attribute or c.relation or c.mark)]
    filled = [c for c in columns if batch.cell(c).null_count() < len(batch.text)]
    if not filled:
        return pl.Series("custom", [None] * len(batch.text), dtype=pl.String)
    return as_json(batch, filled)


def _roles(plan: SheetPlan, raw: pl.DataFrame) -> pl.Expr:
    kinds = {kind: role_of(kind) or plan.role for kind in raw["record_kind"].drop_nulls().unique().to_list()}
    if not kinds:
        return pl.lit(plan.role)
    return pl.col("record_kind").replace_strict(
        list(kinds), list(kinds.values()), default=plan.role, return_dtype=pl.String
    )


def _keys(plan: SheetPlan, batch: Batch) -> pl.Series:
    """The source's own key: its parts joined by a colon; null when a part is missing."""
    if not plan.key:
        return pl.Series("key", [None] * len(batch.text), dtype=pl.String)
    parts = []
    for index in plan.key:
        key = pl.col(f"c{index}")
        parts.append(
            pl.when(key.str.contains(r"(?i)^[0-9a-f-]{32,}$")).then(key.str.to_lowercase()).otherwise(key)
        )
    joined = pl.concat_str(parts, separator=":")
    if plan.role == APPLICATION and len(plan.key) == 1:
        joined = joined.str.replace_all(r"\s+", " ")
    return batch.text.select(key=joined)["key"]
