"""What is missing for later decisions, and references that resolve to nothing; with suggestions, never a guess."""

import re
from collections.abc import Iterable

import polars as pl
from rapidfuzz import fuzz, process

from caravan_discovery.domain.cleansing.plan import OTHER
from caravan_discovery.domain.inventory.classify import NEEDED, NEEDED_OF_APPLICATIONS, NEEDED_OF_DATABASES
from caravan_discovery.domain.parts import Parts, conform, table_schema
from caravan_discovery.domain.places import place_in_words

GAPS = table_schema(
    {
        "natural_key": pl.String,
        "kind": pl.String,
        "subject": pl.String,
        "attributes": pl.List(pl.String),
        "message": pl.String,
        "severity": pl.String,
        "count": pl.Int64,
        "suggestions": pl.List(pl.String),
        "places": pl.List(pl.String),
        "assumed_cpu_cores": pl.Int64,
    }
)
MISSING, UNUSED_SHEET = "missing_attribute", "unused_sheet"
# Rows kept per gap, of which the message names the first few.
MOST_PLACES, _NAMED_PLACES = 20, 3
# References that get suggestions: each is compared with every name there is.
MOST_SUGGESTED = 200
_NO_TEXTS = pl.lit([], pl.List(pl.String))
# Where more than half of all assets of a kind lack something, the estate lacks it: one gap, not thousands.
COMMON = 0.5
_ADDRESS = re.compile(r"^\d{1,3}(\.\d{1,3}){3}(:\d+)?$")
_KINDS = {
    "machine": ("server", "virtual_machine"),
    "application": ("application",),
    "database": ("database",),
}
_NEEDED = {"machine": NEEDED, "application": NEEDED_OF_APPLICATIONS, "database": NEEDED_OF_DATABASES}


def find_missing_attributes(assets: Parts) -> pl.DataFrame:
    """A gap per attribute that most assets of a kind lack; else one per asset with what it lacks.

    `assets`: natural_key, asset_type, is_target and the needed attributes that any source has.
    """
    found = [GAPS.to_frame()]
    for kind in _KINDS:
        names = _NEEDED[kind]
        counts = assets.scan().filter(_of_kind(kind)).select(pl.len(), pl.col(*names).null_count())
        [rows, *lacking] = counts.collect(engine="streaming").row(0)
        if not rows:
            continue
        common = {name: count for name, count in zip(names, lacking, strict=True) if count > COMMON * rows}
        found.append(_common_gaps(kind, common, rows))
        rare = [name for name, count in zip(names, lacking, strict=True) if count > 0 and name not in common]
        read = ("natural_key", "asset_type", "is_target", *rare)
        found += [_single_gaps(part.filter(_of_kind(kind)), rare) for part in assets.batches(read) if rare]
    return pl.concat(found)


def _of_kind(kind: str) -> pl.Expr:
    mine = pl.col("asset_type").is_in(_KINDS[kind])
    return mine & pl.col("is_target") if kind == "machine" else mine


def _common_gaps(kind: str, lacking: dict[str, int], rows: int) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "natural_key": f"missing:{kind}:{name}",
                "kind": MISSING,
                "subject": kind,
                "attributes": [name],
                "message": f"{name} is unknown for {count} of {rows} ({kind}).",
                "severity": "medium",
                "count": count,
                "suggestions": [],
                "places": [],
            }
            for name, count in lacking.items()
        ],
        schema=GAPS,
    )


def _single_gaps(rows: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    if not names:
        return GAPS.to_frame()
    missing = pl.concat_list(
        pl.when(pl.col(name).is_null()).then(pl.lit(name)) for name in names
    ).list.drop_nulls()
    found = (
        rows.filter(pl.any_horizontal(pl.col(name).is_null() for name in names))
        .select("natural_key", attributes=missing)
        .select(
            natural_key=pl.format("missing:{}", "natural_key"),
            kind=pl.lit(MISSING),
            subject="natural_key",
            attributes="attributes",
            message=pl.format("Unknown: {}.", pl.col("attributes").list.join(", ")),
            severity=pl.lit("low"),
            count=pl.lit(1, pl.Int64),
            suggestions=_NO_TEXTS,
            places=_NO_TEXTS,
        )
    )
    return conform(found, GAPS)


def report_unresolved(unresolved: pl.DataFrame, keys: pl.DataFrame) -> pl.DataFrame:
    """A gap per reference that names no asset. `unresolved`: what, value, source, places, count."""
    known = {
        (source, kind): Suggestions(references)
        for source, kind, references in keys.group_by("source", "kind").agg("reference").iter_rows()
    }
    merged = unresolved.group_by("what", "value", "source", maintain_order=True).agg(
        pl.col("places").explode().head(MOST_PLACES), pl.col("count").sum()
    )
    nothing = Suggestions([])
    return pl.DataFrame(
        [
            {
                "natural_key": f"unresolved:{source}:{what}:{value}",
                "kind": "unresolved_reference",
                "subject": value,
                "attributes": [],
                "message": f"{what} {value}, named in {describe_places(places, count)}, is no {what} of this source.",
                "severity": "medium",
                "count": count,
                "suggestions": known.get((source, what), nothing).of(value),
                "places": places,
            }
            for what, value, source, places, count in merged.iter_rows()
        ],
        schema=GAPS,
    )


def describe_places(places: list[str], count: int) -> str:
    """The first places in words; `count` is how many rows there are in all."""
    shown = [place_in_words(place) for place in places[:_NAMED_PLACES]]
    return "; ".join(shown) + (f" and {count - len(shown)} more rows" if count > len(shown) else "")


class Suggestions:
    """What a reference that names nothing may mean, out of the names there are; never taken without a person."""

    def __init__(
        self, names: Iterable[str | None], aliases: Iterable[tuple[str | None, str | None]] = ()
    ) -> None:
        """`aliases`: (what an asset is also called, its name here)."""
        self._names = sorted({name for name in names if name})
        self._aliases = {alias.casefold(): name for alias, name in aliases if alias and name}
        self._left = MOST_SUGGESTED

    def of(self, reference: str, limit: int = 3) -> list[str]:
        """The names that look most like it, best first. An address looks like nothing."""
        if self._left == 0 or _ADDRESS.match(reference):
            return []
        self._left -= 1
        found = process.extract(reference, self._names, scorer=fuzz.WRatio, limit=limit, score_cutoff=70)
        matches = [self._aliases.get(reference.casefold()), *(match for match, _, _ in found)]
        return list(dict.fromkeys(match for match in matches if match))[:limit]


def report_dangling(dangling: pl.DataFrame) -> pl.DataFrame:
    """A gap per machine that only other tabs name. `dangling`: entity, tabs."""
    found = dangling.select(
        natural_key=pl.format("dangling:{}", "entity"),
        kind=pl.lit("dangling_row"),
        subject=pl.col("entity"),
        attributes=_NO_TEXTS,
        message=pl.format(
            "Named by {}, but the machine itself is not listed.", pl.col("tabs").list.join(", ")
        ),
        severity=pl.lit("medium"),
        count=pl.col("tabs").list.len().cast(pl.Int64),
        suggestions=_NO_TEXTS,
        places=_NO_TEXTS,
    )
    return conform(found, GAPS)


def report_unused_sheets(clean: pl.LazyFrame) -> pl.DataFrame:
    """A gap per table of no known format whose rows say of nothing what they are about: nothing came of them."""
    sheets = (
        clean.filter(pl.col("format") == "generic")
        .group_by("file", "sheet")
        .agg(count=pl.len().cast(pl.Int64), used=(pl.col("role") != OTHER).any())
        .filter(~pl.col("used"))
        .collect(engine="streaming")
        .sort("file", "sheet")
    )
    sentence = (
        "{} rows of {} were taken in, but no column says which machine, application or relation they are about, "
        "so nothing came of them: say what its columns mean, as with `caravan mapping set`."
    )
    place = pl.when(pl.col("sheet") == "").then("file").otherwise(pl.format("{}, {}", "file", "sheet"))
    found = sheets.select(
        natural_key=pl.format("unused:{}#{}", "file", "sheet"),
        kind=pl.lit(UNUSED_SHEET),
        subject=place,
        attributes=_NO_TEXTS,
        message=pl.format(sentence, "count", place),
        severity=pl.lit("high"),
        count="count",
        suggestions=_NO_TEXTS,
        places=_NO_TEXTS,
    )
    return conform(found, GAPS)
