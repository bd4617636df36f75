"""Dates in the forms that exports use, as UTC timestamps. Day or month first is decided for a whole column."""

import polars as pl

from caravan_discovery.domain.cleansing.values import Cleaned

_TIME = (
    r"(?:[T ,]+(\d{1,2}):(\d{2})(?::(\d{2}))?(?:[.,]\d+)?\s*([AaPp][Mm])?)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?$"
)
_YEAR_FIRST = r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})" + _TIME
# Spreadsheets write years of two digits: 00 to 69 are of this century.
_YEAR_LAST = r"^(\d{1,2})([-/.])(\d{1,2})[-/.](\d{4}|\d{2})" + _TIME
_NAMED = r"^(?:[A-Za-z]{3},?\s+)?(\d{1,2})[ \-.]+(\p{L}{3})\p{L}*[ \-.,]+(\d{4})" + _TIME
_NAME_FIRST = r"^([A-Za-z]{3})[a-z]*\.?\s+(\d{1,2}),?\s+(\d{4})" + _TIME
_MONTHS = {
    name: f"{n:02d}"
    for n, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1
    )
}
_MONTHS |= {"mai": "05", "mär": "03", "okt": "10", "dez": "12"}
SLASHED = r"^(\d{1,2})[-/](\d{1,2})[-/](?:\d{4}|\d{2}(?:\D|$))"


def clean_dates(raw: pl.Series, *, day_first: bool) -> Cleaned:
    """Timestamps in UTC; a time without a zone is taken as UTC. `day_first` decides 3/4/2026 (dots always are)."""
    frame = raw.to_frame("raw").with_columns(rest="raw")
    # No two patterns fit one cell: a later one is tried where none before it did.
    for name, pattern in (("a", _YEAR_FIRST), ("b", _YEAR_LAST), ("c", _NAMED), ("d", _NAME_FIRST)):
        frame = frame.with_columns(pl.col("rest").str.extract_groups(pattern).alias(name)).with_columns(
            rest=pl.when(_part(name, 1).is_null()).then("rest")
        )
    first, second = _part("b", 1), _part("b", 3)
    dotted = pl.lit(day_first) | (_part("b", 2) == ".") | (first.cast(pl.Int32, strict=False) > 12)
    iso = pl.coalesce(
        _iso("a", _part("a", 1), _part("a", 2), _part("a", 3), 4),
        _iso(
            "b",
            _century(_part("b", 4), _part("b", 2)),
            pl.when(dotted).then(second).otherwise(first),
            pl.when(dotted).then(first).otherwise(second),
            5,
        ),
        _iso("c", _part("c", 3), _month("c", 2), _part("c", 1), 4),
        _iso("d", _part("d", 3), _month("d", 1), _part("d", 2), 4),
    )
    zone = pl.coalesce(_part("a", 8), _part("b", 9), _part("c", 8), _part("d", 8))
    frame = frame.with_columns(
        at=iso.str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False, time_unit="us", time_zone="UTC"), zone=zone
    )
    frame = frame.with_columns(value=pl.coalesce(pl.col("at") - _offset(), _serial()))
    problem = pl.when(pl.col("raw").is_not_null() & pl.col("value").is_null()).then(pl.lit("not_a_date"))
    return Cleaned(
        frame["value"].rename(raw.name),
        None,
        frame.select(problem=problem)["problem"],
        "date to UTC timestamp",
    )


def _part(group: str, number: int) -> pl.Expr:
    return pl.col(group).struct.field(str(number))


def _century(year: pl.Expr, separator: pl.Expr) -> pl.Expr:
    """A year of two digits with the century that is meant; null between hyphens, where it may stand first."""
    short = year.str.len_chars() == 2
    year = pl.when(~short | (separator != "-")).then(year)
    return pl.when(short & (year < "70")).then("20" + year).when(short).then("19" + year).otherwise(year)


def _month(group: str, number: int) -> pl.Expr:
    name = _part(group, number).str.to_lowercase()
    return name.replace_strict(list(_MONTHS), list(_MONTHS.values()), default=None, return_dtype=pl.String)


def _iso(group: str, year: pl.Expr, month: pl.Expr, day: pl.Expr, time: int) -> pl.Expr:
    """'YYYY-MM-DD HH:MM:SS'; null when the pattern did not match (a part is null)."""
    hour = _part(group, time).cast(pl.Int32, strict=False).fill_null(0)
    half = _part(group, time + 3).str.to_lowercase()
    hour = (
        pl.when((half == "pm") & (hour < 12))
        .then(hour + 12)
        .when((half == "am") & (hour == 12))
        .then(0)
        .otherwise(hour)
    )
    minute, second = _part(group, time + 1).fill_null("00"), _part(group, time + 2).fill_null("00")
    date = pl.concat_str(year, month.str.zfill(2), day.str.zfill(2), separator="-")
    return pl.concat_str(
        date, pl.lit(" "), hour.cast(pl.String).str.zfill(2), pl.lit(":"), minute, pl.lit(":"), second
    )


def _offset() -> pl.Expr:
    """How far the written zone is ahead of UTC."""
    sign = pl.when(pl.col("zone").str.starts_with("-")).then(-1).otherwise(1)
    digits = pl.col("zone").str.replace(":", "", literal=True)
    hours = digits.str.slice(1, 2).cast(pl.Int64, strict=False).fill_null(0)
    minutes = digits.str.slice(3, 2).cast(pl.Int64, strict=False).fill_null(0)
    return pl.duration(minutes=(sign * (hours * 60 + minutes)).fill_null(0))


def _serial() -> pl.Expr:
    """Excel's day numbers (from 1954 to 2119) and Unix times in seconds or milliseconds."""
    number = pl.col("raw").cast(pl.Float64, strict=False)
    seconds = (
        pl.when(number.is_between(20_000, 80_000))
        .then((number - 25_569) * 86_400)
        .when(number.is_between(5e8, 5e9))
        .then(number)
        .when(number.is_between(5e11, 5e12))
        .then(number / 1000)
    )
    return pl.from_epoch((seconds * 1_000_000).round(0).cast(pl.Int64), time_unit="us").dt.replace_time_zone(
        "UTC"
    )
