"""What a person's edits of a plan would cause: nothing is solved again, the plan is changed and checked."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from caravan_assessment.domain.waves.check import check_plan, measure_cut, measure_loads
from caravan_assessment.domain.waves.edits import (
    DateEdit,
    Edit,
    EditIsNotPossible,
    LockEdit,
    MergeEdit,
    MoveEdit,
    SplitEdit,
)
from caravan_assessment.domain.waves.model import Instance, Unit, Wave


@dataclass(frozen=True, slots=True)
class EditAnswer:
    """What the edits would cause. `instance` and `assignment` are as they would be once accepted.

    violations: sentences by kind, all of them (`caused`: those that the plan before had not). load: one row a wave
    and capacity (wave, capacity, used, limit). dates: (wave, starts, ends). wave_numbers: old number → new.
    """

    violations: dict[str, list[str]]
    caused: dict[str, list[str]]
    cut_before: float
    cut_after: float
    load: list[dict[str, Any]]
    dates: list[dict[str, Any]]
    wave_numbers: dict[int, int]
    instance: Instance
    assignment: dict[str, int | None]


@dataclass(slots=True)
class _Draft:
    """The plan while edits are applied one by one; wave numbers of an edit are those of the plan shown."""

    instance: Instance
    assignment: dict[str, int | None]
    numbers: dict[int, int]

    def find_wave(self, number: int) -> Wave:
        shown = self.numbers.get(number)
        found = next((wave for wave in self.instance.waves if wave.index == shown), None)
        if found is None:
            raise EditIsNotPossible(f"there is no wave {number}; the plan has {sorted(self.numbers)}")
        return found

    def require_application(self, name: str) -> None:
        if name not in self.assignment:
            raise EditIsNotPossible(f"there is no application {name!r} in this plan")

    def renumber(self, waves: Sequence[Wave], units: Sequence[Unit]) -> None:
        """Takes over the units, and the waves in the order they stand in, numbered upwards from the lowest."""
        first = min(wave.index for wave in self.instance.waves)
        renumbered = {wave.index: first + at for at, wave in enumerate(waves)}
        self.instance = replace(
            self.instance,
            waves=tuple(replace(wave, index=renumbered[wave.index]) for wave in waves),
            units=tuple(
                unit if unit.locked is None else replace(unit, locked=renumbered[unit.locked])
                for unit in units
            ),
        )
        self.assignment = {
            key: None if wave is None else renumbered[wave] for key, wave in self.assignment.items()
        }
        self.numbers = {shown: renumbered[wave] for shown, wave in self.numbers.items()}


def evaluate_edits(
    instance: Instance, assignment: Mapping[str, int | None], edits: Sequence[Edit]
) -> EditAnswer:
    """Applies the edits in turn and checks the outcome. Raises EditIsNotPossible; breaking a rule is no error."""
    before = check_plan(instance, assignment).by_kind
    draft = _Draft(instance, dict(assignment), {wave.index: wave.index for wave in instance.waves})
    for edit in edits:
        _APPLY[type(edit)](draft, edit)
    after = check_plan(draft.instance, draft.assignment).by_kind | {
        "calendar": _check_calendar(draft.instance)
    }
    return EditAnswer(
        violations=after,
        caused={kind: [said for said in after[kind] if said not in before.get(kind, [])] for kind in after},
        cut_before=measure_cut(instance, assignment),
        cut_after=measure_cut(draft.instance, draft.assignment),
        load=_list_loads(draft.instance, draft.assignment),
        dates=[{"wave": w.index, "starts": w.starts, "ends": w.ends} for w in draft.instance.waves],
        wave_numbers=draft.numbers,
        instance=draft.instance,
        assignment=draft.assignment,
    )


def _apply_move(draft: _Draft, edit: MoveEdit) -> None:
    draft.require_application(edit.application)
    draft.assignment[edit.application] = draft.find_wave(edit.wave).index


def _apply_lock(draft: _Draft, edit: LockEdit) -> None:
    draft.require_application(edit.application)
    here = draft.assignment[edit.application]
    wave = here if edit.wave is None else draft.find_wave(edit.wave).index
    if edit.locked and wave is None:
        raise EditIsNotPossible(f"{edit.application!r} has no wave to be locked to; name one")
    draft.assignment[edit.application] = wave
    draft.instance = replace(
        draft.instance,
        units=tuple(
            replace(unit, locked=wave if edit.locked else None) if unit.key == edit.application else unit
            for unit in draft.instance.units
        ),
    )


def _apply_split(draft: _Draft, edit: SplitEdit) -> None:
    wave = draft.find_wave(edit.wave)
    for name in edit.applications:
        draft.require_application(name)
        if draft.assignment[name] != wave.index:
            raise EditIsNotPossible(f"{name!r} is not in wave {edit.wave}, so it can't be split off it")
    days = (wave.ends - wave.starts).days + 1
    middle = edit.starts or wave.starts + timedelta(days=(days + 1) // 2)
    if not wave.starts < middle <= wave.ends:
        raise EditIsNotPossible(f"wave {edit.wave} ({wave.starts} to {wave.ends}) can't be split at {middle}")
    part = (middle - wave.starts).days / days
    first = replace(_scale_wave(wave, part), ends=middle - timedelta(days=1))
    fresh = max(other.index for other in draft.instance.waves) + 1
    rest = replace(_subtract_wave(wave, first), index=fresh, starts=middle)
    for name in edit.applications:
        draft.assignment[name] = fresh
    moved = set(edit.applications)
    units = tuple(
        replace(unit, locked=fresh) if unit.key in moved and unit.locked is not None else unit
        for unit in draft.instance.units
    )
    at = draft.instance.waves.index(wave)
    waves = (*draft.instance.waves[:at], first, rest, *draft.instance.waves[at + 1 :])
    draft.renumber(waves, units)


def _scale_wave(wave: Wave, part: float) -> Wave:
    return replace(
        wave,
        effort=None if wave.effort is None else wave.effort * part,
        servers=None if wave.servers is None else int(wave.servers * part),
        teams={team: limit * part for team, limit in wave.teams.items()},
    )


def _subtract_wave(wave: Wave, taken: Wave) -> Wave:
    return replace(
        wave,
        effort=None if wave.effort is None else wave.effort - (taken.effort or 0),
        servers=None if wave.servers is None else wave.servers - (taken.servers or 0),
        teams={team: limit - taken.teams[team] for team, limit in wave.teams.items()},
    )


def _apply_date(draft: _Draft, edit: DateEdit) -> None:
    if edit.application is not None:
        draft.require_application(edit.application)
        units = tuple(
            replace(unit, not_before=edit.not_before) if unit.key == edit.application else unit
            for unit in draft.instance.units
        )
        draft.instance = replace(draft.instance, units=units)
    elif edit.wave is not None:
        wave = draft.find_wave(edit.wave)
        # Who gives a closed wave other days opens it; what is frozen then is each unit's own to say.
        dated = replace(wave, starts=edit.starts or wave.starts, ends=edit.ends or wave.ends, blackout=False)
        if dated.ends < dated.starts:
            raise EditIsNotPossible(
                f"wave {edit.wave} would end on {dated.ends}, before it starts on {dated.starts}"
            )
        draft.instance = replace(
            draft.instance, waves=tuple(dated if w is wave else w for w in draft.instance.waves)
        )


def _apply_merge(draft: _Draft, edit: MergeEdit) -> None:
    one, two = draft.find_wave(edit.first), draft.find_wave(edit.second)
    at = draft.instance.waves.index(one)
    if draft.instance.waves[at + 1 : at + 2] != (two,):
        raise EditIsNotPossible(
            f"waves {edit.first} and {edit.second} are not neighbours; merge neighbours only"
        )
    teams = {team: one.teams[team] + two.teams[team] for team in sorted(one.teams) if team in two.teams}
    both = Wave(
        index=one.index,
        starts=one.starts,
        ends=max(one.ends, two.ends),
        blackout=one.blackout or two.blackout,
        effort=None if one.effort is None or two.effort is None else one.effort + two.effort,
        servers=None if one.servers is None or two.servers is None else one.servers + two.servers,
        teams=teams,
    )
    draft.assignment = {
        key: one.index if wave == two.index else wave for key, wave in draft.assignment.items()
    }
    draft.numbers = {shown: one.index if wave == two.index else wave for shown, wave in draft.numbers.items()}
    units = tuple(
        replace(unit, locked=one.index) if unit.locked == two.index else unit for unit in draft.instance.units
    )
    draft.renumber((*draft.instance.waves[:at], both, *draft.instance.waves[at + 2 :]), units)


_APPLY: dict[type, Callable[[_Draft, Any], None]] = {
    MoveEdit: _apply_move,
    LockEdit: _apply_lock,
    SplitEdit: _apply_split,
    DateEdit: _apply_date,
    MergeEdit: _apply_merge,
}


def _check_calendar(instance: Instance) -> list[str]:
    """Waves must follow one another, for precedence is judged by their numbers."""
    return [
        f"wave {later.index} starts on {later.starts}, before wave {earlier.index} ends on {earlier.ends}"
        for earlier, later in zip(instance.waves, instance.waves[1:], strict=False)
        if later.starts <= earlier.ends
    ]


def _list_loads(instance: Instance, assignment: Mapping[str, int | None]) -> list[dict[str, Any]]:
    loads = measure_loads(instance, assignment)
    rows = []
    for wave in instance.waves:
        limits: dict[str, float | None] = {"effort": wave.effort, "servers": wave.servers}
        limits |= {f"team:{team}": limit for team, limit in sorted(wave.teams.items())}
        rows += [
            {"wave": wave.index, "capacity": what, "used": loads[wave.index].get(what, 0), "limit": limit}
            for what, limit in limits.items()
        ]
    return rows
