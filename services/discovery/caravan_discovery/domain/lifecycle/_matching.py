"""From a product and a version as written to a status on a given day. What is ambiguous is said, not guessed."""

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from caravan_discovery.domain.lifecycle._table import Cycle, LifecycleTable

_NUMBERS = re.compile(r"\d+")
WEAK_SOURCE = "the date rests on a source other than the vendor: confirm it with the vendor"
_OR_LATER = re.compile(r"\bor later\b|\+$")


class Status(StrEnum):
    UNSUPPORTED = "unsupported"
    ENDING = "ending_12_months"
    SUPPORTED = "supported"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Lifecycle:
    """`cycle` names every cycle the version may be; `eol_date` is the latest end among them, if all have one."""

    status: Status
    cycle: str | None = None
    eol_date: date | None = None
    extended_until: date | None = None
    confidence: float = 0.0
    note: str = ""
    released: date | None = None
    source: str | None = None
    as_of: date | None = None
    weak: bool = False


def assess_lifecycle(
    table: LifecycleTable, product: str | None, version: str | None, as_of: date
) -> Lifecycle:
    """The status of `version` of `product` (endoflife.date's name, or several joined by |) on the day `as_of`.

    A version that may be several cycles gets a status only when all of them have the same one; the
    confidence is then lower. An unknown product, a missing version or a newer one than the table knows
    stays unknown.
    """
    names = [name for name in (product or "").split("|") if name in table.cycles]
    if not names:
        return Lifecycle(Status.UNKNOWN, note="no lifecycle data for this product")
    if not version:
        return Lifecycle(Status.UNKNOWN, note="no version given")
    readings = [_assess_one(table, name, version, as_of) for name in names]
    if len({reading.status for reading in readings}) == 1:
        best = max(readings, key=lambda reading: reading.eol_date or date.min)
        sure = min(reading.confidence for reading in readings)
        return best if len(readings) == 1 else replace(best, confidence=round(min(sure, 0.7), 2))
    told = ", ".join(f"{name}: {reading.status}" for name, reading in zip(names, readings, strict=True))
    return Lifecycle(Status.UNKNOWN, confidence=0.3, note=f"it may be any of {told}")


def _assess_one(table: LifecycleTable, product: str, version: str, as_of: date) -> Lifecycle:
    cycles = table.cycles[product]
    candidates, too_old = _find_candidates(cycles, version.strip().lower())
    if not candidates and not too_old:
        return Lifecycle(
            Status.UNKNOWN, note=f"version {version} is not in the lifecycle table of {table.taken}"
        )
    statuses = {_status(cycle, as_of) for cycle in candidates} | ({Status.UNSUPPORTED} if too_old else set())
    names = ", ".join(cycle.cycle for cycle in candidates) or None
    if len(statuses) > 1:
        return Lifecycle(Status.UNKNOWN, names, confidence=0.3, note=f"{version} may be any of {names}")
    sure = len(candidates) == 1 and not too_old
    weak = any(cycle.weak for cycle in candidates or cycles)
    doubts = ["" if sure else _why_unsure(version, names, too_old), WEAK_SOURCE if weak else ""]
    return Lifecycle(
        status=statuses.pop(),
        cycle=names,
        eol_date=_latest(candidates),
        extended_until=max((c.extended for c in candidates if c.extended), default=None),
        released=candidates[0].released if len(candidates) == 1 else None,
        source=(candidates or cycles)[0].source,
        as_of=(candidates or cycles)[0].as_of,
        confidence=min(0.95 if sure else 0.7, 0.5 if weak else 1.0),
        note="; ".join(filter(None, doubts)),
        weak=weak,
    )


def _why_unsure(version: str, names: str | None, too_old: bool) -> str:
    if too_old and names is None:
        return f"version {version} is older than any the lifecycle table lists"
    return f"{version} is ambiguous; all it may be ({names}) have the same status"


def _find_candidates(cycles: tuple[Cycle, ...], version: str) -> tuple[list[Cycle], bool]:
    """Every cycle the version may be, and whether it may also be older than all of them."""
    found: dict[str, Cycle] = {}
    too_old = False
    for alternative in version.split("/"):
        matched = _match(cycles, alternative.strip())
        too_old = too_old or (not matched and _is_older(cycles, alternative))
        found |= {cycle.cycle: cycle for cycle in matched}
    if found and _OR_LATER.search(version):
        oldest = min(_numbers(name) for name in found)
        found |= {
            cycle.cycle: cycle for cycle in cycles if _is_major(cycle) and _numbers(cycle.cycle) >= oldest
        }
    return list(found.values()), too_old


def _match(cycles: tuple[Cycle, ...], version: str) -> list[Cycle]:
    """Exact cycle or label; else the most specific cycle the version lies in; else all cycles within the version."""
    version = _OR_LATER.sub("", version).strip()
    dashed = re.sub(r"[\s_]+", "-", version)
    for names in ({version, dashed}, {version.removesuffix(".0"), dashed.removesuffix("-sp0")}):
        exact = [cycle for cycle in cycles if cycle.cycle in names]
        wider = [cycle for cycle in cycles if any(_lies_in(cycle, name) for name in names)]
        if exact:
            service_packs = [cycle for cycle in wider if "-sp" in cycle.cycle]
            return exact + [cycle for cycle in service_packs if cycle not in exact]
        containing = [cycle for cycle in cycles if any(name.startswith(f"{cycle.cycle}.") for name in names)]
        if containing:
            return [max(containing, key=lambda cycle: len(cycle.cycle))]
        if wider:
            return wider
    return []


def _lies_in(cycle: Cycle, version: str) -> bool:
    """Whether the cycle is a narrower form of the version: `2008-r2-sp1` of `2008-r2`, `12.5` of `12`."""
    tail = cycle.cycle.removeprefix(version) if cycle.cycle.startswith(version) else ""
    if tail[:1] == "." or re.match(r"-(sp|e|w|iot|\d)", tail):
        return True
    label = cycle.label.replace(" ", "-")
    rest = label.removeprefix(version) if label.startswith(version) else "x"
    return rest == "" or bool(re.match(r"-(sp|release)", rest))


def _is_major(cycle: Cycle) -> bool:
    return re.fullmatch(r"[\d.]+(-r2)?(-sp\d)?", cycle.cycle) is not None


def _is_older(cycles: tuple[Cycle, ...], version: str) -> bool:
    numbers = _numbers(version)
    known = [_numbers(cycle.cycle) for cycle in cycles if _is_major(cycle)]
    return bool(numbers and known) and numbers < min(known)


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in _NUMBERS.findall(text))


def _status(cycle: Cycle, as_of: date) -> Status:
    if isinstance(cycle.eol, bool):
        return Status.UNSUPPORTED if cycle.eol else Status.SUPPORTED
    if cycle.eol < as_of:
        return Status.UNSUPPORTED
    return Status.ENDING if cycle.eol <= as_of + timedelta(days=365) else Status.SUPPORTED


def _latest(cycles: list[Cycle]) -> date | None:
    days = [cycle.eol for cycle in cycles if isinstance(cycle.eol, date)]
    return max(days) if days and len(days) == len(cycles) else None
