"""By what rows of different sources became one asset: each identifier that joined two of them, or a person's word."""

from collections.abc import Mapping

import polars as pl

from caravan_discovery.domain.inventory.identifiers import IDENTIFIERS
from caravan_discovery.domain.inventory.identity import Identity
from caravan_discovery.domain.inventory.lookalikes import question_key
from caravan_discovery.domain.parts import table_schema

PERSON = "person"
IDENTITIES = table_schema(
    {
        "asset_key": pl.String,
        "left": pl.String,
        "left_source": pl.String,
        "right": pl.String,
        "right_source": pl.String,
        "kind": pl.String,
        "value": pl.String,
    }
)
_ENDS = ("left", "right")
# Sorted as numbers: a million texts would take their time.
_KINDS = pl.Enum([PERSON, *IDENTIFIERS])


def tell_joins(
    pairs: pl.DataFrame,
    weighed: pl.DataFrame,
    answers: Mapping[tuple[str, str], bool],
    identity: Identity,
    index: pl.DataFrame,
) -> pl.DataFrame:
    """IDENTITIES by asset, people's word first, then the strongest identifier; arguments as of `join_sources`.

    `pairs`: see match_sources. `value` is the identifier in the form in which it was compared; of a person's word the
    key of the question that was answered. Left out are pairs that an identifier names and that did not make one
    asset: refused, denied by a person, or with more against them than for them.
    """
    told = pairs.join(_made_nothing(weighed, answers, identity), on=_ENDS, how="anti", maintain_order="left")
    rows = pl.concat([_people(answers, identity, index), told.select(IDENTITIES.names()[1:])])
    if rows.is_empty():
        return IDENTITIES.to_frame()
    assets = identity.joined.rename({"entity": "left", "asset": "asset_key"})
    return (
        rows.with_columns(pl.col("kind").cast(_KINDS))
        .join(assets, on="left", how="left", maintain_order="left")
        .with_columns(pl.coalesce("asset_key", "left").alias("asset_key"))
        .sort("asset_key", "kind", maintain_order=True)
        .select(IDENTITIES.names())
    )


def _made_nothing(
    weighed: pl.DataFrame, answers: Mapping[tuple[str, str], bool], identity: Identity
) -> pl.DataFrame:
    """left, right: few beside all that join."""
    denied = [pair for ends, same in answers.items() if not same for pair in (ends, ends[::-1])]
    unsure = weighed.filter(~pl.col("sure")).select(_ENDS)
    return pl.concat([unsure, identity.refused.select(_ENDS), _as_ends(denied)])


def _people(answers: Mapping[tuple[str, str], bool], identity: Identity, index: pl.DataFrame) -> pl.DataFrame:
    """Answers that joined two; none about an asset that the files no longer hold."""
    said = _as_ends(sorted(pair for pair, same in answers.items() if same))
    known = index.filter(pl.col("entity").is_in(pl.concat([said["left"], said["right"]]).implode()))
    sources = known.select("entity", source=pl.col("source").cast(pl.String)).unique()
    rows = said.join(identity.refused, on=_ENDS, how="anti", maintain_order="left")
    for side in _ENDS:
        own = sources.rename({"entity": side, "source": f"{side}_source"})
        rows = rows.join(own, on=side, how="inner", maintain_order="left")
    return rows.select(
        "left",
        "left_source",
        "right",
        "right_source",
        kind=pl.lit(PERSON),
        value=pl.format(question_key("{}", "{}"), "left", "right"),
    )


def _as_ends(pairs: list[tuple[str, str]]) -> pl.DataFrame:
    return pl.DataFrame(pairs, schema=dict.fromkeys(_ENDS, pl.String), orient="row")
