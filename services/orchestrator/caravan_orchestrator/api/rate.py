"""How many requests a second one subject may send: a bucket of tokens for each, in the memory of this replica."""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable

# Whoever is forgotten begins anew with a full bucket, so only those who have long been silent may be.
_REMEMBERED = 10_000


class Rate:
    """Never waits and asks nobody. Two replicas allow twice the rate."""

    def __init__(self, per_second: float, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_second, self._burst, self._clock = per_second, max(1, burst), clock
        # Who → requests left, and when that was; the one seen last at the end.
        self._left: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()

    def take(self, who: Hashable) -> float:
        """0.0 when the request may pass; else the seconds after which the next one may."""
        if self._per_second <= 0:
            return 0.0
        now = self._clock()
        left, before = self._left.get(who, (float(self._burst), now))
        left = min(self._burst, left + (now - before) * self._per_second)
        allowed = left >= 1
        self._left[who] = (left - 1 if allowed else left, now)
        self._left.move_to_end(who)
        if len(self._left) > _REMEMBERED:
            self._left.popitem(last=False)
        return 0.0 if allowed else (1 - left) / self._per_second
