"""How sure an end is, against values that follow from the distribution: one task, two beside and after each other.

A task of 100, 250 or 700 days (least, likely, most) takes 100 + 600 x days, x by a beta distribution of 2 and 4, whose
share below x is 1 - (1 - x)**5 - 5 x (1 - x)**4. Solved for a share of 50 and 80 % that is 288 and 394 days; for two at
once, both of which must have ended, 356 and 446 (the roots of these shares). Two in a row: convolved with itself.
"""

import pytest

from caravan_planning.domain.scheduling import Project
from caravan_planning.domain.timeline.network import SAMPLES, link_tasks, simulate

ESTIMATE = (100.0, 250.0, 700.0)
# Four standard errors of a share among so many samples, in days, rounded up; and a day since days are whole.
NEAR = {"one": 25, "beside": 21, "row": 31}


def project(*successors: tuple[int, ...], people: int | None = None) -> Project:
    """Tasks of the likely length; with `people` each needs one of so many."""
    demands = ((),) * len(successors) if people is None else ((1,),) * len(successors)
    capacities = () if people is None else (people,)
    return Project((250,) * len(successors), demands, successors, capacities)


def test_one_skewed_task_ends_as_its_distribution_says() -> None:
    found = simulate(link_tasks(project(()), (0,)), [ESTIMATE])

    assert SAMPLES == 1000
    assert found.p50 == pytest.approx(288, abs=NEAR["one"])
    assert found.p80 == pytest.approx(394, abs=NEAR["one"])
    # Skewed to the right: the likely length is not reached by half.
    assert 250 < found.p50 < found.p80
    assert found.ends == [found.p80]


def test_what_waits_for_two_at_once_waits_for_the_later_of_them() -> None:
    found = simulate(link_tasks(project((), ()), (0, 0)), [ESTIMATE, ESTIMATE])

    assert found.p50 == pytest.approx(356, abs=NEAR["beside"])
    assert found.p80 == pytest.approx(446, abs=NEAR["beside"])
    assert found.ends == pytest.approx([394, 394], abs=NEAR["one"])


@pytest.mark.parametrize(
    "tasks", [project((1,), ()), project((), (), people=1)], ids=["precedence", "people"]
)
def test_what_waits_for_another_or_for_its_people_starts_at_its_end(tasks: Project) -> None:
    found = simulate(link_tasks(tasks, (0, 250)), [ESTIMATE, ESTIMATE])

    assert found.p50 == pytest.approx(591, abs=NEAR["row"])
    assert found.p80 == pytest.approx(729, abs=NEAR["row"])


def test_a_length_without_spread_is_certain_and_equal_plans_have_equal_outlooks() -> None:
    certain = simulate(link_tasks(project((1,), ()), (0, 250)), [(3.0, 3.0, 3.0), (1.2, 1.2, 1.2)])
    again = [simulate(link_tasks(project(()), (0,)), [ESTIMATE]) for _ in range(2)]

    assert (certain.p50, certain.p80, certain.ends) == (5, 5, [3, 5])
    assert again[0] == again[1]
