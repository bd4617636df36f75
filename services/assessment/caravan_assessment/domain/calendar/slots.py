"""The waves to fill: as configured, else derived from the estate, with every assumption in words."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from caravan_assessment.domain.calendar.effort import load_table
from caravan_assessment.domain.waves import Wave

_WORKING_DAYS = 5  # of a week
Span = tuple[date, date, str]
"""First day, last day, reason."""


class CalendarIsNotUsable(ValueError):
    """The text says which part of the configuration, and what to put there."""


@dataclass(frozen=True)
class Needs:
    """What the estate asks of a calendar. `last` is the last day that a date of a unit names.

    `daily`: person-days that the teams get done a working day, with work in the estate's proportions; `busiest`: the
    team that allows no more, in words. None where nothing is to be done. `ending`: effort and servers of each unit
    that ends after all others, for which waves are kept.
    """

    effort: float
    servers: int
    largest_effort: float
    largest_servers: int
    last: date | None
    daily: float | None = None
    busiest: str = ""
    ending: Sequence[tuple[float, int]] = ()


@dataclass
class Calendar:
    """`reasons`: why a wave is a blackout, by number. `assumptions`: what nobody configured. `kept`: numbers of the
    last open waves, kept for what ends when all others have left; none where somebody said how many waves there are.
    """

    waves: list[Wave] = field(default_factory=list)
    reasons: dict[int, str] = field(default_factory=dict)
    assumptions: list[str] = field(default_factory=list)
    kept: frozenset[int] = frozenset()


def read_closed(configuration: Mapping[str, Any]) -> list[Span]:
    """Spans in which nobody is switched over: configuration["waves"]["blackouts"] and ["freezes"], both ends counted.

    One is {"starts", "ends", "reason"?}, a pair of dates, or "2026-12-18..2027-01-04". Raises CalendarIsNotUsable.
    """
    named = (
        ("waves.blackouts", "blackout", (configuration.get("waves") or {}).get("blackouts")),
        ("freezes", "freeze", configuration.get("freezes")),
    )
    return [_read_span(setting, kind, span) for setting, kind, spans in named for span in spans or ()]


def build_calendar(
    given: Mapping[str, Any], needs: Needs, as_of: date, closed: Sequence[Span] = ()
) -> Calendar:
    """`given` is configuration["waves"]; `closed` as `read_closed` answers. Raises CalendarIsNotUsable."""
    calendar = Calendar()
    if given.get("calendar"):
        slots = [_read_slot(number, slot) for number, slot in enumerate(given["calendar"], start=1)]
        _refuse_overlaps(slots)
        kept = 0
    else:
        slots, kept = _derive_slots(given, needs, as_of, closed, calendar.assumptions)
    if not closed:
        calendar.assumptions.append("No blackout and no freeze is configured: every wave may be used.")
    for wave in slots:
        hit = find_closed(wave, closed)
        shut = wave.blackout or hit is not None
        calendar.waves.append(replace(wave, blackout=shut))
        if shut:
            calendar.reasons[wave.index] = f"{hit[2]} ({hit[0]} to {hit[1]})" if hit else "configured"
    is_open = [wave.index for wave in calendar.waves if not wave.blackout]
    calendar.kept = frozenset(is_open[len(is_open) - kept :])
    return calendar


def find_closed(wave: Wave, closed: Sequence[Span]) -> Span | None:
    """The first span that the wave's days touch."""
    return next((span for span in closed if span[0] <= wave.ends and wave.starts <= span[1]), None)


def _derive_slots(
    given: Mapping[str, Any], needs: Needs, as_of: date, closed: Sequence[Span], assumptions: list[str]
) -> tuple[list[Wave], int]:
    """The waves, and how many of them are kept for what ends last."""
    defaults = load_table("defaults")
    length = _read_number(given, "length_days", defaults["length_days"], assumptions, "A wave takes {} days.")
    starts = _read_start(given, as_of, int(defaults["mobilise_days"]), assumptions)
    effort, servers = _read_capacities(given, needs, length, assumptions)
    teams = {str(name): float(days) for name, days in (given.get("teams") or {}).items()}
    if not teams:
        assumptions.append("No capacity per team is configured: teams limit nothing.")
    # Whole weeks from a Monday end on a Friday.
    weekend = 2 if length % 7 == 0 and starts.weekday() == 0 else 0

    def make(number: int) -> Wave:
        first = starts + timedelta(days=(number - 1) * length)
        return Wave(
            index=number,
            starts=first,
            ends=first + timedelta(days=length - 1 - weekend),
            effort=effort,
            servers=servers,
            teams=teams,
        )

    if given.get("count") is not None:
        return [make(number) for number in range(1, _positive("count", given["count"]) + 1)], 0
    count = _derive_count(needs, effort, servers, starts, length, defaults)
    assumptions.append(
        f"{count} waves: enough for the effort with room to spare, and for the latest date named."
    )
    kept = _count_kept(needs.ending, effort, servers)
    if kept:
        more = "One more wave is" if kept == 1 else f"{kept} more waves are"
        assumptions.append(f"{more} kept for what ends when all others have left.")
        count += kept
    slots: list[Wave] = []
    # Waves that are closed come on top; who closes everything is told by what can't be placed.
    most = max(int(defaults["most"]), count) + len(closed)
    while count and len(slots) < most:
        slots.append(make(len(slots) + 1))
        count -= find_closed(slots[-1], closed) is None
    shut = sum(find_closed(wave, closed) is not None for wave in slots)
    if shut:
        assumptions.append(f"{shut} more waves stand in the calendar, closed by blackouts or freezes.")
    return slots, kept


def _count_kept(ending: Sequence[tuple[float, int]], effort: float, servers: int) -> int:
    """How many waves hold them, each in the first that has room: in that order they are placed."""
    waves: list[tuple[float, int]] = []
    for size, machines in ending:
        for number, (days, count) in enumerate(waves):
            if days + size <= effort and count + machines <= servers:
                waves[number] = (days + size, count + machines)
                break
        else:
            waves.append((size, machines))
    return len(waves)


def _derive_count(
    needs: Needs, effort: float, servers: int, starts: date, length: int, defaults: Mapping[str, Any]
) -> int:
    room = float(defaults["slack"])
    by_load = max(
        math.ceil(needs.effort * room / effort) if effort else 0,
        math.ceil(needs.servers * room / servers) if servers else 0,
    )
    # Two waves to choose from after the last date that binds somebody.
    by_date = math.ceil(((needs.last - starts).days + 1) / length) + 2 if needs.last else 0
    return min(max(by_load, by_date, int(defaults["fewest"])), max(int(defaults["most"]), by_load))


def _read_capacities(
    given: Mapping[str, Any], needs: Needs, length: int, assumptions: list[str]
) -> tuple[float, int]:
    """A default is never below what moves as one, nor so small that the programme would take longer than it may."""
    defaults = load_table("defaults")
    share = float(defaults["slack"]) / int(defaults["programme_waves"])
    if given.get("capacity_effort") is None:
        days, available = length * _WORKING_DAYS / 7, float(defaults["available"])
        usual = math.floor((needs.daily or 0.0) * available * days)
        effort = float(max(usual, math.ceil(needs.largest_effort), math.ceil(needs.effort * share), 1))
        why = f"what {needs.busiest or 'the teams'} get done in {days:g} working days at {available:.0%} of their time"
        if effort > usual:
            why = (
                f"more than {why}, so that the largest group fits and {defaults['programme_waves']} waves do"
            )
        assumptions.append(f"A wave takes {effort:g} person-days: {why}.")
    else:
        effort = float(_positive("capacity_effort", given["capacity_effort"], float))
    if given.get("capacity_servers") is None:
        servers = max(int(defaults["servers"]), needs.largest_servers, math.ceil(needs.servers * share))
        assumptions.append(f"A wave takes {servers} servers.")
    else:
        servers = int(_positive("capacity_servers", given["capacity_servers"]))
    return effort, servers


def _read_start(given: Mapping[str, Any], as_of: date, mobilise: int, assumptions: list[str]) -> date:
    if given.get("start"):
        return _read_date("start", given["start"])
    earliest = as_of + timedelta(days=mobilise)
    monday = earliest + timedelta(days=-earliest.weekday() % 7)
    assumptions.append(f"The first wave starts on {monday}, the first Monday {mobilise} days after {as_of}.")
    return monday


def _read_number(
    given: Mapping[str, Any], name: str, default: int, assumptions: list[str], words: str
) -> int:
    if given.get(name) is None:
        assumptions.append(words.format(default))
        return default
    return int(_positive(name, given[name]))


def _positive(name: str, value: Any, kind: type = int) -> Any:
    try:
        number = kind(value)
    except (TypeError, ValueError):
        number = 0
    if number <= 0 or isinstance(value, bool):
        raise CalendarIsNotUsable(f"waves.{name} is {value!r}; give a number above 0.")
    return number


def _read_date(name: str, value: Any) -> date:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        setting = name if "." in name or name == "freezes" else f"waves.{name}"
        raise CalendarIsNotUsable(f"{setting} is {value!r}; give a date such as 2027-01-04.") from None


def _read_span(setting: str, kind: str, span: Any) -> Span:
    reason = kind
    if isinstance(span, Mapping):
        first, last = span.get("starts"), span.get("ends")
        reason = str(span.get("reason") or kind)
    elif isinstance(span, str) and ".." in span:
        first, _, last = span.partition("..")
    elif isinstance(span, Sequence) and not isinstance(span, str) and len(span) == 2:
        first, last = span
    else:
        raise CalendarIsNotUsable(f"{setting} has {span!r}; give starts and ends.")
    begin, end = _read_date(setting, first), _read_date(setting, last)
    if end < begin:
        raise CalendarIsNotUsable(f"{setting} has a span that ends on {end}, before {begin}.")
    return begin, end, reason


def _read_slot(number: int, slot: Any) -> Wave:
    if not isinstance(slot, Mapping):
        raise CalendarIsNotUsable(f"waves.calendar has {slot!r}; give starts and ends.")
    starts, ends = _read_date("calendar", slot.get("starts")), _read_date("calendar", slot.get("ends"))
    if ends < starts:
        raise CalendarIsNotUsable(
            f"waves.calendar: wave {number} ends on {ends}, before it starts on {starts}."
        )
    effort, servers = slot.get("capacity_effort"), slot.get("capacity_servers")
    return Wave(
        index=number,
        starts=starts,
        ends=ends,
        blackout=bool(slot.get("blackout", False)),
        effort=None if effort is None else _positive("calendar.capacity_effort", effort, float),
        servers=None if servers is None else _positive("calendar.capacity_servers", servers),
        teams={str(name): float(days) for name, days in (slot.get("teams") or {}).items()},
    )


def _refuse_overlaps(slots: Sequence[Wave]) -> None:
    for earlier, later in pairwise(slots):
        if later.starts <= earlier.ends:
            raise CalendarIsNotUsable(
                f"waves.calendar: wave {later.index} starts on {later.starts}, before wave {earlier.index} has ended."
            )
