"""Rows of one asset become one row: a winner per attribute, every loser kept as a conflict."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from caravan_discovery.domain.inventory.agreement import settle_wording
from caravan_discovery.domain.inventory.identifiers import hardware_uuid, short_name
from caravan_discovery.domain.inventory.identity import TRUST
from caravan_discovery.domain.parts import table_schema

_LIST = pl.List(pl.String)
# What may well differ between two looks at one machine, or two people's words for it, is no conflict.
_NEVER_IN_CONFLICT = frozenset(
    [
        "last_seen",
        "created_at",
        "quality_score",
        "says_virtual",
        "cpu_avg_percent",
        "cpu_max_percent",
        "memory_avg_percent",
        "memory_max_percent",
        "disk_iops",
        "network_mbps",
        "storage_used_gb",
        "part_size_gb",
        "part_used_gb",
        "os_family",
        "role",
        # The same cores cut otherwise; a difference in their number shows at cpu_cores.
        "cpu_sockets",
        "description",
    ]
)
_LEGAL_FORM = r",?\s+(inc|corp|corporation|co|ltd|llc|gmbh|ag)\.?$"
_KEPT_APART = frozenset(
    [
        "asset",
        "file",
        "sheet",
        "row_number",
        "source",
        "format",
        "record_kind",
        "source_key",
        "custom",
        "place",
        "parts",
        "entity",
        "at",
    ]
)
CONFLICTS = table_schema(
    {
        "natural_key": pl.String,
        "asset_key": pl.String,
        "attribute": pl.String,
        "winner": pl.String,
        "winner_source": pl.String,
        "winner_row": pl.String,
        "losers": pl.List(pl.String),
        "loser_rows": pl.List(pl.String),
        "loser_sources": pl.List(pl.String),
        "reason": pl.String,
        "decided_by": pl.String,
    }
)


@dataclass(frozen=True)
class Choice:
    """What a person chose of a conflict: a value, or the source whose value is to stand; or a word for either."""

    value: str | None = None
    source: str | None = None

    @property
    def words(self) -> str:
        return self.value or self.source or ""


def merge_rows(rows: pl.DataFrame, decided: Mapping[str, Choice]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """One row per `asset`, sorted by it, and the conflicts among the rows it had.

    Where all rows say when they were seen, the newest wins; else the more trusted source, else the first
    row. `decided` holds people's choices by conflict key and wins over both.
    """
    repeated = rows["asset"].is_duplicated()
    # Only these are ranked: a million rows that are alone would be sorted for nothing.
    several = _rank(rows.filter(repeated))
    values = [name for name in rows.columns if name not in _KEPT_APART]
    kept = rows.filter(~repeated).select("asset", *values, "custom", **_trace_of_one())
    if several.is_empty():
        return kept.sort("asset"), CONFLICTS.to_frame()
    several = settle_wording(several)
    conflicts = _find_conflicts(several, values)
    merged = several.group_by("asset", maintain_order=True).agg(
        *(_fold(name, rows.schema[name]) for name in values),
        custom=pl.col("custom").drop_nulls().unique(maintain_order=True),
        **_trace_of_many(),
    )
    merged = merged.with_columns(custom=_join_objects(merged["custom"]))
    conflicts, merged = _apply_decisions(conflicts, merged, several, decided)
    return pl.concat([kept, merged.select(kept.columns)]).sort("asset"), conflicts


def _rank(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of each asset with the one that wins first."""
    trust = pl.col("format").replace_strict(
        list(TRUST), list(range(len(TRUST))), default=TRUST.index("generic"), return_dtype=pl.Int32
    )
    times = [name for name in ("last_seen", "mark_updated") if name in rows.columns]
    seen = pl.coalesce(times) if times else pl.lit(None, pl.Datetime("us", "UTC"))
    frame = rows.with_columns(trust=trust, seen=seen).with_columns(
        timed=pl.col("seen").is_not_null().all().over("asset")
        | (pl.col("source").n_unique().over("asset") == 1)
    )
    frame = frame.with_columns(when=pl.when("timed").then("seen"))
    keys = ["asset", "when", "trust", "source", "seen", "at"]
    return frame.sort(keys, descending=[name in ("when", "seen") for name in keys], nulls_last=True)


def _fold(name: str, dtype: pl.DataType) -> pl.Expr:
    if dtype == _LIST:
        joined = pl.col(name).explode().drop_nulls().unique(maintain_order=True)
        return pl.when(joined.len() > 0).then(joined.implode()).first().alias(name)
    if name == "quality_score":
        return pl.col(name).mean().round(4)
    if name == "says_virtual":
        return pl.col(name).any()
    return pl.col(name).drop_nulls().first()


def _join_objects(lists: pl.Series) -> pl.Series:
    """One JSON object out of several as text: of a member that several have, the first one's value."""
    several = lists.list.len() > 1
    joined = [
        json.dumps(
            {name: value for text in reversed(texts) for name, value in json.loads(text).items()},
            ensure_ascii=False,
            sort_keys=True,
        )
        for texts in lists.filter(several).to_list()
    ]
    plain = lists.list.first()
    return plain.scatter(several.arg_true(), joined) if joined else plain


def _place_lists() -> pl.Expr:
    return pl.concat_list(pl.concat_list("place"), pl.col("parts").fill_null([]))


def _trace_of_one() -> dict[str, pl.Expr]:
    return {
        "sources": pl.concat_list("source"),
        "source_entities": _place_lists(),
        "trace_sources": pl.col("source"),
    }


def _trace_of_many() -> dict[str, pl.Expr]:
    return {
        "sources": pl.col("source").unique(maintain_order=True),
        "source_entities": _place_lists().explode().unique(maintain_order=True),
        "trace_sources": pl.col("source").first(),
    }


def _find_conflicts(several: pl.DataFrame, values: list[str]) -> pl.DataFrame:
    found = []
    for name in values:
        dtype = several.schema[name]
        if name in _NEVER_IN_CONFLICT or dtype == _LIST or name.startswith(("rel_", "mark_")):
            continue
        found.append(_conflicts_of(several, name, dtype))
    conflicts = pl.concat([frame for frame in found if frame.height] or [CONFLICTS.to_frame()])
    return pl.concat([conflicts, _repeated_keys(several, conflicts)]).sort("natural_key")


def _conflicts_of(several: pl.DataFrame, name: str, dtype: pl.DataType) -> pl.DataFrame:
    """Assets whose rows disagree about one attribute. Numbers within 1 % of each other agree."""
    same = short_name(pl.col(name)) if name == "name" else pl.col(name)
    if dtype == pl.String and name != "name":
        same = same.str.strip_chars().str.to_lowercase()
    if name == "bios_uuid":
        same = hardware_uuid(same)
    if name == "vendor":
        same = same.str.replace(_LEGAL_FORM, "")
    rows = several.select(
        "asset", "source", "place", "seen", "trust", "timed", value=pl.col(name), same=same
    ).drop_nulls("value")
    groups = rows.filter(pl.col("same").n_unique().over("asset") > 1)
    if dtype.is_numeric() and groups.height:
        spread = pl.col("value").max() - pl.col("value").min() > pl.col("value").max().abs() * 0.01
        groups = groups.filter(spread.over("asset"))
    if groups.is_empty():
        return CONFLICTS.to_frame()
    lost = pl.col("same") != pl.col("same").first()
    reason = (
        pl.when(pl.col("timed").first() & (pl.col("seen").first() > pl.col("seen").filter(lost).max()))
        .then(pl.lit("newer"))
        .when(pl.col("trust").first() < pl.col("trust").filter(lost).min())
        .then(pl.lit("more trusted source"))
        .otherwise(pl.lit("first row"))
    )
    return (
        groups.group_by("asset", maintain_order=True)
        .agg(
            winner=pl.col("value").first().cast(pl.String),
            winner_source=pl.col("source").first(),
            winner_row=pl.col("place").first(),
            losers=pl.col("value").filter(lost).unique(maintain_order=True).cast(pl.String),
            loser_rows=pl.col("place").filter(lost),
            loser_sources=pl.col("source").filter(lost),
            reason=reason,
        )
        .rename({"asset": "asset_key"})
        .with_columns(
            attribute=pl.lit(name),
            natural_key=pl.format("{}#{}", "asset_key", pl.lit(name)),
            decided_by=pl.lit("rule"),
        )
        .select(CONFLICTS.names())
    )


def _repeated_keys(several: pl.DataFrame, conflicts: pl.DataFrame) -> pl.DataFrame:
    """A key that a source repeats is a conflict even where its rows agree in all that is compared."""
    repeated = several.filter(pl.len().over("asset", "source") > 1)
    rows = conflicts.select(
        "attribute",
        asset="asset_key",
        place=pl.concat_list(pl.concat_list("winner_row"), "loser_rows"),
    ).explode("place")
    told = (
        rows.join(repeated.select("asset", "source", "place"), on=["asset", "place"])
        .group_by("asset", "source", "attribute")
        .agg(rows=pl.col("place").n_unique())
        .filter(pl.col("rows") > 1)
    )
    silent = repeated.join(told, on=["asset", "source"], how="anti", maintain_order="left")
    if silent.is_empty():
        return CONFLICTS.to_frame()
    return (
        silent.group_by("asset", maintain_order=True)
        .agg(
            winner_source=pl.col("source").first(),
            winner_row=pl.col("place").first(),
            loser_rows=pl.col("place").slice(1),
            loser_sources=pl.col("source").slice(1),
        )
        .rename({"asset": "asset_key"})
        .with_columns(
            attribute=pl.lit("(row)"),
            natural_key=pl.format("{}#(row)", "asset_key"),
            winner=pl.lit(None, pl.String),
            losers=pl.lit([], _LIST),
            reason=pl.lit("repeated key, first row"),
            decided_by=pl.lit("rule"),
        )
        .select(CONFLICTS.names())
    )


def _apply_decisions(
    conflicts: pl.DataFrame, merged: pl.DataFrame, several: pl.DataFrame, decided: Mapping[str, Choice]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """People's choices replace the rule's winner: a value of the conflict, or the source whose value is to stand.

    A choice that none of the rows bears any more leaves the rule's winner, and the reason says so.
    """
    for key in sorted(set(decided) & set(conflicts["natural_key"])):
        [conflict] = conflicts.filter(pl.col("natural_key") == key).to_dicts()
        asset, attribute = conflict["asset_key"], conflict["attribute"]
        if attribute not in several.columns:
            continue
        rows = several.filter(pl.col("asset") == asset).drop_nulls(attribute)
        text = pl.col(attribute).cast(pl.String)
        choice = decided[key]
        bearing = rows.clear() if choice.value is None else rows.filter(text == choice.value)
        if bearing.is_empty() and choice.source is not None:
            bearing = rows.filter(pl.col("source") == choice.source)
        if bearing.is_empty():
            stale = f"{conflict['reason']}; {choice.words}, chosen by a person, is no longer among the values"
            settled = conflict | {"reason": stale}
        else:
            value = bearing.select(text)[attribute][0]
            others = rows.filter(text != value)
            settled = conflict | {
                "winner": value,
                "winner_source": bearing["source"][0],
                "winner_row": bearing["place"][0],
                "losers": others.select(text)[attribute].unique(maintain_order=True).to_list(),
                "loser_rows": others["place"].to_list(),
                "loser_sources": others["source"].to_list(),
                "reason": "decided by a person",
                "decided_by": "person",
            }
            held = bearing.select(pl.col(attribute).first().alias("held")).lazy()
            chosen = pl.when(pl.col("asset") == asset).then("held").otherwise(attribute).alias(attribute)
            merged = merged.lazy().join(held, how="cross").with_columns(chosen).drop("held").collect()
        conflicts = pl.concat(
            [conflicts.filter(pl.col("natural_key") != key), pl.DataFrame([settled], schema=CONFLICTS)]
        )
    return conflicts.sort("natural_key"), merged
