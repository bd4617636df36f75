"""Machines of different sources that are one: by identifiers that are unique in each source, never by short name."""

from dataclasses import dataclass

import polars as pl

from caravan_discovery.domain.inventory.weighing import PAIRS

TRUST = (
    "rvtools",
    "nutanix_ahv",
    "aws_application_discovery",
    "azure_migrate",
    "azure_migrate_import",
    "google_vminfo",
    "servicenow",
    "netbox",
    "mpa",
    "cmf_intake",
    "generic",
    "konveyor",
)


@dataclass(frozen=True)
class Identity:
    """`joined`: entity → asset, only entities that are not their own asset.

    `refused`: matches that would put two entities of one source together. `doubtful`: pairs that an identifier
    joins and more speaks against. Both have the columns of weighing.PAIRS. `shared`: see find_shared.
    """

    joined: pl.DataFrame
    refused: pl.DataFrame
    doubtful: pl.DataFrame
    shared: pl.DataFrame

    def doubtful_assets(self) -> pl.DataFrame:
        """`doubtful` by the keys of the assets that the entities belong to."""
        assets = dict(self.joined.iter_rows())
        return self.doubtful.with_columns(pl.col("left", "right").replace(assets))


def find_shared(identifiers: pl.DataFrame) -> pl.DataFrame:
    """kind, source, value, entities: identifiers that several machines of one source carry; they join nothing."""
    strong = identifiers.filter(~pl.col("kind").is_in(["hardware_uuid", "name_address", "application_name"]))
    counts = strong.group_by("kind", "source", "value", maintain_order=True).agg(
        pl.col("entity").unique().sort()
    )
    return (
        counts.filter(pl.col("entity").list.len() > 1)
        .rename({"entity": "entities"})
        .sort("kind", "source", "value")
    )


def match_sources(identifiers: pl.DataFrame) -> pl.DataFrame:
    """left, right, kind, value, left_source, right_source: pairs of entities of different sources that an identifier
    names, unique in each."""
    if identifiers["source"].n_unique() < 2:
        identifiers = identifiers.clear()
    unique = identifiers.filter(pl.len().over("kind", "source", "value") == 1)
    several = unique.filter(pl.len().over("kind", "value") > 1).sort("kind", "value", "source", "entity")
    numbered = several.with_columns(nth=pl.int_range(pl.len()).over("kind", "value"))
    ends = numbered.select("kind", "value", "nth", left="entity", left_source="source").join(
        numbered.select("kind", "value", right="entity", right_source="source", other="nth"),
        on=["kind", "value"],
        maintain_order="left_right",
    )
    return ends.filter(pl.col("nth") < pl.col("other")).drop("nth", "other")


def join_sources(
    identifiers: pl.DataFrame,
    weighed: pl.DataFrame,
    answers: dict[tuple[str, str], bool],
    index: pl.DataFrame,
) -> Identity:
    """One asset per group of matching entities of different sources. `index`: entity, source of all rows.

    `weighed` are the pairs of `match_sources` with what speaks for and against them, the surest first. `answers`
    are people's: a pair is the same, or is not. A match that would put two entities of one source together is
    refused, not made; one with more against it than for it is left to a person.
    """
    said = {frozenset(pair): same for pair, same in answers.items()}
    people = pl.DataFrame(
        [(*pair, ["person"], [], True) for pair, same in sorted(answers.items()) if same],
        schema=PAIRS,
        orient="row",
    )
    ends = pl.concat([people, weighed])
    matched = pl.concat([ends["left"], ends["right"]]).implode()
    sources = dict(
        index.filter(pl.col("entity").is_in(matched)).select("entity", "source").unique().iter_rows()
    )
    groups = _Groups(sources)
    refused, unsure = [], []
    for at, (left, right, _, _, sure) in enumerate(ends.iter_rows()):
        answer = said.get(frozenset((left, right)))
        if answer is False:
            continue
        if not sure and answer is None:
            unsure.append(at)
        elif not groups.join(left, right):
            refused.append(at)
    doubtful = []
    for at in unsure:
        left, right = ends["left"][at], ends["right"][at]
        if groups.could_join(left, right):
            doubtful.append(at)
        elif not groups.are_one(left, right):
            refused.append(at)
    joined = pl.DataFrame(groups.joined(), schema={"entity": pl.String, "asset": pl.String}, orient="row")
    return Identity(joined, ends[refused], ends[doubtful], find_shared(identifiers))


class _Groups:
    """Sets of entities that are one asset, at most one entity of each source in a set."""

    def __init__(self, sources: dict[str, str]) -> None:
        self._source = sources
        self._group: dict[str, list[str]] = {}

    def join(self, left: str, right: str) -> bool:
        """Whether the two are one asset now."""
        if self.are_one(left, right):
            return True
        if not self.could_join(left, right):
            return False
        a, b = self._of(left), self._of(right)
        a.extend(b)
        for entity in b:
            self._group[entity] = a
        return True

    def are_one(self, left: str, right: str) -> bool:
        return self._of(left) is self._of(right)

    def could_join(self, left: str, right: str) -> bool:
        """Whether they are two, and of no source both have an entity."""
        if self.are_one(left, right):
            return False
        sources = [self._source.get(entity, "") for entity in (*self._of(left), *self._of(right))]
        return len(set(sources)) == len(sources)

    def _of(self, entity: str) -> list[str]:
        return self._group.setdefault(entity, [entity])

    def joined(self) -> list[tuple[str, str]]:
        """Every entity that bears another's name: the most trusted source's."""
        result = []
        for entity, group in sorted(self._group.items()):
            asset = min(
                group, key=lambda member: (trust_of(self._source.get(member, "").split(":")[0]), member)
            )
            if asset != entity:
                result.append((entity, asset))
        return result


def trust_of(source_format: str) -> int:
    """Rank of a format where sources disagree and none is known to be newer: lower is trusted more."""
    return TRUST.index(source_format) if source_format in TRUST else TRUST.index("generic")
