"""Ends of relations that name no asset, or one outside the scope: gaps, with suggestions for a person."""

from collections.abc import Mapping

import polars as pl

from caravan_discovery.domain.inventory.gaps import GAPS, MOST_PLACES, MOST_SUGGESTED, Suggestions

UNKNOWN_ENDPOINT, OUTSIDE_SCOPE, BLANK = "unknown_endpoint", "outside_scope", "(blank)"
ADDRESS = r"^\d{1,3}(\.\d{1,3}){3}(:\d+)?$|^[0-9a-fA-F:]*:[0-9a-fA-F:]+$"
_NAMED_PLACES = 3


def report_open_ends(relations: pl.DataFrame, suggestions: Mapping[str, Suggestions]) -> pl.DataFrame:
    """A gap per source and reference. `relations` (RELATIONS with from_key, to_key) lack an asset at one end at least.

    No name is made up: the subject is what the rows say, an address with the port that is listened on, or (blank).
    """
    ends = []
    for side in ("from", "to"):
        listener = pl.col("port").is_not_null() & pl.lit(side == "to")
        address = pl.col(f"{side}_address") + pl.when(listener).then(pl.format(":{}", "port")).otherwise(
            pl.lit("")
        )
        ends.append(
            relations.filter(pl.col(f"{side}_key").is_null()).select(
                "source", "places", "count", reference=pl.coalesce(side, address, pl.lit(BLANK))
            )
        )
    grouped = (
        pl.concat(ends)
        .group_by("source", "reference", maintain_order=True)
        .agg(places=pl.col("places").explode().head(MOST_PLACES), count=pl.col("count").sum())
        .sort("source", "reference")
    )
    relation = pl.when(pl.col("count") == 1).then(pl.lit("relation")).otherwise(pl.lit("relations"))
    sentence = "{}, named in {}, is an end of {} {} and no asset of the estate."
    return grouped.join(
        _suggest(grouped, suggestions), on=["source", "reference"], how="left", maintain_order="left"
    ).select(
        natural_key=pl.format("endpoint:{}:{}", "source", "reference"),
        kind=pl.lit(UNKNOWN_ENDPOINT),
        subject="reference",
        attributes=pl.lit([], pl.List(pl.String())),
        message=pl.format(sentence, "reference", _places_in_words(), "count", relation),
        severity=pl.lit("medium"),
        count="count",
        suggestions=pl.col("suggestions").fill_null(pl.lit([], pl.List(pl.String()))),
        places="places",
    )


def _suggest(grouped: pl.DataFrame, suggestions: Mapping[str, Suggestions]) -> pl.DataFrame:
    """source, reference, suggestions of the first MOST_SUGGESTED names of each source; addresses look like nothing."""
    named = grouped.filter(
        ~pl.col("reference").str.contains(ADDRESS), pl.col("reference") != BLANK
    ).with_columns(number=pl.int_range(pl.len()).over("source"))
    asked = named.filter(pl.col("number") < MOST_SUGGESTED).select("source", "reference")
    found = [
        suggestions[source].of(reference) if source in suggestions else []
        for source, reference in asked.iter_rows()
    ]
    return asked.with_columns(suggestions=pl.Series(found, dtype=pl.List(pl.String())))


def _places_in_words() -> pl.Expr:
    """As `describe_places` says them, for whole columns: the first three places, and how many rows more."""
    shown = pl.col("places").list.head(_NAMED_PLACES)
    words = shown.list.eval(
        pl.element()
        .str.replace(r"(?s)^(.*)##([^#]*)$", "$1, row $2")
        .str.replace(r"(?s)^(.*)#([^#]+)#([^#]*)$", "$1, $2, row $3")
    ).list.join("; ")
    rest = pl.col("count") - shown.list.len().cast(pl.Int64)
    return words + pl.when(rest > 0).then(pl.format(" and {} more rows", rest)).otherwise(pl.lit(""))


def split_scope(relations: pl.DataFrame, directory: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Relations to keep, and a gap per asset outside the scope that one inside is related to.

    `relations` have from_key and to_key; `directory`: natural_key, name, in_scope of every asset. With a scope,
    relations without an end inside it are nobody's concern.
    """
    if directory["in_scope"].all():
        return relations, GAPS.to_frame()
    inside = directory.filter("in_scope")["natural_key"].implode()
    ends = [pl.col(f"{side}_key").is_in(inside).fill_null(False) for side in ("from", "to")]
    known = pl.col("from_key").is_not_null() & pl.col("to_key").is_not_null()
    touching = relations.filter(pl.any_horizontal(ends))
    crossing = touching.filter(known, ~pl.all_horizontal(ends)).with_columns(
        outside=pl.when(pl.col("from_key").is_in(inside)).then("to_key").otherwise("from_key")
    )
    merged = crossing.group_by("outside").agg(
        places=pl.col("places").explode().unique().sort().head(MOST_PLACES), count=pl.col("count").sum()
    )
    named = merged.join(directory, left_on="outside", right_on="natural_key", how="left").sort("outside")
    beyond = named.select(
        natural_key=pl.format("outside:{}", "outside"),
        kind=pl.lit(OUTSIDE_SCOPE),
        subject="outside",
        attributes=pl.lit([], pl.List(pl.String)),
        message=pl.format("{} is outside the scope; relations that cross to it: {}.", "name", "count"),
        severity=pl.lit("medium"),
        count="count",
        suggestions=pl.lit([], pl.List(pl.String)),
        places="places",
    )
    return touching.filter(~known | pl.all_horizontal(ends)), beyond
