"""From the columns of one table to what each means, with the alternatives a judge may choose among."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from caravan_discovery.domain.attributes import BY_NAME, MAPPABLE
from caravan_discovery.domain.mapping.columns import (
    THRESHOLD,
    Candidate,
    Column,
    ColumnMapping,
    by_index,
    doubted,
)
from caravan_discovery.domain.mapping.context import PER_SOCKET, seen_together
from caravan_discovery.domain.mapping.formats import Kind, header_key
from caravan_discovery.domain.mapping.headers import (
    GUESSED,
    MORE_SAID,
    ONE_OF_TWO,
    HeaderMatch,
    common_prefix,
    is_flow_table,
    match_header,
    match_with_table,
    readings,
    words_of,
)
from caravan_discovery.domain.mapping.values import CONTRADICTED, bears_out, suggest, tell_apart, weigh
from caravan_discovery.domain.units import default_unit, factor_to_canonical, unit_named

__all__ = ["CUSTOM", "THRESHOLD", "Candidate", "Column", "ColumnMapping", "choose", "map_table"]

# What a client has taught of a header that means nothing canonical.
CUSTOM = "custom"
# Candidates below this are not worth a question; those below the second are offered, not recommended.
WORTH_ASKING, RECOMMENDED = 0.5, 0.72
# A header of which only part is understood, when its values could hardly be anything else.
MORE_BORNE_OUT = 0.75
_PER_SOCKET = frozenset(
    ("cores per socket", "cores per cpu", "num cores per cpu", "cores p s", "cores per processor", "kerne pro cpu",
     "kerne pro sockel", "number of cores per cpu", "number of cores per socket")
)  # fmt: skip
# Shares of several processors may add up, but not to this.
_LARGEST_SHARE = 1_000.0
_SHARES = ("cpu_avg_percent", "cpu_max_percent", "memory_avg_percent", "memory_max_percent")


def map_table(
    columns: Sequence[Column], kind: Kind | None, learned: Mapping[str, str], title: str = ""
) -> list[ColumnMapping]:
    """Meanings of all columns of a table. `learned`: attribute by header words, as this client confirmed.

    `title` is the name of the sheet or file: what a bare `Size` is the size of.
    """
    headers = [column.name for column in columns]
    flows = kind is None and is_flow_table(headers)
    prefix = common_prefix(headers) if kind is None else ""
    twins = Counter(map(header_key, headers))
    mappings = [
        _by_format(column, kind, rival=twins[header_key(column.name)] > 1)
        or _by_learning(column, learned)
        or _by_detection(column, kind, flows=flows, prefix=prefix, title=title)
        for column in columns
    ]
    known = by_index(columns)
    together = _combined(seen_together(mappings, known))
    return [_with_unit(mapping, known[mapping.index]) for mapping in together]


def choose(
    mapping: ColumnMapping,
    attribute: str | None,
    confidence: float,
    method: str,
    why: str,
    stated_unit: str | None = None,
) -> ColumnMapping:
    """The mapping as a judge or a person decided it. Raises ValueError for no canonical attribute.

    A stated unit that does not fit the attribute is left aside, and the evidence says so.
    """
    if attribute is not None and attribute not in MAPPABLE and not attribute.startswith("relation:"):
        raise ValueError(f"{attribute!r} is no canonical attribute")
    same = attribute == mapping.attribute
    unit = mapping.unit if same or attribute is None else _unit_for(mapping, attribute)
    if stated_unit and attribute is not None:
        meant = unit_named(attribute, stated_unit)
        if meant is None:
            why += f"; {stated_unit} is no unit of it"
        else:
            unit = meant
    return replace(
        mapping,
        attribute=attribute,
        unit=unit,
        factor=factor_to_canonical(attribute, unit) if attribute else None,
        combine=mapping.combine if same else None,
        confidence=confidence,
        method=method,
        evidence=why,
    )


def _unit_for(mapping: ColumnMapping, attribute: str) -> str:
    named = next(
        (each.unit for each in mapping.candidates if each.attribute == attribute and each.unit), None
    )
    stated = named or words_of(mapping.column)[1]
    return (
        stated if stated and factor_to_canonical(attribute, stated) is not None else default_unit(attribute)
    )


def _by_format(column: Column, kind: Kind | None, *, rival: bool) -> ColumnMapping | None:
    if kind is None:
        return None
    meaning = kind.meaning(column.name)
    if meaning is None or (rival and column.name.strip() not in kind.spellings):
        if kind.open_to_detection:
            return None
        evidence = f"no column of {kind.title} {kind.name}: a custom attribute of the customer"
        return ColumnMapping(column.index, column.name, None, "text", None, None, 0.9, "none", evidence)
    evidence = f"column of {kind.title} {kind.name}"
    if meaning.attribute is None:
        evidence += " without a canonical attribute"
    return ColumnMapping(
        column.index, column.name, meaning.attribute, meaning.unit, meaning.factor, meaning.combine,
        0.99, "format", evidence,
    )  # fmt: skip


def _by_learning(column: Column, learned: Mapping[str, str]) -> ColumnMapping | None:
    words, unit = words_of(column.name)
    attribute = learned.get(words)
    if attribute == CUSTOM:
        evidence = "kept as custom before by this client"
        return ColumnMapping(column.index, column.name, None, "text", None, None, 0.97, "learned", evidence)
    if attribute is None or (attribute not in MAPPABLE and not attribute.startswith("relation:")):
        return None
    candidate = Candidate(attribute, 0.97, "learned", "confirmed before by this client", unit)
    return _from_candidates(column, [candidate])


def _by_detection(
    column: Column, kind: Kind | None, *, flows: bool, prefix: str, title: str
) -> ColumnMapping:
    if words_of(column.name)[0] in _PER_SOCKET:
        per_socket = Candidate("cpu_cores", 0.9, "synonym", "cores of one socket")
        return replace(_from_candidates(column, [per_socket]), combine=PER_SOCKET)
    candidates: dict[str, Candidate] = {}
    match = match_header(column.name, in_flow_table=flows, prefix=prefix)
    told = tell_apart(readings(column.name), column.profile, words_of(column.name)[1])
    if (told is None or told[1] < THRESHOLD) and (match is None or match.score < ONE_OF_TWO):
        titled = match_with_table(column.name, title)
        match, told = (titled, None) if titled is not None else (match, told)
    if match is not None and match.attribute.startswith("relation:") and kind is not None:
        match = None
    if match is not None:
        candidates[match.attribute] = _weighed(match, column)
    if told is not None:
        candidates[told[0]] = Candidate(told[0], told[1], "profile", told[2], words_of(column.name)[1])
    for attribute, score, evidence in suggest(column.profile):
        if attribute not in candidates or candidates[attribute].score < score:
            candidates[attribute] = Candidate(attribute, score, "profile", evidence)
    mapping = _from_candidates(column, list(candidates.values()))
    if match is None or mapping.attribute != match.attribute:
        return mapping
    mapping = replace(mapping, matched=match.matched)
    guessed = match.method == "fuzzy" or match.score <= GUESSED
    if guessed and not bears_out(match.attribute, column.profile):
        return doubted(mapping, "the values do not bear it out")
    return mapping


def _weighed(match: HeaderMatch, column: Column) -> Candidate:
    score, reason = weigh(match.attribute, match.score, column.profile)
    if match.attribute in _SHARES and column.maximum is not None and column.maximum > _LARGEST_SHARE:
        score, reason = score * CONTRADICTED, f"but its largest value is {column.maximum:g}"
    if match.score == MORE_SAID and bears_out(match.attribute, column.profile, strongly=True):
        evidence = f"header says {match.matched!r} and more, {reason}"
        return Candidate(match.attribute, MORE_BORNE_OUT, match.method, evidence, match.unit)
    if match.score < THRESHOLD:
        score = min(score, match.score)
    verb = "reads" if match.method == "synonym" else "resembles"
    evidence = f"header {verb} {match.matched!r}" + (f", {reason}" if reason else "")
    return Candidate(match.attribute, round(score, 4), match.method, evidence, match.unit)


def _from_candidates(column: Column, candidates: Sequence[Candidate]) -> ColumnMapping:
    worthy = sorted(
        (candidate for candidate in candidates if candidate.score >= WORTH_ASKING),
        key=lambda candidate: (-candidate.score, candidate.attribute),
    )
    if not worthy:
        return ColumnMapping(
            column.index,
            column.name,
            None,
            "text",
            None,
            None,
            0.0,
            "none",
            "nothing speaks for an attribute",
        )
    best = worthy[0]
    if best.score < RECOMMENDED:
        evidence = f"kept as custom; perhaps {best.attribute}: {best.evidence}"
        doubt = round(1 - best.score, 4)
        return ColumnMapping(
            column.index, column.name, None, "text", None, None, doubt, "none", evidence, tuple(worthy)
        )
    unit = best.unit if best.unit and factor_to_canonical(best.attribute, best.unit) is not None else None
    unit = unit or default_unit(best.attribute)
    return ColumnMapping(
        column.index, column.name, best.attribute, unit, factor_to_canonical(best.attribute, unit), None,
        round(best.score, 4), best.method, best.evidence, tuple(worthy),
    )  # fmt: skip


def _combined(mappings: Sequence[ColumnMapping]) -> list[ColumnMapping]:
    """Columns that say the same attribute: lists are joined, of others the surest filled one wins."""
    rivals: dict[str, list[ColumnMapping]] = {}
    for mapping in mappings:
        if mapping.attribute is not None and not mapping.attribute.startswith("relation:"):
            rivals.setdefault(mapping.attribute, []).append(mapping)
    rules: dict[int, str] = {}
    for attribute, same in rivals.items():
        if BY_NAME[attribute].dtype.startswith("List"):
            rules |= {each.index: "list" for each in same if each.combine is None}
        elif len(same) > 1 and all(each.combine is None for each in same):
            ranked = sorted(same, key=lambda each: (-each.confidence, each.index))
            rules |= {each.index: f"prefer:{rank}" for rank, each in enumerate(ranked, start=1)}
    return [replace(each, combine=rules.get(each.index, each.combine)) for each in mappings]


def _with_unit(mapping: ColumnMapping, column: Column) -> ColumnMapping:
    """Units that only the values tell: fraction or percent, and MiB or GiB where the header names none."""
    if mapping.unit == "fraction_or_percent" or (
        mapping.attribute in _SHARES and mapping.unit == "percent" and mapping.combine is None
    ):
        fraction = column.maximum is not None and 0 < column.maximum <= 1
        unit = "fraction" if fraction else "percent"
        note = f"; largest value {column.maximum:g}: a {unit}" if column.maximum is not None else ""
        return replace(
            mapping, unit=unit, factor=100.0 if fraction else 1.0, evidence=mapping.evidence + note
        )
    if mapping.method in ("format", "none") or mapping.attribute is None:
        return mapping
    assumed = _assumed_unit(mapping, column)
    if assumed is None:
        return mapping
    return replace(
        mapping,
        unit=assumed,
        factor=factor_to_canonical(mapping.attribute, assumed),
        evidence=f"{mapping.evidence}; no unit named, taken as {assumed} by the size of the values",
    )


# Plain numbers with a median from here on are taken as the smaller unit.
_SMALLER_UNIT = {
    "memory_gb": (1024.0, "MiB"),
    "storage_gb": (20_000.0, "MiB"),
    "storage_used_gb": (20_000.0, "MiB"),
    "database_size_gb": (20_000.0, "MiB"),
}


def _assumed_unit(mapping: ColumnMapping, column: Column) -> str | None:
    stated = words_of(mapping.column)[1]
    median, attribute = column.profile.median, mapping.attribute
    if median is None or attribute is None or stated is not None or column.profile.share("size") > 0.5:
        return None
    if attribute in _SMALLER_UNIT:
        least, unit = _SMALLER_UNIT[attribute]
        return unit if median >= least else "GiB"
    if attribute == "cpu_speed_mhz":
        return "GHz" if median < 20 else "MHz"
    if attribute in ("rto_minutes", "rpo_minutes"):
        return "hours"
    return None
