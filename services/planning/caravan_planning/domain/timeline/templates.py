"""Which tasks a treatment asks for, as data with a version."""

import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml


@dataclass(frozen=True)
class Step:
    """One task of a template; days are working days, `server_days` and `database_days` person-days for each."""

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

    def estimate(self, servers: int, databases: int, people: int) -> tuple[float, float, float]:
        """Least, likely and most days, when `people` work on it. What comes with size spreads like the step itself."""
        more = (servers * self.server_days + databases * self.database_days) / people
        least, likely, most = (days * self.people / people for days in self.days)
        return least + more * least / likely, likely + more, most + more * most / likely


@dataclass(frozen=True)
class Templates:
    """Steps by treatment, and those that the whole programme needs first."""

    version: str
    source: str
    programme: tuple[Step, ...]
    treatments: dict[str, tuple[Step, ...]]


@cache
def load_templates() -> Templates:
    """Those that ship with the service."""
    path = Path(__file__).parent / "data" / "templates.yaml"
    told = yaml.safe_load(path.read_text(encoding="utf-8"))
    return Templates(
        version=told["version"],
        source=told["source"].strip(),
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
