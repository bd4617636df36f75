"""Blocked time is added up while it lasts, and only then."""

from caravan_common.bus._stopwatch import Stopwatch


def test_only_the_time_it_runs_is_counted() -> None:
    watch = Stopwatch()
    for running, now in ((False, 0.0), (True, 10.0), (True, 12.0), (False, 15.0), (False, 100.0)):
        watch.run(running, now)
    assert watch.seconds == 5.0


def test_a_second_run_adds_to_the_first() -> None:
    watch = Stopwatch()
    for running, now in ((True, 0.0), (False, 1.0), (True, 5.0), (False, 7.0)):
        watch.run(running, now)
    assert watch.seconds == 3.0
