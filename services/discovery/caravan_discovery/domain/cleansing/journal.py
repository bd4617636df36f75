"""The log of a batch: every change old → new with its rule, every issue, and what they cost in quality."""

import polars as pl

from caravan_discovery.domain.cleansing.values import Cleaned

CHANGE_SCHEMA = pl.Schema(
    {
        "file": pl.String,
        "sheet": pl.String,
        "row_number": pl.Int64,
        "attribute": pl.String,
        "old": pl.String,
        "new": pl.String,
        "rule": pl.String,
        "count": pl.Int64,
    }
)
ISSUE_SCHEMA = pl.Schema(
    {
        "file": pl.String,
        "sheet": pl.String,
        "row_number": pl.Int64,
        "attribute": pl.String,
        "severity": pl.String,
        "code": pl.String,
        "old": pl.String,
    }
)
SEVERITIES = {
    "secret_in_text": "high",
    "not_a_number": "medium",
    "negative_value": "medium",
    "impossible_address": "medium",
    "impossible_mac": "medium",
    "impossible_uuid": "medium",
    "impossible_name": "medium",
    "percent_over_100": "medium",
    "not_a_date": "medium",
    "not_yes_or_no": "low",
    "not_a_whole_number": "low",
    "loopback_name": "low",
    "sources_differ": "low",
    "unknown_platform": "low",
    "unknown_term": "low",
    "fraction_assumed": "low",
}
# Issues of cells whose value is unknown from then on, masked, or kept as it stood.
UNREAD = (
    "not_a_number",
    "negative_value",
    "impossible_address",
    "impossible_mac",
    "impossible_uuid",
    "impossible_name",
    "percent_over_100",
    "not_a_date",
    "not_yes_or_no",
    "unknown_term",
    "secret_in_text",
)
_COST = {"high": 0.25, "medium": 0.15, "low": 0.03}


class Journal:
    """Changes and issues of one batch of one sheet, in the order the columns were cleaned."""

    def __init__(self, file: str, sheet: str, row_numbers: pl.Series) -> None:
        self._file, self._sheet, self._rows = file, sheet, row_numbers
        self._changes: list[pl.DataFrame] = []
        self._issues: list[pl.DataFrame] = []
        self.uniform: dict[tuple[str, str], int] = {}

    def log(self, attribute: str, old: pl.Series, cleaned: Cleaned) -> None:
        """What `cleaned` says was changed in `old`, and what is wrong with it."""
        if cleaned.uniform:
            self.log_uniform(attribute, cleaned.uniform, len(cleaned.values) - cleaned.values.null_count())
        if cleaned.rule is not None and cleaned.rule.null_count() < len(cleaned.rule):
            where = cleaned.rule.is_not_null()
            self.log_cells(
                attribute, old.filter(where), cleaned.values.filter(where), cleaned.rule.filter(where), where
            )
        if cleaned.problem is not None and cleaned.problem.null_count() < len(cleaned.problem):
            where = cleaned.problem.is_not_null()
            self.raise_issue(attribute, old.filter(where), cleaned.problem.filter(where), where)

    def log_uniform(self, attribute: str, rule: str, count: int) -> None:
        """One rule for a whole column: logged once, with how many cells it concerned."""
        key = (attribute, rule)
        self.uniform[key] = self.uniform.get(key, 0) + count

    def log_cells(
        self, attribute: str, old: pl.Series, new: pl.Series | None, rule: "pl.Series | str", where: pl.Series
    ) -> None:
        """Changed cells; `where` marks their rows in the batch."""
        frame = pl.DataFrame({"row_number": self._rows.filter(where), "old": old})
        frame = frame.with_columns(
            new=_as_text(new) if new is not None else pl.lit(None, pl.String),
            rule=rule if isinstance(rule, pl.Series) else pl.lit(rule),
        )
        self._changes.append(
            self._dress(frame, attribute)
            .with_columns(count=pl.lit(1, pl.Int64))
            .select(CHANGE_SCHEMA.names())
        )

    def raise_issue(self, attribute: str, old: pl.Series, code: "pl.Series | str", where: pl.Series) -> None:
        """Faulty cells; `where` marks their rows in the batch."""
        if not where.any():
            return
        frame = pl.DataFrame({"row_number": self._rows.filter(where), "old": old}).with_columns(
            code=code if isinstance(code, pl.Series) else pl.lit(code)
        )
        severity = pl.col("code").replace_strict(SEVERITIES, default="low", return_dtype=pl.String)
        self._issues.append(
            self._dress(frame, attribute).with_columns(severity=severity).select(ISSUE_SCHEMA.names())
        )

    def _dress(self, frame: pl.DataFrame, attribute: str) -> pl.DataFrame:
        return frame.with_columns(
            file=pl.lit(self._file), sheet=pl.lit(self._sheet), attribute=pl.lit(attribute)
        )

    def changes(self) -> pl.DataFrame:
        """Cell by cell; what holds for a whole column stands in `uniform`."""
        return pl.concat(self._changes) if self._changes else CHANGE_SCHEMA.to_frame()

    def issues(self) -> pl.DataFrame:
        return pl.concat(self._issues) if self._issues else ISSUE_SCHEMA.to_frame()

    def quality(self) -> pl.Series:
        """1 less what the row's issues cost (high 0.25, medium 0.15, low 0.03), not below 0."""
        cost = (
            self.issues()
            .group_by("row_number")
            .agg(pl.col("severity").replace_strict(_COST, return_dtype=pl.Float64).sum().alias("cost"))
        )
        rows = self._rows.to_frame("row_number").join(
            cost, on="row_number", how="left", maintain_order="left"
        )
        return rows.select(quality=(1 - pl.col("cost").fill_null(0)).clip(0, 1).round(4))["quality"]


def _as_text(values: pl.Series) -> pl.Series:
    return values.list.join(", ") if values.dtype == pl.List(pl.String) else values.cast(pl.String)
