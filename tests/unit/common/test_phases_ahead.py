"""Batches worked on ahead of time: in order, few at once, errors where they belong."""

import threading
from collections.abc import Iterator

import pytest

from caravan_common.phases._ahead import map_ahead, read_ahead


def test_results_come_in_the_order_of_the_items_whoever_is_done_first() -> None:
    second_done = threading.Event()

    def wait_for_the_second(item: int) -> int:
        if item == 0:
            assert second_done.wait(5)
        elif item == 1:
            second_done.set()
        return item * 10

    assert list(map_ahead(wait_for_the_second, range(5))) == [0, 10, 20, 30, 40]


def test_no_more_than_a_few_items_are_taken_ahead() -> None:
    taken = []

    def items() -> Iterator[int]:
        for number in range(100):
            taken.append(number)
            yield number

    results = map_ahead(str, items(), workers=2)
    next(results)
    assert len(taken) == 3


def test_an_error_is_raised_where_the_result_is_due() -> None:
    def fail_at_one(item: int) -> int:
        if item == 1:
            raise ValueError("one")
        return item

    results = map_ahead(fail_at_one, range(3), workers=1)
    assert next(results) == 0
    with pytest.raises(ValueError, match="one"):
        next(results)


def test_what_is_read_ahead_comes_in_order_and_its_error_where_it_is_due() -> None:
    def items() -> Iterator[int]:
        yield from range(3)
        raise ValueError("torn")

    read = read_ahead(items())

    assert [next(read) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(ValueError, match="torn"):
        next(read)
    assert list(read_ahead([])) == []


def test_one_item_at_most_is_made_before_it_is_wanted() -> None:
    taken: list[int] = []
    second = threading.Event()

    def items() -> Iterator[int]:
        for number in range(10):
            taken.append(number)
            if number:
                second.set()
            yield number

    read = read_ahead(items())
    assert next(read) == 0
    assert second.wait(5)
    assert taken == [0, 1]
    read.close()
