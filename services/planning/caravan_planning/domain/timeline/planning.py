"""From units, edges and settings to dated tasks: the timeline's parts put together."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from caravan_common.work import Templates, load_templates
from caravan_planning.domain.timeline.calendar import WorkingCalendar, build_calendar, read_span
from caravan_planning.domain.timeline.dating import Timeline, build_project, date_tasks
from caravan_planning.domain.timeline.network import Outlook, link_tasks, measure_slack, simulate
from caravan_planning.domain.timeline.schema import TASKS
from caravan_planning.domain.timeline.teams import Team, read_teams
from caravan_planning.domain.timeline.work import PROGRAMME, Task, Unit, list_tasks

Span = tuple[date, date]


@dataclass(frozen=True)
class Settings:
    """What the configuration says of time and people."""

    calendar: WorkingCalendar
    teams: tuple[Team, ...]
    blackouts: tuple[Span, ...]


@dataclass(frozen=True)
class Plan:
    """`tasks`: TASKS, programme first, then by wave and application."""

    tasks: pl.DataFrame
    timeline: Timeline
    outlook: Outlook


def read_settings(configuration: Mapping[str, Any], as_of: date, applications: int) -> Settings:
    """`calendar`, `teams`, `waves.blackouts` and `freezes` of the configuration. Raises SettingIsInvalid."""
    spans = [("waves.blackouts", span) for span in (configuration.get("waves") or {}).get("blackouts") or ()]
    spans += [("freezes", span) for span in configuration.get("freezes") or ()]
    return Settings(
        calendar=build_calendar(configuration.get("calendar") or {}, as_of),
        teams=read_teams(configuration.get("teams"), applications),
        blackouts=tuple(read_span(setting, span) for setting, span in spans),
    )


def plan_tasks(
    units: Sequence[Unit],
    order: Mapping[str, Sequence[str]],
    settings: Settings,
    progress: Callable[[float], None] = lambda _: None,
) -> Plan:
    """`order`: keys of units that a unit is switched over after."""
    templates = load_templates()
    tasks = list_tasks(units, order, templates, settings.teams)
    project = build_project(tasks, settings.teams, settings.calendar, settings.blackouts)
    timeline = date_tasks(tasks, project, progress)
    network = link_tasks(project, timeline.starts)
    outlook = simulate(network, [task.days for task in tasks])
    frame = _tabulate(tasks, timeline, measure_slack(network), outlook, settings, templates)
    return Plan(frame, timeline, outlook)


def _tabulate(
    tasks: Sequence[Task],
    timeline: Timeline,
    slack: Sequence[int],
    outlook: Outlook,
    settings: Settings,
    templates: Templates,
) -> pl.DataFrame:
    calendar, starts = settings.calendar, timeline.starts
    ends = [start + task.length - 1 for start, task in zip(starts, tasks, strict=True)]
    columns: dict[str, Any] = {
        "natural_key": [task.key for task in tasks],
        "application": [task.unit.key for task in tasks],
        "application_name": [task.unit.name for task in tasks],
        "treatment": [task.unit.treatment for task in tasks],
        "wave": [task.unit.wave for task in tasks],
        "step": [task.step.code for task in tasks],
        "name": [task.step.name for task in tasks],
        "cutover": [task.step.cutover for task in tasks],
        "skill": [task.step.skill for task in tasks],
        "team": [None if task.team is None else settings.teams[task.team].name for task in tasks],
        "people": [task.people for task in tasks],
        "starts": calendar.dates_of(starts).tolist(),
        "ends": calendar.dates_of(ends).tolist(),
        "start_day": starts,
        "duration_days": [task.length for task in tasks],
        "least_days": [round(task.days[0], 2) for task in tasks],
        "likely_days": [round(task.days[1], 2) for task in tasks],
        "most_days": [round(task.days[2], 2) for task in tasks],
        "effort_days": [float(task.people * task.length) for task in tasks],
        "slack_days": slack,
        "critical": [days == 0 for days in slack],
        "p80_ends": calendar.dates_of(max(0, day - 1) for day in outlook.ends).tolist(),
        "predecessors": [[tasks[before].key for before in task.after] for task in tasks],
        "window_starts": [task.unit.starts for task in tasks],
        "window_ends": [task.unit.ends for task in tasks],
        "late_days": [_measure_lateness(task, end, calendar) for task, end in zip(tasks, ends, strict=True)],
        "template_version": [templates.version] * len(tasks),
        "source_entities": [[] if task.unit.key == PROGRAMME else [task.unit.key] for task in tasks],
    }
    columns["reasons"] = [
        _explain(task, settings, late, first)
        for task, late, first in zip(tasks, columns["late_days"], columns["starts"], strict=True)
    ]
    return pl.DataFrame({name: columns[name] for name in TASKS}, schema=TASKS)


def _measure_lateness(task: Task, last: int, calendar: WorkingCalendar) -> int | None:
    """Of a cutover; `last` is its last working day."""
    if not task.step.cutover or task.unit.ends is None:
        return None
    _, until = calendar.span(task.unit.ends, task.unit.ends)
    return max(0, last + 1 - until)


def _explain(task: Task, settings: Settings, late: int | None, first: date) -> list[str]:
    said = []
    if task.team is None:
        said.append(f"no team has the skill {task.step.skill}: planned without one")
    if task.step.cutover:
        spans = sorted({*settings.blackouts, *task.unit.freezes})
        said.extend(f"not switched over from {first} to {last}" for first, last in spans)
    if late:
        said.append(
            f"ends {late} working days after its wave; more people, a longer wave or a later one would help"
        )
    if task.unit.starts and first < task.unit.starts:
        said.append("starts before its wave, so that the cutover can be in it")
    if task.unit.wave is None and task.unit.key != PROGRAMME:
        said.append("its application has no wave: planned after all others")
    return said
