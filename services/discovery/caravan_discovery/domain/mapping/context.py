"""What the other columns of a table say about one: whose a generic word is, which of two claims holds."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from caravan_discovery.domain.attributes import BY_NAME
from caravan_discovery.domain.mapping.columns import (
    THRESHOLD,
    Candidate,
    Column,
    ColumnMapping,
    agree,
    doubted,
    kept_custom,
    numbers,
    withdrawn,
)
from caravan_discovery.domain.mapping.headers import words_of
from caravan_discovery.domain.mapping.vocabulary import concepts_of, vocabulary

# A generic word is believed beside so many other attributes that are surely of an asset.
_TELLING, _SURELY = 2, 0.85
# Claims whose confidence differs by less are equal.
_EQUAL = 0.03
_REPEATED = 0.9
# A mapping below this is a guess that says nothing of other columns.
_BELIEVED = 0.76
_PROPOSED = 0.75
_OF_PARTS = ("storage_gb", "storage_used_gb", "memory_gb")
_NAMES = ("name", "hostname", "fqdn")
# A column that names the rows stands among the first.
_NAME_WITHIN = 4
OF_MACHINES = frozenset(
    ("operating_system", "os_version", "cpu_cores", "cpu_sockets", "memory_gb", "storage_gb", "ip_addresses",
     "mac_addresses", "serial_number", "hardware_model", "cpu_avg_percent", "cpu_max_percent", "power_state")
)  # fmt: skip
OF_APPLICATIONS = frozenset(
    ("business_owner", "business_criticality", "user_count", "pii", "application_type", "data_classification",
     "annual_cost", "technology_stack", "lifecycle", "treatment", "vendor", "business_unit")
)  # fmt: skip
# A header of these words alone counts CPUs, whatever is meant by one.
_CPUS = frozenset(("cpu", "processor", "count", "number", "physical", "total"))
_KINDS = ("application", "database", "machine")
PER_SOCKET = "multiply:cpu_sockets"


def seen_together(mappings: Sequence[ColumnMapping], columns: Mapping[int, Column]) -> list[ColumnMapping]:
    """The mappings of one table in the light of each other. `columns` by index."""
    told = _sizes_told_apart(_sockets_told_apart(mappings, columns))
    told = _names_told_apart(_hosts_told_apart(told, columns), columns)
    told = _name_proposed(_references_told_apart(_generic_words_doubted(told)), columns)
    return _rivals_doubted(_parts_doubted(told, columns), columns)


def _sockets_told_apart(
    mappings: Sequence[ColumnMapping], columns: Mapping[int, Column]
) -> list[ColumnMapping]:
    """`CPUs` beside a count of cores, or cores per CPU, counts sockets; beside a total, cores per CPU is no column."""
    per_socket = [each for each in mappings if each.combine == PER_SOCKET and each.method == "synonym"]
    claims = [each for each in mappings if each.attribute == "cpu_cores" and each not in per_socket]
    bare = [each for each in claims if each.detected and concepts_of(words_of(each.column)[0]) <= _CPUS]
    totals = [each for each in claims if each not in bare]
    sockets = any(each.attribute == "cpu_sockets" for each in mappings)
    changed: dict[int, ColumnMapping] = {}
    if len(bare) == 1 and not sockets and (totals or per_socket):
        changed[bare[0].index] = _as_sockets(bare[0], totals, columns)
        sockets = changed[bare[0].index].attribute == "cpu_sockets"
    if sockets and any(changed.get(each.index, each).attribute == "cpu_cores" for each in claims):
        changed |= {each.index: kept_custom(each, "the table has the total of cores") for each in per_socket}
    return [changed.get(each.index, each) for each in mappings]


def _as_sockets(
    bare: ColumnMapping, totals: Sequence[ColumnMapping], columns: Mapping[int, Column]
) -> ColumnMapping:
    why = (
        "beside cores per CPU it counts sockets"
        if not totals
        else "beside a count of cores it counts sockets"
    )
    as_sockets = replace(bare, attribute="cpu_sockets", evidence=f"{bare.evidence}; {why}")
    if not totals:
        return as_sockets
    cpus, cores = numbers(columns[bare.index]), numbers(columns[totals[0].index])
    if cpus is None or cores is None or (cores - cpus).drop_nulls().is_empty():
        return doubted(as_sockets, "no value shows it")
    least = (cores - cpus).min()
    if isinstance(least, float) and least < 0:
        return bare
    more = ((cores - cpus) > 0).any()
    return as_sockets if more else doubted(as_sockets, "the counts are equal")


def _hosts_told_apart(
    mappings: Sequence[ColumnMapping], columns: Mapping[int, Column]
) -> list[ColumnMapping]:
    """`Host` is the machine itself, unless another column names it: then it is what the machine runs on."""
    hosts = [each for each in mappings if each.matched == "host" and each.attribute == "name"]
    named = any(
        each.attribute in _NAMES and each.matched != "host" and each.confidence >= _BELIEVED
        for each in mappings
    )
    changed = {}
    for host in hosts:
        profile = columns[host.index].profile
        if not named:
            once = profile.distinct >= _REPEATED * profile.known
            changed[host.index] = (
                host if once else doubted(host, "its values repeat: it may be what things run on")
            )
            continue
        evidence = f"{host.evidence}; another column names the machine, so it is what it runs on"
        relation = replace(host, attribute="relation:host", unit="text", factor=None, evidence=evidence)
        repeated = 0 < profile.distinct < profile.known
        changed[host.index] = relation if repeated else doubted(relation, "no value occurs twice")
    return [changed.get(each.index, each) for each in mappings]


def _sizes_told_apart(mappings: Sequence[ColumnMapping]) -> list[ColumnMapping]:
    """A bare `Size` beside a column of memory, and none of disks, is the size of the disks; never surely."""
    sizes = [each for each in mappings if each.attribute == "memory_gb" and each.method == "profile"]
    memory = any(each.attribute == "memory_gb" and each not in sizes for each in mappings)
    disks = any(each.attribute == "storage_gb" for each in mappings)
    if len(sizes) != 1 or not memory or disks:
        return list(mappings)
    why = f"{sizes[0].evidence}; another column is the memory"
    return [
        replace(each, attribute="storage_gb", confidence=_PROPOSED, evidence=why)
        if each is sizes[0]
        else each
        for each in mappings
    ]


def _names_told_apart(
    mappings: Sequence[ColumnMapping], columns: Mapping[int, Column]
) -> list[ColumnMapping]:
    """Host names that repeat beside a column that names each row may be of what the rows run on."""
    single = any(each.attribute in _NAMES and _names_each_row(columns[each.index]) for each in mappings)
    if not single:
        return list(mappings)
    return [
        doubted(each, "its values repeat, and another column names each row")
        if each.attribute in ("hostname", "fqdn") and not _names_each_row(columns[each.index])
        else each
        for each in mappings
    ]


def _generic_words_doubted(mappings: Sequence[ColumnMapping]) -> list[ColumnMapping]:
    """`Name`, `Owner`, `Vendor` say what, but not whose: of an asset only beside columns that tell of one."""
    telling = {
        each.attribute
        for each in mappings
        if each.attribute is not None
        and not each.attribute.startswith("relation:")
        and (each.method in ("format", "learned") or (each.confidence >= _SURELY and not _generic(each)))
    }
    if len(telling) >= _TELLING:
        return list(mappings)
    return [
        doubted(each, "nothing else tells that the table is one of assets") if _generic(each) else each
        for each in mappings
    ]


def _generic(mapping: ColumnMapping) -> bool:
    known = vocabulary()
    return mapping.matched in known.generic or frozenset(mapping.matched.split()) in known.generic_bags


def _references_told_apart(mappings: Sequence[ColumnMapping]) -> list[ColumnMapping]:
    """Identifiers of several kinds of things: the row is one of them at most; with no name beside, a mere link."""
    kinds = {
        each.index: kind
        for each in mappings
        if each.attribute == "external_ids"
        for kind in _KINDS
        if kind in concepts_of(each.matched or words_of(each.column)[0])
    }
    if len(set(kinds.values())) < 2:
        return list(mappings)
    own = next(iter(kinds.values()))
    if not any(each.attribute in (*_NAMES, "application_name") for each in mappings):
        return [doubted(each, "the table links one thing with another") for each in mappings]
    return [
        doubted(each, f"the rows are identified as {own}: this may refer to another thing")
        if kinds.get(each.index, own) != own
        else each
        for each in mappings
    ]


def _name_proposed(mappings: Sequence[ColumnMapping], columns: Mapping[int, Column]) -> list[ColumnMapping]:
    """Something names the rows: where no header clearly does, the likeliest column without repeats is proposed.

    That is one whose header may say so; else, in a table of assets, one of the first columns that no header
    explains and whose values look like names.
    """
    if any(each.attribute in (*_NAMES, "application_name") for each in mappings):
        return list(mappings)
    single = [each for each in mappings if each.attribute is None and _names_each_row(columns[each.index])]
    hinted = [
        (candidate.score, -each.index, each, candidate)
        for each in single
        for candidate in each.candidates
        if candidate.attribute == "name"
    ]
    if hinted:
        _, _, best, candidate = max(hinted, key=lambda each: each[:2])
        return [_as_name(each, candidate) if each is best else each for each in mappings]
    told = [each.attribute for each in mappings if each.attribute and each.confidence >= THRESHOLD]
    first = next((each for each in single if each.index < _NAME_WITHIN and not each.candidates), None)
    if first is None or len(set(told)) < _TELLING + 1:
        return list(mappings)
    of_applications = sum(each in OF_APPLICATIONS for each in told) > sum(
        each in OF_MACHINES for each in told
    )
    attribute = "application_name" if of_applications else "name"
    candidate = Candidate(attribute, _PROPOSED, "profile", "each value looks like a name")
    return [_as_name(each, candidate) if each is first else each for each in mappings]


def _names_each_row(column: Column) -> bool:
    """Whether no value stands twice, and the values could be names."""
    profile = column.profile
    return profile.distinct == profile.known > 0 and not profile.share("number", "date", "uuid", "email")


def _as_name(mapping: ColumnMapping, candidate: Candidate) -> ColumnMapping:
    why = f"{candidate.evidence}; no other column names the rows, and no two values are alike"
    others = tuple(each for each in mapping.candidates if each is not candidate)
    return replace(
        mapping,
        attribute=candidate.attribute,
        confidence=_PROPOSED,
        method=candidate.method,
        evidence=why,
        candidates=(replace(candidate, score=_PROPOSED, evidence=why), *others),
    )


def _parts_doubted(mappings: Sequence[ColumnMapping], columns: Mapping[int, Column]) -> list[ColumnMapping]:
    """Where a machine has several rows, sizes are those of its parts."""
    names = [columns[each.index].profile for each in mappings if each.attribute in _NAMES]
    if not any(0 < profile.distinct < _REPEATED * profile.known for profile in names):
        return list(mappings)
    return [
        doubted(each, "machines have several rows: it may be the size of a part")
        if each.attribute in _OF_PARTS
        else each
        for each in mappings
    ]


def _rivals_doubted(mappings: Sequence[ColumnMapping], columns: Mapping[int, Column]) -> list[ColumnMapping]:
    """Two columns that claim one attribute of one value and differ: the weaker is doubted, of equals both."""
    claims: defaultdict[str, list[ColumnMapping]] = defaultdict(list)
    for each in mappings:
        known = BY_NAME.get(each.attribute or "")
        if known is not None and not known.dtype.startswith("List") and each.combine is None:
            claims[known.name].append(each)
    changed: dict[int, ColumnMapping] = {}
    for rivals in claims.values():
        if len(rivals) < 2:
            continue
        ranked = sorted(rivals, key=lambda each: (-each.confidence, each.index))
        best = ranked[0]
        for rival in ranked[1:]:
            if agree(columns[best.index], columns[rival.index]):
                continue
            why = "{} claims it too, with other values"
            unsure = rival.detected and rival.confidence < THRESHOLD <= best.confidence
            cast = withdrawn if unsure else doubted
            changed[rival.index] = cast(rival, why.format(repr(best.column)))
            if best.confidence - rival.confidence < _EQUAL:
                changed[best.index] = doubted(best, why.format(repr(rival.column)))
    return [changed.get(each.index, each) for each in mappings]
