"""Adds up the time a condition held."""


class Stopwatch:
    """`seconds` grows between two calls of `run(True, …)`."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._since: float | None = None

    def run(self, running: bool, now: float) -> None:
        """`now` on a monotonic clock, seconds."""
        if self._since is not None:
            self.seconds += now - self._since
        self._since = now if running else None
