"""Keeps CrewAI quiet: no calls home, no signal handlers, no files of clients left behind. Before its import.

Must run in worker children only; the orchestrator never needs CrewAI.
"""

import logging
import os
import tempfile
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

SETTINGS = {
    # Otherwise: SIGTERM and SIGINT handlers replaced, a call out at kickoff, an exit delayed by a last flush.
    # (OTEL_SDK_DISABLED would do it too, but turns off our own traces.)
    "CREWAI_DISABLE_TELEMETRY": "true",
    "CREWAI_DISABLE_TRACKING": "true",
    # An explicit no: unset, the first run collects a trace and asks on the terminal whether to send it.
    "CREWAI_TRACING_ENABLED": "false",
    "CREWAI_DISABLE_VERSION_CHECK": "true",
    # Importing crewai.llm loads the .env file nearest above site-packages into the process.
    "PYTHON_DOTENV_DISABLED": "true",
    # chromadb comes with CrewAI and has a telemetry of its own.
    "ANONYMIZED_TELEMETRY": "False",
}


class HomeNotWritable(RuntimeError):
    """CrewAI creates folders below HOME on import and can't be told not to."""


def prepare_environment() -> None:
    """Sets what CrewAI reads on import. Raises HomeNotWritable. Repeating it changes nothing."""
    os.environ.update(SETTINGS)
    require_writable_home()


def require_writable_home() -> None:
    """Raises HomeNotWritable, saying what to set, unless a folder can be made below HOME."""
    home = Path(os.environ.get("HOME") or Path("~").expanduser())
    try:
        with tempfile.TemporaryDirectory(prefix=".caravan-", dir=home):
            return
    except OSError as error:
        raise HomeNotWritable(
            f"Crews need a writable home folder, but {home} is not writable; set HOME to a folder that is."
        ) from error


@cache
def preload() -> None:
    """Imports CrewAI (2 to 7 s) so that children forked from this process have it at once.

    Only imports: CrewAI starts its threads with the first event, so nothing is lost by the fork.
    """
    prepare_environment()
    with without_warnings():
        import crewai  # noqa: F401  (the import is the effect)
    from crewai_core.lock_store import set_lock_backend

    set_lock_backend(_in_process_lock)
    # What CrewAI logs of a failed call may quote the prompt; the runner reports failures in its own words.
    logging.getLogger("crewai").setLevel(logging.CRITICAL)
    logging.getLogger().addFilter(_is_not_of_crewai)


def _is_not_of_crewai(record: logging.LogRecord) -> bool:
    """Its providers log through the root logger, so only the file tells them."""
    return f"{os.sep}crewai{os.sep}" not in record.pathname


@contextmanager
def without_warnings() -> Iterator[None]:
    """CrewAI warns of its own fields and modules; whoever treats warnings as errors could not use it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


_locks = threading.RLock()


@contextmanager
def _in_process_lock(name: str, *, timeout: float = 0) -> Iterator[None]:
    """Replaces CrewAI's lock files in the common temporary folder (or Redis, when REDIS_URL is set).

    Enough, because storage is private to the process (`private_storage`).
    """
    del name, timeout
    with _locks:
        yield


@contextmanager
def private_storage() -> Iterator[Path]:
    """A folder for the SQLite file into which every kickoff writes its task outputs; removed afterwards.

    By default it is one file below HOME, shared by all processes and tenants.
    """
    before = os.environ.get("CREWAI_STORAGE_DIR")
    with tempfile.TemporaryDirectory(prefix="caravan-crew-", ignore_cleanup_errors=True) as folder:
        # An absolute path is taken as it is: it is joined to the user's data folder.
        os.environ["CREWAI_STORAGE_DIR"] = folder
        try:
            yield Path(folder)
        finally:
            if before is None:
                del os.environ["CREWAI_STORAGE_DIR"]
            else:
                os.environ["CREWAI_STORAGE_DIR"] = before
