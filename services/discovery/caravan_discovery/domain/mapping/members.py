"""Tables that say which machines belong to which application: what names machines there is a reference, no machine.

A list of applications with a column `Server` describes applications; a table of nothing but applications and servers
describes pairs. Taken as a list of machines, either would count each of them a second time.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import polars as pl

from caravan_discovery.domain.mapping.columns import ColumnMapping
from caravan_discovery.domain.mapping.context import OF_APPLICATIONS, OF_MACHINES
from caravan_discovery.domain.mapping.headers import words_of
from caravan_discovery.domain.mapping.vocabulary import concepts_of

APPLICATION, SERVER = "relation:application", "relation:server"
NAMES = ("name", "hostname", "fqdn")
SEPARATORS = r"[,;|/\n\r]+"
_BELIEVED = 0.7
_SURE, _LIKELY = 0.9, 0.86
# How many of a column's machines must be machines of other tables.
_KNOWN = 0.5
# What else than its machine's name a row of a pair may say.
_BESIDE_PAIRS = frozenset((*NAMES, "application_name", "description", "external_ids", "tags"))
_ABOUT_MACHINES = OF_MACHINES | {
    "bios_uuid",
    "virtualization_type",
    "virtualization_platform",
    "disks",
    "boot_type",
}
_MACHINE_WORDS = frozenset(("machine", "host"))


@dataclass(frozen=True)
class Candidate:
    """A table that may be one. `single`: no application stands in two rows. `columns` may name the machines."""

    application: ColumnMapping
    columns: Sequence[tuple[ColumnMapping, pl.Series]]
    attributes: frozenset[str]
    single: bool

    def tokens(self) -> set[str]:
        """Every name in those columns, as `machines_named` gives them."""
        return {token for _, values in self.columns for token in machines_named(values)}


def machines_named(cells: pl.Series) -> list[str]:
    """The different names in cells that may each list several, as `short_name` gives them."""
    parts = cells.cast(pl.String).str.replace_all(SEPARATORS, "|").str.split("|").explode()
    names = parts.to_frame("name").select(short_name(pl.col("name"))).to_series().drop_nulls()
    return names.unique(maintain_order=True).to_list()


def short_name(name: pl.Expr) -> pl.Expr:
    """A name as it is compared here: `WEB01.corp.example (old)` is `web01`; a blank one is null."""
    bare = name.str.replace(r"\s*\([^)]*\)\s*$", "").str.strip_chars().str.to_lowercase()
    short = bare.str.extract(r"^([a-z0-9_-]*[a-z_-][a-z0-9_-]*)\.[a-z0-9.-]+$")
    found = pl.coalesce(short, bare)
    return pl.when(found != "").then(found)


def find_candidate(
    columns: Sequence[tuple[ColumnMapping, pl.Series]], once: Collection[int]
) -> Candidate | None:
    """The table as a candidate, or null. Only what the rules detected: what was said or learned stands.

    `once`: indexes of the columns in which no value stands twice.
    """
    told = [(each, values) for each, values in columns if each.attribute is not None]
    attributes = frozenset(str(each.attribute) for each, _ in told)
    applications = [each for each, _ in told if each.attribute == "application_name"]
    if len(applications) != 1 or attributes & _ABOUT_MACHINES or SERVER in attributes:
        return None
    application = applications[0]
    naming = [
        (each, values)
        for each, values in columns
        if (each.attribute in NAMES and each.detected) or (each.attribute is None and _says_machines(each))
    ]
    if not naming or application.confidence < _BELIEVED:
        return None
    return Candidate(application, naming, attributes, single=application.index in once)


def _says_machines(mapping: ColumnMapping) -> bool:
    """A column of no attribute, kept by the rules, whose header speaks of machines: `Server list`, `VMs`."""
    return mapping.method == "none" and bool(concepts_of(words_of(mapping.column)[0]) & _MACHINE_WORDS)


def as_references(candidate: Candidate, known: Collection[str]) -> list[ColumnMapping]:
    """The columns that change. `known`: which of the candidate's tokens are machines of other tables."""
    shares = [(_share(values, known), each, values) for each, values in candidate.columns]
    share, best, values = max(shares, key=lambda each: each[0])
    listed = _lists_several(values)
    # Whose owner is told beside both? That of what is named first; a row that lists machines is none of them.
    lists_applications = (candidate.single or bool(candidate.attributes & OF_APPLICATIONS)) and (
        listed or candidate.application.index < best.index
    )
    if share >= _KNOWN:
        why, sure = f"{share:.0%} of the machines it names are rows of other tables", _SURE
    elif listed and lists_applications and best.attribute is not None:
        why, sure = "its cells list several machines each", _LIKELY
    else:
        return []
    if lists_applications:
        return [_as(best, SERVER, f"{best.evidence}; the rows are applications, and {why}", sure)]
    if candidate.attributes - _BESIDE_PAIRS:
        return []
    pair = "the table pairs applications with machines"
    return [
        _as(best, SERVER, f"{best.evidence}; {pair}, and {why}", sure),
        _as(candidate.application, APPLICATION, f"{candidate.application.evidence}; {pair}", sure),
    ]


def _share(values: pl.Series, known: Collection[str]) -> float:
    named = machines_named(values)
    return sum(1 for name in named if name in known) / len(named) if named else 0.0


def _lists_several(values: pl.Series) -> bool:
    """Whether a cell names several machines: a separator, and single words with letters around it."""
    word = r"[\w.()-]*\p{L}[\w.()-]*"
    several = rf"^\s*{word}(?:\s*[,;|\n\r]+\s*{word})+\s*[,;|]?\s*$"
    return bool(values.cast(pl.String).str.contains(several).any())


def _as(mapping: ColumnMapping, relation: str, evidence: str, confidence: float) -> ColumnMapping:
    method = mapping.method if mapping.detected else "profile"
    return replace(
        mapping, attribute=relation, unit="text", factor=None, combine=None, confidence=confidence, method=method,
        evidence=evidence, candidates=(),
    )  # fmt: skip
