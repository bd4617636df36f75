"""The lists behind headers: synonyms by attribute, and the words and phrases that say the same."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import takewhile
from typing import Any

import yaml

_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
# A compound is split into known words of at least this length; a shorter part is hardly a word of its own.
_SHORTEST_PART = 3
_SHORTEST_ABBREVIATION = 3
# How many of the headers with one bag of words must mean the same.
_MOST = 2 / 3
# Words this short are part of a compound all the same.
_SHORT_PARTS = frozenset(("bs", "db", "dc", "hw", "ip", "nm", "nr", "os", "rz", "vm"))
_ENDINGS = ("es", "er", "en", "em", "e", "n", "s")
_SHORTEST_STEM = 4
_VOWELS = frozenset("aeiouy")
_LINKS = ("", "s", "n", "en", "es")


@dataclass(frozen=True)
class Vocabulary:
    """Attribute by synonym (`bags`: by what its words mean, in any order); `squashed`: synonyms without blanks.

    `flows` counts only in tables of flows, `generic` words only beside columns that tell of assets, `unsure`
    ones never by themselves. `qualifiers` say whose column it is, not what; concepts that are `neutral` leave a
    meaning as it is, `changing` ones make another thing of it.
    """

    attributes: Mapping[str, str]
    squashed: Mapping[str, str]
    bags: Mapping[frozenset[str], str]
    concepts: frozenset[str]
    flows: Mapping[str, str]
    ambiguous: Mapping[str, Mapping[str, str]]
    ambiguous_bags: Mapping[frozenset[str], Mapping[str, str]]
    qualifiers: frozenset[str]
    concept_qualifiers: frozenset[str]
    generic: frozenset[str]
    generic_bags: frozenset[frozenset[str]]
    unsure: frozenset[str]
    unsure_bags: frozenset[frozenset[str]]
    neutral: frozenset[str]
    changing: frozenset[str]


@dataclass(frozen=True)
class _Words:
    """`concepts` by word; `spelled`: words of synonyms that stand for themselves."""

    phrases: tuple[tuple[re.Pattern[str], str], ...]
    concepts: Mapping[str, tuple[str, ...]]
    spelled: frozenset[str]
    stopwords: frozenset[str]


@cache
def vocabulary() -> Vocabulary:
    """The synonym list; a word under two attributes is an error of the list."""
    document = _document("synonyms.yaml")
    attributes = _inverted(document["attributes"])
    qualifiers = frozenset(document["qualifiers"])
    concept_qualifiers = frozenset(concept for word in qualifiers for concept in concepts_of(word))
    meant, disputed = _bags(attributes)
    bags = {bag: attribute for bag, attribute in meant.items() if not bag <= concept_qualifiers}
    return Vocabulary(
        attributes,
        {word.replace(" ", ""): word for word in attributes},
        bags,
        frozenset(concept for bag in bags for concept in bag),
        _inverted(document["flows"]),
        document["ambiguous"],
        {concepts_of(words): meanings for words, meanings in document["ambiguous"].items()},
        qualifiers,
        concept_qualifiers,
        frozenset(document["generic"]),
        frozenset(concepts_of(word) for word in document["generic"]),
        frozenset(document["unsure"]),
        disputed.union(concepts_of(word) for word in document["unsure"]),
        _concepts_listed("neutral"),
        _concepts_listed("changing"),
    )


def _concepts_listed(name: str) -> frozenset[str]:
    return frozenset(concept for word in _document("words.yaml")[name] for concept in concepts_of(word))


@cache
def concepts_of(words: str) -> frozenset[str]:
    """What the words of a header mean, in no order: `anzahl der cpu kerne` → {count, cpu, core}."""
    known = _words()
    text = plain(words)
    for pattern, concept in known.phrases:
        text = pattern.sub(f" {concept} ", text)
    found = [_concepts(word) for word in text.split() if word not in known.stopwords]
    bag = frozenset(concept for concepts in found for concept in concepts)
    # A processor counts sockets, unless its cores are named.
    return bag - {"processor"} | {"cpu"} if {"processor", "core"} <= bag else bag


@cache
def head_of(words: str) -> str | None:
    """What the last word is about: of a compound its last part, as `datenbankserver` is a server."""
    found = _concepts(plain(words).rpartition(" ")[2])
    return found[-1] if found else None


@cache
def is_spelled_out(words: str) -> bool:
    """Whether every word is known, none only guessed from an abbreviation."""
    known = _words()
    said = plain(words).split()
    return all(_split(word) or _inflected(word) or word in known.stopwords for word in said)


def plain(words: str) -> str:
    """Without umlauts, as half of all exports write German."""
    return words.casefold().translate(_UMLAUTS)


def _concepts(word: str) -> tuple[str, ...]:
    found = _split(word)
    if found == (word,) and word not in _words().concepts:
        found = _inflected(word) or found
    return found or _inflected(word) or _abbreviated(word) or (word,)


@cache
def _split(word: str) -> tuple[str, ...]:
    """The concepts of a known word, or of the known words it is a compound of; empty: neither."""
    known = _words()
    if word in known.concepts:
        return known.concepts[word]
    for cut in range(len(word) - 2, 1, -1):
        if any(len(part) < _SHORTEST_PART and part not in _SHORT_PARTS for part in (word[:cut], word[cut:])):
            continue
        first = _unlinked(word[:cut])
        rest = _split(word[cut:]) if first else ()
        if first and rest:
            return (*first, *rest)
    return (word,) if word in known.spelled else ()


def _unlinked(head: str) -> tuple[str, ...]:
    """The first part of a compound, without the letters that link it to the next: `anwendungs` is `anwendung`."""
    known = _words()
    bare = [head.removesuffix(link) for link in _LINKS if head.endswith(link)]
    found = next((known.concepts[part] for part in bare if part in known.concepts), ())
    return found or next(((part,) for part in bare if part in known.spelled), ())


@cache
def _inflected(word: str) -> tuple[str, ...]:
    """The concepts of a known word with an ending: `zustaendiges`, `servers`."""
    stems = (word.removesuffix(ending) for ending in _ENDINGS if word.endswith(ending))
    return next((found for stem in stems if len(stem) >= _SHORTEST_STEM and (found := _split(stem))), ())


@cache
def _abbreviated(word: str) -> tuple[str, ...]:
    """What all words begin to mean that a word may stand for; nothing where they mean different things.

    Those are the words that begin with it (`umgeb.`), else those it is the consonants of (`srvr`).
    """
    if len(word) < _SHORTEST_ABBREVIATION or not word.isalpha():
        return ()
    known = _words()
    every = known.concepts.keys() | known.spelled
    return _meant_by(each for each in every if each.startswith(word)) or (
        _meant_by(each for each in every if _is_skeleton(word, each)) if not _VOWELS & set(word) else ()
    )


def _meant_by(words: Iterable[str]) -> tuple[str, ...]:
    """The concepts that the meanings of all the words begin with."""
    agreed = takewhile(
        lambda concepts: len({*concepts}) == 1, zip(*(_split(word) for word in words), strict=False)
    )
    return tuple(concepts[0] for concepts in agreed)


def _is_skeleton(consonants: str, word: str) -> bool:
    """Whether a word was shortened to some of its consonants, the first and the last among them."""
    if len(word) < len(consonants) + 2 or (word[0], word[-1]) != (consonants[0], consonants[-1]):
        return False
    left = iter(word)
    return all(letter in left for letter in consonants)


@cache
def _words() -> _Words:
    document = _document("words.yaml")
    phrases = [(phrase, concept) for concept, said in document["phrases"].items() for phrase in said]
    phrases.sort(key=lambda each: -len(each[0]))
    synonyms = {plain(word) for word in _inverted(_document("synonyms.yaml")["attributes"])}
    stopwords = frozenset(document["stopwords"])
    concepts = {word: tuple(meaning.split()) for word, meaning in _inverted(document["words"]).items()}
    concepts |= {concept: (concept,) for each in [*concepts.values()] for concept in each}
    concepts |= {concept: (concept,) for concept in document["phrases"]}
    return _Words(
        tuple((re.compile(rf"\b{phrase}\b"), concept) for phrase, concept in phrases),
        concepts,
        frozenset(word for synonym in synonyms for word in synonym.split() if len(word) > 1) - stopwords,
        stopwords,
    )


def _bags(attributes: Mapping[str, str]) -> tuple[dict[frozenset[str], str], frozenset[frozenset[str]]]:
    """Attribute by bag, and the bags that only most of its headers agree on: those are never sure.

    A bag that several attributes share more evenly says nothing and is left out.
    """
    meant: dict[frozenset[str], Counter[str]] = {}
    for word, attribute in attributes.items():
        meant.setdefault(concepts_of(word), Counter())[attribute] += 1
    bags: dict[frozenset[str], str] = {}
    unsure: set[frozenset[str]] = set()
    for bag, counted in meant.items():
        attribute, most = counted.most_common(1)[0]
        if bag and most >= _MOST * counted.total():
            bags[bag] = attribute
            unsure |= {bag} if len(counted) > 1 else set()
    return bags, frozenset(unsure)


def _document(name: str) -> dict[str, Any]:
    text = (resources.files("caravan_discovery.domain.mapping") / name).read_text("utf-8")
    document: dict[str, Any] = yaml.safe_load(text)
    return document


def _inverted(groups: Mapping[str, Iterable[str]]) -> dict[str, str]:
    inverted: dict[str, str] = {}
    for attribute, words in groups.items():
        for word in words:
            if inverted.setdefault(word, attribute) != attribute:
                raise ValueError(f"synonym {word!r} stands under {inverted[word]} and {attribute}")
    return inverted
