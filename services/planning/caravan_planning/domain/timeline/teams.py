"""Who does the work: teams with skills, people and a day rate, from the configuration or from the shipped defaults."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from caravan_common.work import load_teams, size_teams
from caravan_planning.domain.timeline.calendar import read_date
from caravan_planning.domain.timeline.failures import SettingIsInvalid


@dataclass(frozen=True)
class Team:
    """`day_rate` None: unknown. `assumed`: nobody configured it. `away`: own days off."""

    name: str
    skills: tuple[str, ...]
    people: int
    day_rate: float | None
    currency: str | None
    country: str | None = None
    away: tuple[date, ...] = ()
    assumed: bool = False


def read_teams(configured: object, applications: int) -> tuple[Team, ...]:
    """`configuration["teams"]`: a list of {name, skills, people, day_rate, currency, country, holidays}, or by name.

    Without any, the defaults, which grow with the number of applications. Raises SettingIsInvalid.
    """
    if not configured:
        return _default_teams(applications)
    if isinstance(configured, Mapping):
        configured = [
            {**told, "name": name} if isinstance(told, Mapping) else {"name": name, "people": told}
            for name, told in configured.items()
        ]
    if not isinstance(configured, Sequence) or isinstance(configured, str):
        raise SettingIsInvalid("teams is not a list of teams; give each a name, skills and people.")
    teams = tuple(_read_team(told) for told in configured)
    if len({team.name for team in teams}) < len(teams):
        raise SettingIsInvalid("teams names a team twice.")
    return teams


def _read_team(told: Any) -> Team:
    if not isinstance(told, Mapping) or not told.get("name"):
        raise SettingIsInvalid(f"teams has {told!r}; each needs a name, skills and people.")
    name, people, rate = str(told["name"]), told.get("people"), told.get("day_rate")
    if not isinstance(people, int) or isinstance(people, bool) or people < 1:
        raise SettingIsInvalid(f"teams: {name} has {people!r} people; give a whole number from 1.")
    if rate is not None and (not isinstance(rate, int | float) or rate < 0):
        raise SettingIsInvalid(f"teams: the day_rate of {name} is {rate!r}; give a number, or leave it out.")
    return Team(
        name=name,
        skills=tuple(str(skill) for skill in told.get("skills") or (name,)),
        people=people,
        day_rate=None if rate is None else float(rate),
        currency=told.get("currency") or (None if rate is None else load_teams()["currency"]),
        country=told.get("country"),
        away=tuple(read_date(f"teams: holidays of {name}", day) for day in told.get("holidays") or ()),
    )


def _default_teams(applications: int) -> tuple[Team, ...]:
    told = load_teams()
    return tuple(
        Team(
            name=size.name,
            skills=size.skills,
            people=size.people,
            day_rate=float(told["teams"][size.name]["day_rate"]),
            currency=told["currency"],
            assumed=True,
        )
        for size in size_teams(None, applications)
    )
