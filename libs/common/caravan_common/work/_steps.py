"""Which steps a treatment asks for, as data with a version, and what they come to in person-days."""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True)
class Step:
    """One task of a template; days are working days, `server_days` and `database_days` person-days for each.

    `care`: the step takes longer for what matters more (tests, approvals, rehearsals).
    """

    code: str
    name: str
    skill: str
    people: int
    days: tuple[float, float, float]
    server_days: float = 0.0
    database_days: float = 0.0
    after: tuple[str, ...] = ()
    cutover: bool = False
    needs_programme: bool = False
    care: bool = False

    def estimate(
        self, servers: float, databases: int, people: int, care: float = 1.0
    ) -> tuple[float, float, float]:
        """Least, likely and most days, when `people` work on it. What comes with size spreads like the step itself."""
        more = (servers * self.server_days + databases * self.database_days) / people
        least, likely, most = (days * self.people / people for days in self.days)
        factor = care if self.care else 1.0
        return (
            factor * (least + more * least / likely),
            factor * (likely + more),
            factor * (most + more * most / likely),
        )


@dataclass(frozen=True)
class Templates:
    """Steps by treatment, or `treatment:variant` where a variant has steps of its own; and those of the programme.

    `repeated_from`, `repeated_share`: machines beyond so many repeat what was learned, and count as that share.
    `criticality`, `non_production`: factors of steps with care.
    """

    version: str
    source: str
    repeated_from: int
    repeated_share: float
    criticality: Mapping[str, float]
    non_production: float
    programme: tuple[Step, ...]
    treatments: Mapping[str, tuple[Step, ...]]

    def find_steps(self, treatment: str, variant: str | None = None) -> tuple[Step, ...]:
        """In an order that keeps `after`; none for what is unknown."""
        own = self.treatments.get(f"{treatment}:{variant}")
        return self.treatments.get(treatment, ()) if own is None else own

    def count_servers(self, servers: int) -> float:
        """What so many machines of one unit count as."""
        first = min(servers, self.repeated_from)
        return first + self.repeated_share * (servers - first)

    def weigh(
        self, treatment: str, variant: str | None, servers: int, databases: int, care: float = 1.0
    ) -> Counter[str]:
        """Person-days by skill, in whole days of each step as a schedule plans them."""
        counted = self.count_servers(servers)
        found: Counter[str] = Counter()
        for step in self.find_steps(treatment, variant):
            found[step.skill] += step.people * count_days(
                step.estimate(counted, databases, step.people, care)[1]
            )
        return found


@cache
def load_templates() -> Templates:
    """Those that ship with the platform."""
    told = yaml.safe_load((DATA / "steps.yaml").read_text(encoding="utf-8"))
    return Templates(
        version=told["version"],
        source=told["source"].strip(),
        repeated_from=told["size"]["repeated_from"],
        repeated_share=told["size"]["repeated_share"],
        criticality=told["care"]["criticality"],
        non_production=told["care"]["non_production"],
        programme=_read_steps(told["programme"]),
        treatments={name: _read_steps(steps) for name, steps in told["treatments"].items()},
    )


def _read_steps(steps: dict[str, dict[str, Any]]) -> tuple[Step, ...]:
    """In an order that keeps `after`."""
    found: dict[str, Step] = {}
    left = dict(steps)
    while left:
        ready = [code for code, told in left.items() if set(told.get("after", ())) <= set(found)]
        if not ready:
            raise ValueError(f"steps wait for each other or for unknown ones: {', '.join(left)}")
        for code in ready:
            told = left.pop(code)
            days, after = tuple(told["days"]), tuple(told.get("after", ()))
            found[code] = Step(code=code, **{**told, "days": days, "after": after})
    return tuple(found.values())


def count_days(likely: float) -> int:
    """Whole working days of a plan: what is begun counts."""
    return max(1, math.ceil(likely - 1e-9))
