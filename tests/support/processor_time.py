"""What work costs, whatever else the machine does meanwhile."""

from contextlib import suppress

import psutil


def processor_seconds() -> float:
    """Of this process and of all that it has started, so far, in user and system mode; take the difference of two.

    Servers that were there before are not counted.
    """
    this = psutil.Process()
    total = 0.0
    for process in (this, *this.children(recursive=True)):
        # One that has ended counts with its parent, once that has waited for it.
        with suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            total += times.user + times.system + times.children_user + times.children_system
    return total
