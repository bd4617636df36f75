"""What a header says by itself: synonyms word for word, the same words put otherwise, and with typing errors."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from rapidfuzz import fuzz, process

from caravan_discovery.domain.mapping.kinds import kind_of_all
from caravan_discovery.domain.mapping.vocabulary import concepts_of, head_of, is_spelled_out, vocabulary
from caravan_discovery.domain.units import factor_to_canonical, is_number, split_unit

EXACT, SAME_WORDS, UNQUALIFIED, GUESSED = 0.95, 0.9, 0.88, 0.83
# One of several things that a header names, and a header that says more than is understood of it.
ONE_OF_TWO, MORE_LIKELY, MORE_SAID = 0.78, 0.74, 0.6
# Below this likeness two headers are different words, not the same one mistyped.
_LEAST_LIKENESS = 86.0
_LEAST_LIKENESS_OF_A_WORD = 80.0
_OTHER_WORDS, _MISFIT = 0.6, 0.5
_SHORTEST_FUZZY = 5
_CURRENCY = re.compile(r"(?i)[(\[]?\s*(?:\b(?:eur|usd|gbp|chf|euro|dollars?)\b|[€$£])\s*[)\]]?\s*$")
_REMARK = re.compile(r"\s*[(\[][^)\]]*[)\]]\s*$")
_PLURAL = re.compile(r"\((?:n|s|en|es|e|r|in|innen)\)", re.IGNORECASE)
_INSIDE = re.compile(r"\bin ([kmgt]i?b)\b")
# `OS & Version` are two things in one cell, not the version of the system.
_BOTH = re.compile(r"\s[&+]\s|\s(?:and|und|inkl\.?|incl\.?|including|with|mit)\s", re.IGNORECASE)
_RATES = {"KiB": "KB/s", "MiB": "MB/s", "GiB": "GB/s"}
# Headers of these concepts alone ask whether a machine is virtual, where the values answer.
_FLAGGED = frozenset(("virtual", "physical"))
_FLAGS = {"physical": "virtualization_type", "yes_no": "virtualization_type"}
# A header may list what its cells say: `Prod/Test`, `on/off`.
_CHOICES = {
    "environment": "environment",
    "origin": "application_type",
    "physical": "virtualization_type",
    "power": "power_state",
    "boot": "boot_type",
}
_MEASURED = (
    (("Mbit/s", "kbit/s", "Gbit/s"), "throughput"),
    (("MHz", "GHz"), "speed"),
    (("percent",), "usage"),
    (("MiB", "GiB", "TiB", "KiB"), "size"),
)
# How much of a table's headers must begin with a word before that is a mark of the table.
_PREFIXED, _FEWEST_PREFIXED = 0.8, 4


@dataclass(frozen=True)
class HeaderMatch:
    """`score` 0..1; `method` synonym or fuzzy; `matched` the synonym; `unit` as the header names it."""

    attribute: str
    score: float
    method: str
    matched: str
    unit: str | None


@cache
def words_of(header: str) -> tuple[str, str | None]:
    """`RAM.TotalSizeInMB` → (`ram total size`, `MiB`): lower case, camel case split, no unit, no punctuation."""
    text = re.sub(r"(?i)\b([kmg])bit/s", lambda rate: f"{rate[1].lower()}bps", header)
    text = re.sub(r"([KMGT])iB(?![a-z])", lambda size: f" {size[1].lower()}ib", _PLURAL.sub("", text))
    text = re.sub(r"(?<=[a-zäöü0-9])(?=[A-Z][a-zäöü])|(?<=[a-zäöü])(?=[A-Z])", " ", text)
    text = re.sub(r"['’]s\b", "", _CURRENCY.sub("", text))
    text = re.sub(r"(?i)(?<=[a-z ])pct ?dec\b", " ", text)
    text = re.sub(r"(?<=[A-Za-z]{3})0$", "", text)
    text = re.sub(r"[_.\-/:;#*,?'\"]+|\s+", " ", text).strip().casefold()
    text, unit = split_unit(text)
    text = re.sub(r"[^\w%äöüß ]+", " ", text)
    text, second = split_unit(" ".join(text.split()))
    return " ".join(text.split()), unit or second


def match_header(header: str, *, in_flow_table: bool = False, prefix: str = "") -> HeaderMatch | None:
    """The best reading of one header, or null. `prefix`: words that mark all headers of the table."""
    several = _match_shorter(header) if _BOTH.search(header) else None
    whole = several or _counted(header, _match(header, in_flow_table=in_flow_table))
    if whole is not None and whole.score >= ONE_OF_TWO:
        return whole
    others = [_match_shorter(header), _of_money(header)]
    if prefix:
        others.append(_match_words(words_of(header)[0].removeprefix(prefix).strip(), words_of(header)[1]))
    return max(
        (each for each in (whole, *others) if each is not None), key=lambda each: each.score, default=None
    )


def _of_money(header: str) -> HeaderMatch | None:
    """A header with a currency tells of a cost, whatever for: `annual support (EUR)`."""
    if _CURRENCY.search(header) is None:
        return None
    return _saying_more(f"{words_of(header)[0]} cost")


def match_with_table(header: str, title: str) -> HeaderMatch | None:
    """A header read together with the name of its table: `Size` in `Databases`; never above the threshold."""
    words, unit = words_of(header)
    said, known = concepts_of(words), vocabulary()
    about = sorted(each for each in concepts_of(words_of(title)[0]) & known.concepts if len(each) > 1)
    for bag in (said | {*about}, *(said | {each} for each in about)):
        if said and bag != said and bag in known.bags:
            found = HeaderMatch(known.bags[bag], ONE_OF_TWO, "synonym", " ".join(sorted(bag)), unit)
            return _fitted(found)
    return None


def common_prefix(headers: Sequence[str]) -> str:
    """The first word that nearly all headers of a table share (`CI - Name`, `u_name`), or nothing."""
    first = Counter(words_of(header)[0].partition(" ")[0] for header in headers if header)
    word, count = first.most_common(1)[0] if first else ("", 0)
    return word if count >= _FEWEST_PREFIXED and count >= _PREFIXED * len(headers) else ""


def readings(header: str) -> Mapping[str, str]:
    """What an ambiguous header may mean, by what its values look like; empty for any other header.

    A flag such as `VM is virtual` is one whatever else its words may name: only its values can tell.
    """
    known, words = vocabulary(), words_of(header)[0]
    said = concepts_of(words)
    if said & _FLAGGED and said <= _FLAGGED | {"machine", "or"}:
        return _FLAGS
    return known.ambiguous.get(words) or known.ambiguous_bags.get(said, {})


def _counted(header: str, match: HeaderMatch | None) -> HeaderMatch | None:
    """`# VMs` is a number of machines, not their names."""
    if match is None or not header.lstrip().startswith("#") or is_number(match.attribute):
        return match
    return replace(match, score=min(match.score, _MISFIT))


@cache
def _match(header: str, *, in_flow_table: bool) -> HeaderMatch | None:
    words, unit = words_of(header)
    known = vocabulary()
    if in_flow_table and words in known.flows:
        return HeaderMatch(known.flows[words], EXACT, "synonym", words, unit)
    if words in known.ambiguous:
        return None
    return _match_words(words, unit)


@cache
def _match_words(words: str, unit: str | None) -> HeaderMatch | None:
    if not words or words in vocabulary().ambiguous:
        return None
    unit = unit or _unit_within(words)
    words = " ".join(_INSIDE.sub(" ", words).split())
    found = (
        _spelled(words)
        or _unqualified(words)
        or _said_otherwise(words)
        or _mistyped(words)
        or _saying_more(words)
    )
    fitted = _fitted(replace(found, unit=unit)) if found is not None else None
    if fitted is not None and fitted.score > _MISFIT:
        return fitted
    measured = _said_by_unit(words, unit)
    return _fitted(replace(measured, unit=unit)) if measured is not None else fitted


def _spelled(words: str) -> HeaderMatch | None:
    known = vocabulary()
    synonym = words if words in known.attributes else known.squashed.get(words.replace(" ", ""))
    if synonym is None:
        return None
    score = ONE_OF_TWO if synonym in known.unsure else EXACT
    return HeaderMatch(known.attributes[synonym], score, "synonym", synonym, None)


def _unqualified(words: str) -> HeaderMatch | None:
    """Qualifiers go one after the other from the front, so that `u asset tag` stays an asset's tag."""
    known, rest = vocabulary(), words.split()
    while len(rest) > 1 and rest[0] in known.qualifiers:
        rest = rest[1:]
        found = _spelled(" ".join(rest))
        if found is not None:
            return replace(found, score=min(found.score, UNQUALIFIED))
    if _names_machines(words):
        return None
    bare = " ".join(word for word in words.split() if word not in known.qualifiers)
    found = _spelled(bare) if bare and bare != words else None
    return replace(found, score=min(found.score, UNQUALIFIED)) if found is not None else None


def _said_otherwise(words: str) -> HeaderMatch | None:
    """The same words in another order, language, spelling or abbreviation; then without qualifiers."""
    known, said = vocabulary(), concepts_of(words)
    score = SAME_WORDS if is_spelled_out(words) else GUESSED
    bare = said if _names_machines(words) else said - known.concept_qualifiers
    barest = bare if _names_machines(words) else bare - known.neutral
    for bag, most in ((said, SAME_WORDS), (bare, score - 0.02), (barest, GUESSED)):
        if bag in known.bags and not ("name" in said - bag and is_number(known.bags[bag])):
            score = min(score, most, ONE_OF_TWO if bag in known.unsure_bags else EXACT)
            return HeaderMatch(known.bags[bag], score, "synonym", " ".join(sorted(bag)), None)
    alone = {known.bags.get(concepts_of(word)) for word in words.split()}
    if len(words.split()) > 1 and len(alone) == 1 and None not in alone:
        return HeaderMatch(str(alone.pop()), GUESSED, "synonym", words, None)
    return None


def _said_by_unit(words: str, unit: str | None) -> HeaderMatch | None:
    """A header whose unit says what is measured of it: `Net (Mbit/s)` is a throughput, `CPU (GHz)` a speed."""
    measured = next((noun for units, noun in _MEASURED if unit in units), None)
    bag = concepts_of(words) - vocabulary().neutral | {measured} if measured else frozenset()
    attribute = vocabulary().bags.get(bag)
    return HeaderMatch(attribute, GUESSED, "synonym", " ".join(sorted(bag)), None) if attribute else None


def _names_machines(words: str) -> bool:
    """The last noun is what it is about: a `dns server` is a server, a `server dns` a name."""
    return head_of(words) == "machine"


def _mistyped(words: str) -> HeaderMatch | None:
    if len(words) < _SHORTEST_FUZZY:
        return None
    known = vocabulary().attributes
    found = process.extractOne(words, known.keys(), scorer=fuzz.ratio, score_cutoff=_LEAST_LIKENESS)
    if found is None or len(found[0]) < _SHORTEST_FUZZY:
        return None
    score = found[1] / 100 * 0.9
    if not _same_words_mistyped(words, found[0]):
        score = min(score, _OTHER_WORDS)
    return HeaderMatch(known[found[0]], round(score, 4), "fuzzy", found[0], None)


def _same_words_mistyped(words: str, synonym: str) -> bool:
    """`opperating system` is `operating system`; `bios version` is not `os version`."""
    mine, theirs = words.split(), synonym.split()
    return len(mine) == len(theirs) and all(
        fuzz.ratio(one, other) >= _LEAST_LIKENESS_OF_A_WORD for one, other in zip(mine, theirs, strict=True)
    )


def _saying_more(words: str) -> HeaderMatch | None:
    """A header that holds a synonym beside other words: likely where these change nothing, else worth an offer.

    Of a single word it is the last that says what the column is: a `server warranty` is no server.
    """
    known, said = vocabulary(), concepts_of(words)
    telling = [word for word in words.split() if not concepts_of(word) <= known.neutral - {"machine"}]
    head = concepts_of(telling[-1]) if telling else said
    held = [bag for bag in known.bags if bag < said and (len(bag) > 1 or bag <= head)]
    if not held:
        return None
    scored = ((_said_beside(said - bag, bag, head), len(bag), sorted(bag), bag) for bag in held)
    score, _, _, bag = max(scored, key=lambda each: each[:3])
    return HeaderMatch(known.bags[bag], score, "fuzzy", " ".join(sorted(bag)), None)


def _said_beside(rest: frozenset[str], bag: frozenset[str], head: frozenset[str]) -> float:
    """How far a meaning is believed when these concepts stand beside the ones it was known by."""
    known = vocabulary()
    if rest <= known.neutral:
        return ONE_OF_TWO
    if rest & known.changing:
        return MORE_SAID
    if rest & known.concepts and not head <= bag:
        return MORE_SAID
    return MORE_LIKELY


@cache
def _match_shorter(header: str) -> HeaderMatch | None:
    """Without a remark in brackets; else what the parts around a slash agree on, or the first that is known."""
    bare = _REMARK.sub("", header)
    if bare != header and bare:
        words, unit = words_of(bare)
        found = _match_words(words, words_of(header)[1] or unit)
        if found is not None and found.score > MORE_SAID:
            return replace(found, score=round(min(found.score, EXACT) - 0.03, 4))
    parts = [
        part
        for part in re.split(
            r"\s*(?:/|\||\s[&+]\s|\b(?:oder|or|and|und|inkl|incl|including|with|mit)\b\.?)\s*", bare
        )
        if part.strip()
    ]
    if len(parts) < 2:
        return None
    kind = kind_of_all(tuple(parts))
    if kind in _CHOICES:
        return HeaderMatch(_CHOICES[kind], ONE_OF_TWO, "synonym", bare.casefold(), None)
    found_parts = [_match_words(*words_of(part)) for part in parts]
    known = [each for each in found_parts if each is not None and each.score >= ONE_OF_TWO]
    if not known:
        return None
    agreed = len(known) == len(parts) and len({each.attribute for each in known}) == 1
    return replace(known[0], score=GUESSED if agreed else ONE_OF_TWO - 0.02)


def _unit_within(words: str) -> str | None:
    """A unit in the middle: `usage pct avg`, `reads per second in kb max`."""
    inside = _INSIDE.search(words)
    if inside is not None:
        return split_unit(f"x in {inside[1]}")[1]
    return "percent" if re.search(r"\b(?:pct|percent|percentage|prozent)\b", words) else None


def _fitted(match: HeaderMatch) -> HeaderMatch:
    """`Memory Usage %` is a share, `Memory Usage MB` is not: a unit that does not fit takes the meaning away."""
    shares = {"cpu_cores": "cpu_avg_percent", "memory_gb": "memory_avg_percent"}
    if match.unit is None or match.attribute.startswith("relation:"):
        return match
    if match.unit == "percent" and match.attribute in shares:
        return replace(match, attribute=shares[match.attribute])
    if match.attribute == "network_mbps" and match.unit in _RATES:
        return replace(match, unit=_RATES[match.unit])
    if not is_number(match.attribute) or factor_to_canonical(match.attribute, match.unit) is None:
        return replace(match, score=min(match.score, _MISFIT))
    return match


def is_flow_table(headers: Sequence[str]) -> bool:
    """Whether the headers name both ends of a flow or dependency."""
    flows = vocabulary().flows
    ends = {flows.get(words_of(header)[0]) for header in headers}
    source = {"relation:source", "relation:source_address", "relation:source_application"}
    target = {"relation:target", "relation:target_address", "relation:target_application"}
    return bool(ends & source) and bool(ends & target)
