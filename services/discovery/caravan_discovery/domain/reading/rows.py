"""Which rows of a table are accepted, and why each other one is not. Column operations on whole batches."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from caravan_discovery.domain.reading.header import is_header_of_another
from caravan_discovery.domain.reading.recognition import GENERIC, Layout
from caravan_discovery.domain.reading.rejected import (
    BAD_NUMBER,
    BLANK,
    CATEGORY,
    NO_NAME,
    NO_VINFO,
    RECORD_TYPE,
    REPEATED,
    SECOND_TABLE,
    TOTAL,
    blank_rows,
    coded_rows,
    no_rows,
    unfit_rows,
)
from caravan_discovery.domain.reading.source import Batch, Limits, UnreadableFile
from caravan_discovery.domain.unknown import is_unknown, trim

# A blank row before the first or after the last row with data is no row.
_NO_ROW = "no_row"
_PLAIN_NUMBER = r"^\d"
_NUMBER = (
    r"(?i)^[^\p{L}\d]*(?:(?:ca|approx|about|circa|up to|bis)\.?\s*"
    r"|(?:[a-z]|sd[a-z]|vd[a-z])\s*[:=][\\/]?\s*|(?:hdd|ssd|disk|platte|lw|laufwerk|drive)\s*[\w#]{0,3}\s*[:=]?\s*)?\d"
)
_NUMERIC_CELL = (
    r"(?i)^[^\p{L}]*\d[^\p{L}]*"
    r"(?:[kmgt]?i?b|[mg]hz|%|v?cores?|v?cpus?|eur|usd|€|\$|vms?|servers?|hosts?|rows?|items?|zeilen|stück)?\W*$"
)
_TOTAL = (
    r"(?i)^\W*(?:(?:grand|sub|overall)[ -]?)?"
    r"(?:totals?|sum|summe|gesamt(?:summe)?|zwischensumme|insgesamt|average|mean|durchschnitt|mittelwert|anzahl)"
    r"(?:$|[\s:(=])"
)
_CATEGORY_MARK = r"^\s*[-=#*>_]{2,}|:\s*$"
_SEVERAL_WORDS = r"\S\s+\S"
_DIGIT = r"\d"

# How many of the filled cells of a generic column must be numbers before a word in it is a fault.
_NUMERIC_SHARE = 0.5
_LONE_CELL_WIDTH, _TYPICAL_FILL = 4, 3
# Rows after a gap that are looked at as the header of another table.
_MOST_TABLES = 50
# Sheets formatted to their last row end in a million blank ones; between data that many are a fault.
_TRAILING = 20


@dataclass
class RowRules:
    """The rules for one table, applied batch by batch in order.

    `vinfo_keys`: keys of the virtual machines of the source; null where the table is not bound to them.
    """

    layout: Layout
    columns: Sequence[str]
    raw_header: Sequence[str | None]
    vinfo_keys: pl.Series | None = None
    record_types: Mapping[str, str] = field(default_factory=dict)
    most_blank_rows: int = Limits.blank_rows
    _numbers: tuple[int, ...] | None = None
    _may_have_categories: bool = False
    _other_table_from: int | None = None
    _last_row_seen: int | None = None
    _last_data_row: int | None = None

    def apply(self, batch: Batch) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Accepted rows (row_number, record_kind, c0…) and rejected rows (REJECTED_SCHEMA), each in row order.

        Raises UnreadableFile where more blank rows follow one another than any table has.
        """
        frame = batch.whole
        filled = frame.select(pl.sum_horizontal(pl.all().is_not_null())).to_series()
        if self._numbers is None:
            self._look_at_first(frame, filled)
        if self.layout.format == GENERIC and self._other_table_from is None:
            self._other_table_from = self._find_other_table(frame, filled, batch.numbers)
        coded = self._coded(frame, filled).with_columns(batch.numbers)
        if self._other_table_from is not None:
            below = (pl.col("row_number") >= self._other_table_from) & pl.col("code").ne_missing(
                pl.lit(BLANK)
            )
            coded = coded.with_columns(
                code=pl.when(below).then(pl.lit(SECOND_TABLE)).otherwise("code"),
                column=pl.when(~below).then("column"),
            )
        with_data = _ends([batch.numbers.filter(filled > 0)], batch)
        no_row = self._is_no_row(with_data)
        coded = coded.with_columns(
            pl.when((pl.col("code") == BLANK) & no_row)
            .then(pl.lit(_NO_ROW))
            .otherwise(pl.col("code"))
            .alias("code")
        )
        accepted = coded.filter(pl.col("code").is_null()).select("row_number", "record_kind", *frame.columns)
        rejected = coded.filter(pl.col("code").is_not_null() & (pl.col("code") != _NO_ROW))
        found = pl.concat(
            [
                self._blanks_before(_ends([batch.numbers, batch.blank], batch), with_data),
                blank_rows(batch.blank.to_frame().filter(~no_row).to_series()),
                coded_rows(rejected, self.columns) if rejected.height else no_rows(),
                unfit_rows(batch.unfit, self.columns) if batch.unfit else no_rows(),
            ]
        )
        return accepted, found.sort("row_number")

    def _look_at_first(self, frame: pl.DataFrame, filled: pl.Series) -> None:
        """Generic columns count as numeric, and lone cells as headings, by what the first batch looks like."""
        numbers = self.layout.numbers
        if not self.layout.strict_numbers:
            numbers = tuple(position for position in numbers if _is_numeric(frame, position))
        self._numbers = numbers
        typical = filled.filter(filled > 0).median()
        self._may_have_categories = (
            len(self.columns) >= _LONE_CELL_WIDTH and isinstance(typical, float) and typical >= _TYPICAL_FILL
        )

    def _coded(self, frame: pl.DataFrame, filled: pl.Series) -> pl.DataFrame:
        """The frame with `code` (null: accepted), `column` and `record_kind`; the first rule that fits counts."""
        rules: list[tuple[pl.Expr, str]] = [
            (pl.lit(filled == 0), BLANK),
            (pl.lit(self._repeats_header(frame)), REPEATED),
            (pl.lit(_totals(frame, filled)), TOTAL),
        ]
        lone = filled == 1
        if self._may_have_categories and lone.any():
            rules.append((pl.lit(lone) & _is_heading(pl.coalesce(frame.columns)), CATEGORY))
        kind: pl.Expr = pl.lit(self.layout.record_kind)
        if self.layout.record_type is not None:
            kind = pl.col(f"c{self.layout.record_type}").str.strip_chars().str.replace(r"\.0$", "")
            kind = kind.replace_strict(dict(self.record_types), default=None, return_dtype=pl.String)
            rules.append((kind.is_null(), RECORD_TYPE))
        if self.layout.names:
            unnamed = [_is_nothing(pl.col(f"c{position}")) for position in self.layout.names]
            rules.append((pl.all_horizontal(unnamed), NO_NAME))
        if self.vinfo_keys is not None:
            known = row_key(self.layout.key).is_in(self.vinfo_keys.implode()).fill_null(value=False)
            rules.append((~known, NO_VINFO))
        bad = self._bad_numbers(frame)
        rules.append((pl.lit(bad.is_not_null()), BAD_NUMBER))
        return frame.with_columns(
            pl.coalesce(pl.when(rule).then(pl.lit(code)) for rule, code in rules).alias("code"),
            kind.alias("record_kind"),
        ).with_columns(pl.when(pl.col("code") == BAD_NUMBER).then(pl.lit(bad)).alias("column"))

    def _find_other_table(self, frame: pl.DataFrame, filled: pl.Series, numbers: pl.Series) -> int | None:
        """Where another table begins, after a blank row or a heading: its header's row; null where none does."""
        wide = pl.DataFrame(
            {"at": pl.int_range(frame.height, eager=True), "number": numbers, "filled": filled}
        )
        wide = wide.filter(pl.col("filled") >= 2)
        begun = wide.filter(pl.col("number").diff() > 1).head(_MOST_TABLES)
        for at, number in begun.select("at", "number").iter_rows():
            cells = frame.row(at)
            same = [
                cell for cell, above in zip(cells, self.raw_header, strict=False) if cell == above and cell
            ]
            whole = len(same) == sum(1 for cell in self.raw_header if cell)
            if not whole and is_header_of_another(cells, self.raw_header):
                return int(number)
        return None

    def _repeats_header(self, frame: pl.DataFrame) -> pl.Series:
        """A mask, one value long where no row repeats the header."""
        texts = [(position, cell) for position, cell in enumerate(self.raw_header) if cell]
        same = [_bare(pl.col(f"c{position}")).eq_missing(cell.strip(_INVISIBLE)) for position, cell in texts]
        if len(same) < 2 or not frame.select(same[0].any()).item():
            return pl.Series([False])
        return frame.select(pl.all_horizontal(same)).to_series()

    def _bad_numbers(self, frame: pl.DataFrame) -> pl.Series:
        """The first column in which a row has a word where a number belongs; null where none has."""
        column = pl.repeat(None, frame.height, dtype=pl.String, eager=True)
        for position in reversed(self._numbers or ()):
            cells = frame.get_column(f"c{position}")
            odd = (cells.is_not_null() & ~cells.str.contains(_PLAIN_NUMBER)).arg_true()
            here = pl.col("cell")
            bad = (
                pl.DataFrame({"row": odd, "cell": cells.gather(odd)})
                .filter(~here.str.contains(_NUMBER) & ~is_unknown(trim(here)))
                .get_column("row")
            )
            if bad.len():
                column = column.scatter(bad, self.columns[position])
        return column

    def _is_no_row(self, with_data: tuple[int, int] | None) -> pl.Expr:
        """Whether a blank row is none of the rows between data, as far as this batch can tell."""
        if with_data is None:
            return pl.lit(value=True)
        first, last = with_data
        outside = pl.col("row_number") > last
        if self._last_data_row is None or self._last_row_seen != self._last_data_row:
            # Blank rows before the first data of this batch are settled together with those of earlier batches.
            outside = outside | (pl.col("row_number") < first)
        return outside

    def _blanks_before(self, seen: tuple[int, int] | None, with_data: tuple[int, int] | None) -> pl.DataFrame:
        """The blank rows since the last row with data, now that data follows them."""
        last_data, last_seen = self._last_data_row, self._last_row_seen
        if seen is not None:
            self._last_row_seen = seen[1]
        if with_data is None:
            self._refuse_blank(
                (self._last_row_seen or 0) - (last_data or 0), _TRAILING * self.most_blank_rows
            )
            return no_rows()
        self._last_data_row = with_data[1]
        if last_data is None or last_seen == last_data:
            return no_rows()
        self._refuse_blank(with_data[0] - last_data - 1, self.most_blank_rows)
        return blank_rows(pl.int_range(last_data + 1, with_data[0], eager=True))

    def _refuse_blank(self, rows: int, most: int) -> None:
        if rows > most:
            raise UnreadableFile(f"has {rows} blank rows in a row: delete them and deliver it again.")


def row_key(positions: Sequence[int]) -> pl.Expr:
    """The source's own key of a row as one text; null when a part of it is blank."""
    parts = [pl.col(f"c{position}").str.strip_chars().str.to_lowercase() for position in positions]
    return pl.concat_str(parts, separator="|", ignore_nulls=False)


def _totals(frame: pl.DataFrame, filled: pl.Series) -> pl.Series:
    """Rows that begin with a word for a sum and hold nothing but numbers beside it."""
    named = frame.select(pl.coalesce(pl.all()).str.contains(_TOTAL).fill_null(value=False)).to_series()
    if not named.any():
        return named
    suspects = frame.filter(named)
    numeric = suspects.select(
        pl.sum_horizontal(pl.all().str.contains(_NUMERIC_CELL).fill_null(value=False))
    ).to_series()
    total = filled.filter(named).cast(pl.Int64) - numeric.cast(pl.Int64) <= 1
    return named.scatter(named.arg_true().filter(~total), False)


_INVISIBLE = " \t\r\n\u00a0\u200b\ufeff"


def _bare(cell: pl.Expr) -> pl.Expr:
    return cell.str.strip_chars(_INVISIBLE)


def _is_nothing(cell: pl.Expr) -> pl.Expr:
    bare = trim(cell)
    return bare.is_null() | is_unknown(bare)


def _is_heading(cell: pl.Expr) -> pl.Expr:
    return cell.str.contains(_CATEGORY_MARK) | cell.str.contains(_SEVERAL_WORDS) | ~cell.str.contains(_DIGIT)


def _is_numeric(frame: pl.DataFrame, position: int) -> bool:
    cell = pl.col(f"c{position}")
    known = frame.select(cell).filter(~is_unknown(trim(cell))).to_series()
    return known.len() > 0 and known.str.contains(_NUMBER).sum() / known.len() >= _NUMERIC_SHARE


def _ends(sorted_numbers: Sequence[pl.Series], batch: Batch) -> tuple[int, int] | None:
    """The smallest and the largest row number, those of rows that do not fit included."""
    found = [row.number for row in batch.unfit]
    for numbers in sorted_numbers:
        if numbers.len():
            found += [int(numbers[0]), int(numbers[-1])]
    return (min(found), max(found)) if found else None
