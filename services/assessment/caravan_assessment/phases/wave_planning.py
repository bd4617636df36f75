"""Units into ordered waves: capacities, dates and dependencies kept, what cannot be placed explained."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl

from caravan_assessment.domain.calendar.effort import sum_skills
from caravan_assessment.domain.calendar.slots import (
    Calendar,
    CalendarIsNotUsable,
    Needs,
    Span,
    build_calendar,
    read_closed,
)
from caravan_assessment.domain.planning.editing import Pins, pin, read_edits
from caravan_assessment.domain.planning.ending import find_last, place_last
from caravan_assessment.domain.planning.groups import measure_largest
from caravan_assessment.domain.planning.outcome import give_reasons, list_findings, place, sum_up_plan
from caravan_assessment.domain.planning.problem import list_calendar, make_instance
from caravan_assessment.domain.planning.schema import ASSIGNMENTS, PLANNED
from caravan_assessment.domain.planning.units import add_freezes, last_date, list_units, say_lead
from caravan_assessment.domain.portfolio.schema import TARGET, conform
from caravan_assessment.domain.waves import InstanceIsNotUsable, Plan, plan_waves
from caravan_common.contracts import DecidedBy, DecisionKind, PhaseError
from caravan_common.phases import PhaseContext, PhaseResult, read_as_of
from caravan_common.work import find_busiest, size_teams

_Note = tuple[str, str, tuple[str, ...]]


def run(context: PhaseContext) -> PhaseResult:
    """portfolio, treatments, members, application_edges → wave_assignments, wave_calendar, wave_findings."""
    given = _read_configuration(context.configuration)
    edges = context.inputs["application_edges"].read()
    members = context.inputs["members"].read().filter(pl.col("role") == TARGET)
    edits, wrong = read_edits(d.value for d in context.decisions if d.kind is DecisionKind.EDIT)
    pins = pin(edits)
    portfolio, treatments = context.inputs["portfolio"].read(), context.inputs["treatments"].read()
    as_of = read_as_of(context.configuration)
    units = list_units(portfolio, treatments, given, pins.not_before, as_of)
    closed = read_spans(context.configuration)
    last = find_last(units, edges, set(pins.waves))
    calendar = _make_calendar(as_of, context.configuration, units, edges, closed, last)
    calendar.assumptions += say_lead(units, given)
    units = add_freezes(units, closed)
    units, notes = _lock(units, pins, calendar)
    notes += [("edit_ignored", words, ()) for words in wrong]
    notes += [("assumption", words, ()) for words in calendar.assumptions]
    others = units.filter(~pl.col("natural_key").is_in(last))
    try:
        instance = make_instance(units, edges, calendar.waves, members)
        # The waves that are kept for what ends last are nobody else's, unless a person put somebody there.
        locked = set(units["locked_wave"].to_list())
        kept = [wave for wave in calendar.waves if wave.index in calendar.kept - locked]
        waves = [wave for wave in calendar.waves if wave not in kept]
        before = make_instance(others, edges, waves, members) if last else instance
    except InstanceIsNotUsable as error:
        raise PhaseError("waves_unusable", f"The waves can't be planned: {error}.") from error
    context.progress(0.2, "planning")
    plan = plan_waves(before, **_read_limits(given))
    context.progress(0.9, "planned")
    assignment, left = place_last(instance, plan.assignment, last)
    placed = give_reasons(place(units, assignment, plan.groups), edges)
    assignments = conform(placed, ASSIGNMENTS).sort("natural_key")
    names = dict(units.select("natural_key", "name").iter_rows())
    return PhaseResult(
        datasets={
            "wave_assignments": assignments,
            "wave_calendar": list_calendar(instance, assignments, calendar.reasons, {}),
            "wave_findings": list_findings(
                [*plan.unplaceable, *left], [*notes, *(("note", words, ()) for words in plan.findings)], names
            ),
        },
        summary={
            "waves": sum_up_plan(instance, assignments, members),
            "plan": _describe(plan),
            "wave_assumptions": calendar.assumptions,
        },
        decided_by=_count_deciders(assignments),
    )


def _read_configuration(configuration: Mapping[str, Any]) -> Mapping[str, Any]:
    given = configuration.get("waves") or {}
    if not isinstance(given, Mapping):
        raise PhaseError(
            "waves_configuration", "waves in the configuration is no object; give its settings by name."
        )
    return given


def _read_limits(given: Mapping[str, Any]) -> dict[str, Any]:
    """Steps repeat exactly; seconds only because somebody asked for them."""
    limits: dict[str, Any] = {"seed": int(given.get("seed") or 1)}
    if given.get("seconds"):
        return limits | {"seconds": float(given["seconds"])}
    return limits | ({"steps": int(given["steps"])} if given.get("steps") else {})


def read_spans(configuration: Mapping[str, Any]) -> list[Span]:
    """What is closed for everybody. Raises PhaseError `waves_configuration`."""
    _read_configuration(configuration)
    try:
        return read_closed(configuration)
    except CalendarIsNotUsable as error:
        raise PhaseError("waves_configuration", str(error)) from error


def _make_calendar(
    as_of: date,
    configuration: Mapping[str, Any],
    units: pl.DataFrame,
    edges: pl.DataFrame,
    closed: Sequence[Span],
    last: Sequence[str],
) -> Calendar:
    given = _read_configuration(configuration)
    planned = units.filter(pl.col("state") == PLANNED)
    largest = measure_largest(planned, edges)
    daily, busiest = _measure_pace(planned, configuration.get("teams"))
    needs = Needs(
        effort=float(planned["effort"].sum()),
        servers=int(planned["servers"].sum()),
        largest_effort=largest[0],
        largest_servers=largest[1],
        last=last_date(units),
        daily=daily,
        busiest=busiest,
        ending=_size_up(units, last),
    )
    try:
        return build_calendar(given, needs, as_of, closed)
    except CalendarIsNotUsable as error:
        raise PhaseError("waves_configuration", str(error)) from error


def _size_up(units: pl.DataFrame, keys: Sequence[str]) -> list[tuple[float, int]]:
    """Effort and servers of these units, in their order."""
    sizes = {
        key: (effort, servers)
        for key, effort, servers in units.select("natural_key", "effort", "servers").iter_rows()
    }
    return [sizes[key] for key in keys]


def _measure_pace(planned: pl.DataFrame, configured: object) -> tuple[float | None, str]:
    """Person-days a day at the pace of the team that has most to do for its people, and that team in words."""
    work = sum_skills(planned)
    found = find_busiest(work, size_teams(configured, planned.height))
    if found is None:
        return None, ""
    team, days = found
    whose = "the team" if configured else "the assumed team"
    return sum(
        work.values()
    ) / days, f"{whose} {team.name} ({team.people} people, the busiest) lets all teams"


def _lock(units: pl.DataFrame, pins: Pins, calendar: Calendar) -> tuple[pl.DataFrame, list[_Note]]:
    """Waves that people chose stand, as far as unit and wave are still there."""
    moving = set(units.filter(pl.col("state") == PLANNED)["natural_key"].to_list())
    waves = {wave.index for wave in calendar.waves}
    good = {key: wave for key, wave in pins.waves.items() if key in moving and wave in waves}
    notes: list[_Note] = [
        (
            "lock_ignored",
            f"{key} can't be kept in wave {wave}: the unit or the wave is no longer there.",
            (key,),
        )
        for key, wave in sorted(pins.waves.items())
        if key not in good
    ]
    table = pl.DataFrame(
        {"natural_key": list(good), "pinned": list(good.values())},
        schema={"natural_key": pl.String, "pinned": pl.Int64},
    )
    joined = units.join(table, on="natural_key", how="left", maintain_order="left")
    return joined.with_columns(locked=pl.col("pinned").is_not_null(), locked_wave="pinned").drop(
        "pinned"
    ), notes


def _describe(plan: Plan) -> dict[str, Any]:
    return {
        "status": plan.status,
        "cut_weight": round(plan.cut_weight, 3),
        "greedy_cut_weight": round(plan.greedy_cut_weight, 3),
        "log": list(plan.log),
    }


def _count_deciders(assignments: pl.DataFrame) -> DecidedBy:
    locked = int(assignments["locked"].sum())
    return DecidedBy(rule=assignments.height - locked, person=locked)
