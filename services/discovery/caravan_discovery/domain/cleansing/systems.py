"""Operating system and database of each row: texts in, product, version, family and architecture out."""

from collections.abc import Callable

import polars as pl

from caravan_discovery.domain.cleansing import platforms
from caravan_discovery.domain.cleansing.batch import Batch
from caravan_discovery.domain.cleansing.plan import PART
from caravan_discovery.domain.cleansing.values import Cleaned, map_distinct

PLATFORM = pl.Struct(
    {"family": pl.String, "product": pl.String, "version": pl.String, "architecture": pl.String}
)
_Parse = Callable[..., platforms.Platform | None]
SYSTEMS = ("operating_system", "os_version", "database_type", "database_version")


def compare_systems(batch: Batch, attribute: str) -> None:
    """Where two columns name different operating systems, the first wins and the other is an issue."""
    columns = batch.plan.of(attribute)
    if attribute != "operating_system" or len(columns) < 2 or batch.plan.role == PART:
        return
    first, second = batch.cell(columns[0]), batch.cell(columns[1])
    differs = (first != second).fill_null(False)
    batch.journal.raise_issue(attribute, second.filter(differs), "sources_differ", where=differs)


def name_platforms(batch: Batch) -> None:
    """Operating system and database: product, version, family and architecture from the texts as written."""
    rows = len(batch.text)
    for product, version, parse in (
        ("operating_system", "os_version", platforms.parse_operating_system),
        ("database_type", "database_version", platforms.parse_database),
    ):
        if product not in batch.done and version not in batch.done:
            continue
        empty = pl.Series([None] * rows, dtype=pl.String)
        names, versions = batch.done.get(product, empty), batch.done.get(version, empty)
        joint = pl.DataFrame({"n": names, "v": versions}).select(
            pl.when(~(pl.col("n").is_null() & pl.col("v").is_null())).then(
                pl.concat_str(pl.col("n").fill_null(""), pl.lit("\x1f"), pl.col("v").fill_null(""))
            )
        )["n"]
        parsed = map_distinct(
            joint,
            _parse_both(parse),
            PLATFORM,
            batch.caches[product],
        )
        _take_platform(batch, (product, version), names, versions, parsed)


def _parse_both(parse: _Parse) -> Callable[[str], dict[str, str | None] | None]:
    return lambda text: facts_of(parse(*text.split("\x1f")))


def facts_of(platform: platforms.Platform | None) -> dict[str, str | None] | None:
    if platform is None:
        return None
    return {key: getattr(platform, key) for key in ("family", "product", "version", "architecture")}


def _take_platform(
    batch: Batch, attributes: tuple[str, str], names: pl.Series, versions: pl.Series, parsed: pl.Series
) -> None:
    product, version = attributes
    facts = parsed.struct
    frame = pl.DataFrame(
        {
            "n": names,
            "v": versions,
            "product": facts.field("product"),
            "version": facts.field("version"),
            "family": facts.field("family"),
            "architecture": facts.field("architecture"),
        }
    )
    known = pl.col("product").is_not_null()
    out = frame.select(
        name=pl.coalesce("product", "n"),
        version=pl.when(known).then("version").otherwise("v"),
        rule=pl.when(
            known
            & (
                pl.concat_str("product", "version", separator=" ", ignore_nulls=True)
                != pl.concat_str("n", "v", separator=" ", ignore_nulls=True)
            )
        ).then(pl.lit("platform_name")),
        problem=pl.when(~known & pl.col("n").is_not_null()).then(pl.lit("unknown_platform")),
    )
    batch.done[product], batch.done[version] = out["name"], out["version"]
    old = frame.select(pl.concat_str("n", "v", separator=" | ", ignore_nulls=True).alias("old"))["old"]
    shown = out.select(pl.concat_str("name", "version", separator=" ", ignore_nulls=True).alias("new"))["new"]
    batch.journal.log(product, old, Cleaned(shown, out["rule"], out["problem"]))
    if product == "operating_system":
        batch.done["os_family"] = frame["family"]
        written = batch.done.get("cpu_architecture", pl.Series([None] * len(frame), dtype=pl.String))
        batch.done["cpu_architecture"] = pl.DataFrame({"a": written, "b": frame["architecture"]}).select(
            pl.coalesce("a", "b")
        )["a"]
