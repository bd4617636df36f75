"""What ends when all others have left: the landing zone's predecessors, and what manages the platform."""

from collections.abc import Collection, Mapping, Sequence

import polars as pl

from caravan_assessment.domain.planning.schema import PLANNED, RETIRE
from caravan_assessment.domain.portfolio.schema import MUST_TOGETHER
from caravan_assessment.domain.treatment.deciding import LANDING_ZONE, WITH_PLATFORM
from caravan_assessment.domain.waves import Instance, Unit, Unplaceable, Wave, measure_loads
from caravan_assessment.domain.waves.problem import may_be_in

_LAST = (LANDING_ZONE, WITH_PLATFORM)
_ROUNDING = 1e-6


def ends_after_callers() -> pl.Expr:
    """Whether a unit goes after those that need it: what is shut down, and what serves until the others have left."""
    return (pl.col("treatment") == RETIRE) | ends_last()


def ends_last() -> pl.Expr:
    return pl.col("variant").is_in(_LAST).fill_null(False)


def find_last(units: pl.DataFrame, edges: pl.DataFrame, chosen: Collection[str] = ()) -> list[str]:
    """Keys of planned units that end last, unless a person chose their wave or they must move with one that doesn't."""
    free = ~pl.col("natural_key").is_in(sorted(chosen))
    ending = units.filter(ends_last(), pl.col("state") == PLANNED, free)["natural_key"]
    keys = ending.implode()
    ties = edges.filter(pl.col("kind") == MUST_TOGETHER, ~pl.col("shared_service"))
    inside = pl.col("source").is_in(keys), pl.col("target").is_in(keys)
    tied = ties.filter(inside[0] != inside[1])
    held = {*tied["source"].to_list(), *tied["target"].to_list()}
    return [key for key in ending.to_list() if key not in held]


def place_last(
    instance: Instance, assignment: Mapping[str, int | None], last: Sequence[str]
) -> tuple[dict[str, int | None], tuple[Unplaceable, ...]]:
    """`assignment` with each of `last` in the first wave that takes it, from the last used one on; who is left."""
    placed = dict(assignment)
    final = max((wave for wave in assignment.values() if wave is not None), default=0)
    waves = [wave for wave in instance.waves if wave.index >= final and not wave.blackout]
    left: list[Unplaceable] = []
    units = {unit.key: unit for unit in instance.units}
    loads = measure_loads(instance, placed)
    for key in last:
        taken = next(
            (w for w in waves if may_be_in(units[key], w) and _fits(units[key], w, loads[w.index])), None
        )
        placed[key] = taken.index if taken else None
        if taken is None:
            detail = f"it ends last, and no wave from {final} on, where the others have left, takes it"
            left.append(Unplaceable(units=(key,), kind="capacity", detail=detail))
        else:
            _load(loads[taken.index], units[key])
    return placed, tuple(left)


def _load(load: dict[str, float], unit: Unit) -> None:
    """As `measure_loads` counts it."""
    load["effort"] += unit.effort
    load["servers"] += unit.servers
    if unit.team is not None:
        load[f"team:{unit.team}"] = load.get(f"team:{unit.team}", 0) + unit.effort


def _fits(unit: Unit, wave: Wave, load: Mapping[str, float]) -> bool:
    team = wave.teams.get(unit.team) if unit.team is not None else None
    return (
        (wave.effort is None or load["effort"] + unit.effort <= wave.effort + _ROUNDING)
        and (wave.servers is None or load["servers"] + unit.servers <= wave.servers)
        and (team is None or load.get(f"team:{unit.team}", 0) + unit.effort <= team + _ROUNDING)
    )
