"""Work on the next batches while the last one is consumed. Order is kept, so that equal inputs give equal bytes."""

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def map_ahead(
    function: Callable[[Item], Result], items: Iterable[Item], *, workers: int = 2
) -> Iterator[Result]:
    """`function` of each item, in their order, up to `workers` at a time in threads of their own.

    At most `workers` results wait, so memory does not grow with the number of items. It pays where the time goes
    into polars or hashlib, which leave the interpreter to others. Items are taken in the caller's thread; an error
    is raised where its item's result is due.
    """
    with ThreadPoolExecutor(workers, thread_name_prefix="ahead") as pool:
        waiting: deque[Future[Result]] = deque()
        try:
            for item in items:
                waiting.append(pool.submit(function, item))
                if len(waiting) > workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def read_ahead(items: Iterable[Item]) -> Generator[Item, None, None]:
    """The items, each made in a thread of its own while the one before is consumed; one waits at most.

    An error is raised where its item is due. Who stops early waits for the item that is being made.
    """
    source = iter(items)
    with ThreadPoolExecutor(1, thread_name_prefix="ahead") as pool:
        coming = pool.submit(next, source, None)
        while (item := coming.result()) is not None:
            coming = pool.submit(next, source, None)
            yield item
