"""Teams by size: those that somebody configured, else the defaults; and which of them has the most to do."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from caravan_common.work._steps import DATA


@dataclass(frozen=True)
class TeamSize:
    name: str
    skills: tuple[str, ...]
    people: int


@cache
def load_teams() -> dict[str, Any]:
    """The default teams as data: currency, teams by name with skills, people, per_100_applications, day_rate."""
    told: dict[str, Any] = yaml.safe_load((DATA / "teams.yaml").read_text(encoding="utf-8"))
    return told


def size_teams(configured: object, applications: int) -> tuple[TeamSize, ...]:
    """`configuration["teams"]`, a list or by name; what gives no number of people is left to whoever reads all of it.

    Without any the defaults, which grow with the number of applications that move.
    """
    if configured:
        return tuple(_read_sizes(configured))
    return tuple(
        TeamSize(
            name, tuple(told["skills"]), told["people"] + told["per_100_applications"] * applications // 100
        )
        for name, told in load_teams()["teams"].items()
    )


def _read_sizes(configured: object) -> Iterator[TeamSize]:
    if isinstance(configured, Mapping):
        configured = [
            {**told, "name": name} if isinstance(told, Mapping) else {"name": name, "people": told}
            for name, told in configured.items()
        ]
    for told in configured if isinstance(configured, Sequence) and not isinstance(configured, str) else ():
        if not isinstance(told, Mapping) or not told.get("name"):
            continue
        name, people = str(told["name"]), told.get("people")
        if isinstance(people, int) and not isinstance(people, bool) and people > 0:
            yield TeamSize(name, tuple(str(skill) for skill in told.get("skills") or (name,)), people)


def find_busiest(work: Mapping[str, float], teams: Sequence[TeamSize]) -> tuple[TeamSize, float] | None:
    """The team that takes longest, and its working days at full time. `work`: person-days by skill.

    What several teams can do is shared by their people. None where no team has any of the work.
    """
    able: dict[str, int] = {}
    for team in teams:
        for skill in team.skills:
            able[skill] = able.get(skill, 0) + team.people
    days = [(sum(work.get(skill, 0.0) / able[skill] for skill in set(team.skills)), team) for team in teams]
    longest = max(days, key=lambda each: each[0], default=None)
    return None if longest is None or longest[0] <= 0 else (longest[1], longest[0])
