"""Machines of different sources that may be one: asked of a person, never joined by itself."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations

import polars as pl
from rapidfuzz import fuzz

from caravan_common.contracts import Question, QuestionOption
from caravan_discovery.domain.inventory.classify import TARGET_TYPES
from caravan_discovery.domain.inventory.identifiers import loose_name, short_name

# A person can answer so many; the rest become issues.
MOST = 200
SAME, DIFFERENT = "same", "different"
PAIRS = pl.Schema({"left": pl.String, "right": pl.String, "name": pl.String, "why": pl.String})
# Names this much alike, in percent, within a block of equal numbers and beginnings; blocks beyond are too common.
_ALIKE, _LARGEST_BLOCK = 90, 40
_KINDS = {
    "bios_uuid": "BIOS uuid",
    "hardware_uuid": "BIOS uuid",
    "serial_number": "serial number",
    "fqdn": "full name",
    "mac": "MAC address",
    "name_address": "name and address",
}


def find_lookalikes(machines: pl.LazyFrame, doubtful: pl.DataFrame) -> pl.DataFrame:
    """PAIRS of assets: those of `doubtful`, then those of like names that are unique in each of their sources.

    `machines`: natural_key, name, sources, asset_type. `doubtful`: left, right (natural keys), kinds, against.
    """
    first = machines.select(pl.col("sources").list.first()).unique().collect(engine="streaming")
    if first.height < 2:
        return PAIRS.to_frame()
    named = (
        machines.filter(pl.col("asset_type").is_in(TARGET_TYPES))
        .select(
            "natural_key", "sources", name=short_name(pl.col("name")), source=pl.col("sources").list.first()
        )
        .collect()
    )
    equal = _equal_names(named)
    alone = named.filter(pl.col("sources").list.len() == 1).join(
        pl.concat([equal.select(natural_key="left"), equal.select(natural_key="right")]),
        on="natural_key",
        how="anti",
        maintain_order="left",
    )
    found = pl.concat([_describe(doubtful, named), equal, _like_names(alone)])
    return found.unique(["left", "right"], keep="first", maintain_order=True)


def _describe(doubtful: pl.DataFrame, named: pl.DataFrame) -> pl.DataFrame:
    """What an identifier joins and more speaks against, in words."""
    kinds = pl.col("kinds").list.eval(pl.element().replace(_KINDS)).list.unique(maintain_order=True)
    names = named.select(left="natural_key", name="name")
    return (
        doubtful.join(names, on="left", how="inner", maintain_order="left")
        .join(named.select(right="natural_key"), on="right", how="semi", maintain_order="left")
        .select(
            "left",
            "right",
            "name",
            why=pl.format("same {}, other {}", kinds.list.join(", "), pl.col("against").list.join(", ")),
        )
    )


def _equal_names(named: pl.DataFrame) -> pl.DataFrame:
    twice = named.drop_nulls("name").filter(pl.col("name").is_duplicated())
    unique = twice.filter(pl.len().over("source", "name") == 1)
    groups = unique.filter(pl.col("source").n_unique().over("name") > 1).sort("name", "natural_key")
    pairs = groups.group_by("name", maintain_order=True).agg(
        left=pl.col("natural_key").first(), right=pl.col("natural_key").slice(1)
    )
    return pairs.explode("right").select("left", "right", "name", why=pl.lit("same name"))


def _like_names(alone: pl.DataFrame) -> pl.DataFrame:
    """Names spelt nearly alike, of machines that one source alone knows: the same number, the same beginning."""
    loose = alone.select("natural_key", "source", "name", loose=loose_name(pl.col("name")))
    blocks = (
        loose.drop_nulls("loose")
        .filter(pl.len().over("source", "loose") == 1)
        .with_columns(start=pl.col("loose").str.slice(0, 2), number=pl.col("loose").str.extract(r"(\d*)$", 1))
        .sort("loose", "natural_key")
        .group_by("start", "number", maintain_order=True)
        .agg("natural_key", "source", "name", "loose", sources=pl.col("source").n_unique())
        .filter((pl.col("sources") > 1) & pl.col("loose").list.len().is_between(2, _LARGEST_BLOCK))
    )
    rows = [
        pair
        for _, _, keys, sources, names, loose_names, _ in blocks.iter_rows()
        for pair in _like_pairs(list(zip(keys, sources, names, loose_names, strict=True)))
    ]
    return pl.DataFrame(rows, schema=PAIRS, orient="row")


def _like_pairs(members: list[tuple[str, str, str, str]]) -> Iterator[tuple[str, str, str, str]]:
    """Pairs that are each other's only likeness: a name like many others says nothing."""
    found: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    for (key, source, name, loose), (other, its_source, its_name, its_loose) in combinations(members, 2):
        if source != its_source and fuzz.ratio(loose, its_loose) >= _ALIKE:
            found[key].append((other, name, its_name))
            found[other].append((key, its_name, name))
    for key, likes in found.items():
        other, name, its_name = likes[0]
        if len(likes) == 1 and len(found[other]) == 1 and key < other:
            yield key, other, name, f"the other is {its_name}"


def ask(pairs: pl.DataFrame, answered: set[tuple[str, str]]) -> list[Question]:
    """A question per pair not yet answered, at most MOST of them; the rules say: different."""
    options = (
        QuestionOption(id=DIFFERENT, label="Two machines", score=0.6),
        QuestionOption(id=SAME, label="One machine", score=0.4),
    )
    return [
        Question(
            key=question_key(left, right),
            subject=left,
            text=f"Two sources name a machine {name} ({why}). Is it the same one?",
            options=options,
            recommendation=DIFFERENT,
            facts={"left": left, "right": right, "name": name, "why": why},
            blocking=False,
        )
        for left, right, name, why in pairs.head(MOST).iter_rows()
        if (left, right) not in answered
    ]


def question_key(left: str, right: str) -> str:
    return f"same|{left}|{right}"


def read_answer(subject: str) -> tuple[str, str] | None:
    """The pair a question's key is about."""
    word, _, rest = subject.partition("|")
    left, _, right = rest.partition("|")
    return (left, right) if word == "same" and left and right else None
