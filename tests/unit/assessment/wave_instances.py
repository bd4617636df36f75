"""Made-up planning problems, each with a plan that keeps every rule, for tests of waves."""

from collections import Counter
from datetime import date, timedelta
from random import Random

from caravan_assessment.domain.waves import Edge, Instance, Unit, Wave

FIRST_DAY = date(2027, 3, 1)
TEAMS = ("alpha", "beta", "gamma")


def make_waves(count: int, **limits: float) -> tuple[Wave, ...]:
    """Ten days each, one after the other, all with the same limits."""
    return tuple(
        Wave(
            index=index,
            starts=FIRST_DAY + timedelta(days=10 * (index - 1)),
            ends=FIRST_DAY + timedelta(days=10 * index - 1),
            effort=limits.get("effort"),
            servers=None if "servers" not in limits else int(limits["servers"]),
        )
        for index in range(1, count + 1)
    )


def make_instance(units: int, waves: int, seed: int, slack: float = 0.1) -> Instance:
    """Around a hidden plan: capacities of each wave, kind and team leave `slack` above its load; one blackout."""
    random = Random(seed)
    blackout = random.randint(2, waves)
    open_waves = [index for index in range(1, waves + 2) if index != blackout]
    hidden = [random.choice(open_waves) for _ in range(units)]
    starts = {index: FIRST_DAY + timedelta(days=14 * index) for index in range(1, waves + 2)}
    made = tuple(
        Unit(
            key=f"app-{at}",
            effort=random.choice((1, 2.5, 4, 7)),
            servers=random.randint(0, 9),
            team=random.choice((*TEAMS, None)),
            not_before=starts[wave] - timedelta(days=random.randint(0, 30))
            if random.random() < 0.2
            else None,
            pilot=wave == open_waves[0] and random.random() < 0.2,
            criticality=random.randint(1, 5),
        )
        for at, wave in enumerate(hidden)
    )
    edges = []
    for _ in range(units * 3):
        one, other = sorted(random.sample(range(units), 2), key=lambda at: (hidden[at], at))
        kind = random.choices(("soft", "hard_order", "must_together"), (8, 1, 1))[0]
        if kind != "must_together" or hidden[one] == hidden[other]:
            edges.append(Edge(f"app-{one}", f"app-{other}", kind, random.randint(1, 9)))  # type: ignore[arg-type]
    loads: dict[int, Counter[str]] = {index: Counter() for index in starts}
    for unit, wave in zip(made, hidden, strict=True):
        # A Counter takes fractions as well; its type does not say so.
        loads[wave].update({"effort": unit.effort, "servers": unit.servers, unit.team or "": unit.effort})  # type: ignore[dict-item]
    calendar = tuple(
        Wave(
            index=index,
            starts=first,
            ends=first + timedelta(days=11),
            blackout=index == blackout,
            effort=loads[index]["effort"] * (1 + slack),
            servers=int(loads[index]["servers"] * (1 + slack)),
            teams={team: loads[index][team] * (1 + slack) for team in TEAMS},
        )
        for index, first in starts.items()
    )
    assets = {
        f"srv-{at}-{number}": f"app-{at}" for at in range(units) for number in range(random.randint(1, 3))
    }
    return Instance(made, tuple(edges), calendar, assets)
