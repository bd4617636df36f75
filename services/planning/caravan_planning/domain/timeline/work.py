"""The tasks of a plan before they have a date: templates applied to applications, skills given to teams."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from caravan_common.work import Step, Templates, count_days
from caravan_planning.domain.timeline.teams import Team

PROGRAMME = "programme"
"""Key of the tasks that belong to no application."""
Span = tuple[date, date]


@dataclass(frozen=True)
class Unit:
    """What is moved: an application, or targets without one. `wave` None: planned after all others.

    `starts`, `ends`: its wave. `freezes`: spans in which it must not be switched over, both ends counted.
    `care`: factor of the steps that take longer for what matters more.
    """

    key: str
    name: str
    treatment: str
    servers: int
    databases: int
    wave: int | None = None
    starts: date | None = None
    ends: date | None = None
    freezes: tuple[Span, ...] = ()
    variant: str | None = None
    care: float = 1.0


@dataclass(frozen=True)
class Task:
    """`team` None: nobody has the skill. `after`: positions of tasks in the list that it stands in."""

    key: str
    unit: Unit
    step: Step
    team: int | None
    people: int
    days: tuple[float, float, float]
    after: tuple[int, ...] = field(default=())

    @property
    def length(self) -> int:
        return count_days(self.days[1])


def list_tasks(
    units: Sequence[Unit],
    order: Mapping[str, Sequence[str]],
    templates: Templates,
    teams: Sequence[Team],
) -> list[Task]:
    """Tasks of the programme, then of the units by wave and key. `order`: keys that a unit is switched over after.

    A unit whose treatment has no steps has no tasks. Where several teams have a skill, the one with the least work for
    its people so far gets the task.
    """
    staffing = _Staffing(teams)
    tasks: list[Task] = []
    ordered = sorted(units, key=lambda unit: (unit.wave is None, unit.wave or 0, unit.key))
    moving = [unit for unit in ordered if templates.find_steps(unit.treatment, unit.variant)]
    if not moving:
        return []
    nobody = Unit(PROGRAMME, "Programme", PROGRAMME, 0, 0)
    _add(tasks, nobody, templates.programme, 0, (), staffing)
    programme = tuple(range(len(tasks)))
    cutovers: dict[str, int] = {}
    for unit in _by_order(moving, order):
        before = tuple(cutovers[key] for key in order.get(unit.key, ()) if key in cutovers)
        steps = templates.find_steps(unit.treatment, unit.variant)
        servers = templates.count_servers(unit.servers)
        cutovers[unit.key] = _add(tasks, unit, steps, servers, before, staffing, programme)
    return tasks


def _add(
    tasks: list[Task],
    unit: Unit,
    steps: Sequence[Step],
    servers: float,
    before: tuple[int, ...],
    staffing: "_Staffing",
    programme: tuple[int, ...] = (),
) -> int:
    """Appends the steps and answers where the last cutover stands, or the last step."""
    positions: dict[str, int] = {}
    cutover = -1
    for number, step in enumerate(steps, start=1):
        team, people = staffing.choose(step)
        days = step.estimate(servers, unit.databases, people, unit.care)
        after = {positions[code] for code in step.after}
        if step.needs_programme:
            after |= set(programme)
        if step.cutover:
            after |= set(before)
        positions[step.code] = len(tasks)
        if step.cutover:
            cutover = len(tasks)
        key = f"{unit.key}#{number:02d}-{step.code}"
        tasks.append(Task(key, unit, step, team, people, days, tuple(sorted(after))))
        staffing.book(team, people * days[1])
    return cutover if cutover >= 0 else len(tasks) - 1


def _by_order(units: Sequence[Unit], order: Mapping[str, Sequence[str]]) -> list[Unit]:
    """A unit after those it waits for, otherwise as given; where they wait for each other, as given.

    Those of another wave come in the order of the waves whatever they wait for.
    """
    known = {unit.key: unit for unit in units}
    found: dict[str, Unit] = {}
    for unit in units:
        stack, entered = [unit.key], set()
        while stack:
            key = stack[-1]
            waits = [
                other
                for other in sorted(order.get(key, ()))
                if other in known
                and other not in found
                and other not in entered
                and known[other].wave == known[key].wave
            ]
            entered.add(key)
            if waits:
                stack.append(waits[0])
            else:
                found.setdefault(stack.pop(), known[key])
    return list(found.values())


class _Staffing:
    """Which team does a step, and how many of it."""

    def __init__(self, teams: Sequence[Team]) -> None:
        self._teams = teams
        self._booked = [0.0] * len(teams)

    def choose(self, step: Step) -> tuple[int | None, int]:
        able = [at for at, team in enumerate(self._teams) if step.skill in team.skills]
        if not able:
            return None, step.people
        team = min(able, key=lambda at: (self._booked[at] / self._teams[at].people, at))
        return team, min(step.people, self._teams[team].people)

    def book(self, team: int | None, person_days: float) -> None:
        if team is not None:
            self._booked[team] += person_days
