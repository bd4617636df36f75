"""Schedules are valid, as short as can be proven, and the same again."""

import pytest
from hypothesis import given, settings

from caravan_planning.domain.scheduling import Absence, Project, ProjectIsInvalid, schedule
from caravan_planning.domain.scheduling.chains import chain_tasks
from caravan_planning.domain.scheduling.heuristics import Heuristics, order_by
from tests.unit.planning.scheduling.projects import find_violations, projects


def project(durations: list[int], needs: list[int], capacity: int, after: dict[int, list[int]]) -> Project:
    successors = tuple(tuple(after.get(task, ())) for task in range(len(durations)))
    return Project(tuple(durations), tuple((need,) for need in needs), successors, (capacity,))


@settings(max_examples=60, deadline=None)
@given(projects())
def test_every_schedule_keeps_precedence_capacities_releases_closed_periods_and_absences(
    given: Project,
) -> None:
    found = schedule(given, steps=20)
    assert find_violations(given, found.starts) == []
    assert found.makespan == max(
        start + length for start, length in zip(found.starts, given.durations, strict=True)
    )


@settings(max_examples=60, deadline=None)
@given(projects())
def test_no_lower_bound_is_above_the_makespan(given: Project) -> None:
    found = schedule(given, steps=20)
    assert max(given.critical_path, given.energy_bound) <= found.lower_bound <= found.makespan
    assert (found.status == "optimal") == (found.lower_bound == found.makespan)


@settings(max_examples=60, deadline=None)
@given(projects())
def test_rules_sampling_and_evolution_alone_make_valid_schedules(given: Project) -> None:
    heuristics = Heuristics(given, seed=3)
    heuristics.start()
    heuristics.evolve(lambda: heuristics.made < 60)
    assert find_violations(given, heuristics.best) == []


@settings(max_examples=40, deadline=None)
@given(projects(constrained=False))
def test_who_hands_over_to_whom_keeps_the_capacities_when_everything_takes_twice_as_long(
    given: Project,
) -> None:
    starts = schedule(given, steps=5).starts
    links = chain_tasks(given, starts)
    longer = tuple(2 * length for length in given.durations)
    successors = [set(after) for after in given.successors]
    for before, after in links:
        successors[before].add(after)
    slower = Project(
        longer, given.demands, tuple(tuple(sorted(after)) for after in successors), given.capacities
    )
    assert find_violations(slower, slower.heads) == []


def test_three_tasks_that_need_everybody_follow_each_other() -> None:
    found = schedule(project([2, 3, 4], [1, 1, 1], 1, {}), steps=10)
    assert (found.makespan, found.lower_bound, found.status) == (9, 9, "optimal")


def test_a_known_optimum_above_both_simple_bounds_is_found_and_proven() -> None:
    # Three tasks of two people each, with three people: no two at once, though work over capacity says 4.
    found = schedule(project([2, 2, 2], [2, 2, 2], 3, {}), steps=50)
    assert (found.makespan, found.status) == (6, "optimal")


def test_the_same_steps_and_seed_give_the_same_schedule() -> None:
    hard = project(
        [3, 5, 2, 7, 4, 6, 3, 5, 2, 4], [2, 3, 1, 2, 3, 1, 2, 2, 3, 1], 4, {0: [4], 1: [5, 6], 2: [7], 4: [8]}
    )
    assert schedule(hard, steps=300, seed=7) == schedule(hard, steps=300, seed=7)


def test_without_steps_the_rules_alone_answer() -> None:
    hard = project([3, 5, 2, 7, 4], [2, 3, 2, 2, 3], 4, {0: [4]})
    found = schedule(hard, steps=0)
    assert find_violations(hard, found.starts) == []
    assert found.status in {"heuristic", "optimal"}


def test_a_limit_in_seconds_is_kept_and_gives_a_valid_schedule() -> None:
    hard = project(
        [3, 5, 2, 7, 4, 6, 3, 5, 2, 4], [2, 3, 1, 2, 3, 1, 2, 2, 3, 1], 4, {0: [4], 1: [5, 6], 2: [7], 4: [8]}
    )
    assert find_violations(hard, schedule(hard, seconds=0.5).starts) == []


def test_work_waits_until_those_who_are_away_are_back() -> None:
    given = Project((2,), ((1,),), ((),), (1,), absences=(Absence(0, 1, 5, 1),))
    assert schedule(given, steps=5).starts == (5,)


def test_a_task_that_can_never_be_staffed_is_refused_in_words() -> None:
    with pytest.raises(ProjectIsInvalid, match="needs 2 of resource 0, which has 1"):
        project([1], [2], 1, {})


def test_tasks_that_wait_for_each_other_are_refused() -> None:
    with pytest.raises(ProjectIsInvalid, match="cycle"):
        project([1, 1], [1, 1], 1, {0: [1], 1: [0]})


def test_a_priority_never_puts_a_task_before_what_it_waits_for() -> None:
    assert order_by([0.0, 5.0], project([1, 1], [1, 1], 1, {1: [0]})) == [1, 0]
