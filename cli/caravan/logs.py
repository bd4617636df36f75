"""Where a command's own logs go: to a file beside the data, so that stderr stays readable."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from caravan_common.settings import Settings
from caravan_common.telemetry import setup_telemetry


@contextmanager
def logs_to_file(path: Path) -> Iterator[None]:
    """Of this process. Its children write to stderr what they must say, which is next to nothing."""
    flush = setup_telemetry("caravan", Settings.load())
    root = logging.getLogger()
    kept, level = root.handlers[:], root.level
    with path.open("a", encoding="utf-8") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        handler = logging.StreamHandler(file)
        handler.setFormatter(kept[0].formatter)
        root.handlers[:] = [handler]
        root.setLevel(logging.INFO)
        try:
            yield
        finally:
            root.handlers[:] = kept
            root.setLevel(level)
            flush()
