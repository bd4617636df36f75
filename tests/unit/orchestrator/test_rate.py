"""How many requests one may send: a burst, then the rate, and each by themselves."""

from caravan_orchestrator.api.rate import Rate


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_after_a_burst_the_rate_is_kept_and_the_wait_is_told() -> None:
    clock = Clock()
    rate = Rate(2, 3, clock)
    assert [rate.take("ann") for _ in range(4)] == [0.0, 0.0, 0.0, 0.5]
    clock.now += 0.5
    assert [rate.take("ann") for _ in range(2)] == [0.0, 0.5]


def test_a_rest_gives_back_no_more_than_the_burst() -> None:
    clock = Clock()
    rate = Rate(2, 3, clock)
    rate.take("ann")
    clock.now += 3600
    assert [rate.take("ann") == 0.0 for _ in range(4)] == [True, True, True, False]


def test_nobody_pays_for_another() -> None:
    rate = Rate(1, 1, Clock())
    assert rate.take("ann") == 0.0
    assert rate.take("ann") > 0
    assert rate.take("bob") == 0.0


def test_without_a_rate_everything_passes() -> None:
    rate = Rate(0, 1, Clock())
    assert {rate.take("ann") for _ in range(1000)} == {0.0}


def test_only_so_many_are_remembered_and_those_silent_longest_are_forgotten() -> None:
    clock = Clock()
    rate = Rate(1, 1, clock)
    for number in range(10_001):
        rate.take(number)
    assert rate.take(10_000) > 0
    assert rate.take(0) == 0.0
