"""Which tests stay together where several processes share a run, and which are begun first.

A test belongs to its file, and where a folder's tests look at one costly platform, to the folder: it is started once.
Tests with limits by the clock run one after the other: two of them at a time would take each other's processors.
"""

from collections.abc import Iterable
from pathlib import PurePosixPath

from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

# Their conftest.py starts a platform, or runs the whole journey, for the session.
_TOGETHER = (
    "tests/clients/",
    "tests/integration/assessment/",
    "tests/integration/discovery/",
    "tests/integration/plans/",
    "tests/integration/trust/",
)
# Whole platforms by processes of their own, or a broker that starts again, each with a limit by the clock.
_BY_THE_CLOCK = ("tests/chaos/", "tests/e2e/", "tests/integration/transport/test_rabbit_faults.py")
# The long ones first, by about how long they take; what is left over for the end is short, so that no process idles.
_LONG = ("tests/chaos", "tests/simulation", "tests/integration", "tests/fuzz", "tests/docs")


class TogetherByFixtures(LoadScopeScheduling):  # type: ignore[misc]
    """Gives out whole files and folders."""

    def _split_scope(self, nodeid: str) -> str:
        return kept_together(nodeid)

    def _assign_work_unit(self, node: WorkerController) -> None:
        self.workqueue.move_to_end(next_of(self.workqueue), last=False)
        super()._assign_work_unit(node)


def kept_together(nodeid: str) -> str:
    """The file or folder whose tests run in one process with this one."""
    file = nodeid.split("::", 1)[0]
    if file.startswith(_BY_THE_CLOCK):
        return "tests/chaos"
    return str(PurePosixPath(file).parent) if file.startswith(_TOGETHER) else file


def next_of(waiting: Iterable[str]) -> str:
    """Within a rank the order is that of the collection: `min` takes the first of equals."""

    def rank(scope: str) -> int:
        return next((number for number, start in enumerate(_LONG) if scope.startswith(start)), len(_LONG))

    return min(waiting, key=rank)
