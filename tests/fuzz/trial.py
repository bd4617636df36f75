"""One broken file through data_import in a process of its own, and what must hold whatever came of it."""

import hashlib
import resource
import tempfile
import time
from collections import Counter
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import polars as pl

from caravan_common.contracts import PhaseError
from caravan_common.phases import PhaseContext, PhaseResult, Upload, write_dataset
from caravan_discovery.flow import DISCOVERY
from caravan_discovery.phases import data_import
from tests.fuzz.base_files import GOOD, GOOD_ROWS, base_files
from tests.fuzz.breaking import break_file

_ADDRESS_SPACE = 6 << 30


class Trial(NamedTuple):
    """`outcome`: refused (no file could be read), unreadable, ignored, rejected (some rows), accepted; or `fault`."""

    seed: int
    name: str
    done: str
    outcome: str
    fault: str | None
    seconds: float
    peak_mib: int


def serve(connection: Connection) -> None:
    """Tries seed after seed as they come in. Ends when the connection does."""
    resource.setrlimit(resource.RLIMIT_AS, (_ADDRESS_SPACE, _ADDRESS_SPACE))
    files = base_files()
    try:
        while True:
            connection.send(tuple(try_seed(connection.recv(), files)))
    except EOFError:
        return


def try_seed(seed: int, files: dict[str, bytes]) -> Trial:
    """Everything follows from the seed and the base files."""
    random = Random(seed)
    name = random.choice(sorted(files))
    data, done = break_file(name, files[name], random)
    alone = random.random() < 0.25
    started = time.monotonic()
    outcome, fault = "fault", None
    try:
        outcome = _import(name, data, alone=alone)
    except BaseException as error:  # noqa: BLE001 whatever escapes is the finding
        fault = f"{type(error).__name__}: {str(error)[:300]}"
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return Trial(seed, name, done, outcome, fault, time.monotonic() - started, peak)


def _import(name: str, data: bytes, *, alone: bool) -> str:
    with tempfile.TemporaryDirectory(prefix="caravan-fuzz-") as directory:
        folder = Path(directory)
        uploads = [_upload(folder, f"broken-{name}", data)]
        if not alone:
            uploads.append(_upload(folder, "good.csv", GOOD.encode()))
        (folder / "scratch").mkdir()
        context = PhaseContext(
            flow_type="discovery",
            phase="data_import",
            inputs={},
            uploads=tuple(uploads),
            configuration={},
            decisions=(),
            scratch=folder / "scratch",
            judge=lambda _crew, _cases: [],
        )
        refused: PhaseError | None = None
        try:
            result = data_import.run(context)
        except PhaseError as error:
            refused = error
        else:
            return _check(result, folder, alone=alone)
        assert alone, "a broken file keeps the good one out"
        assert refused.info.code == "no_readable_file", refused.info.code
        assert len(refused.info.message) > 20, "an error without a sentence"
        return "refused"


def _upload(folder: Path, name: str, data: bytes) -> Upload:
    path = folder / f"upload-{name}"
    path.write_bytes(data)
    return Upload(name, path, hashlib.sha256(data).hexdigest(), len(data))


def _check(result: PhaseResult, folder: Path, *, alone: bool) -> str:
    """What was counted is what was written, each refusal has its reason, and the good file came in whole."""
    tables = {
        spec.name: pl.read_parquet(write_dataset(spec, result.datasets[spec.name], folder).path)
        for spec in DISCOVERY.phase("data_import").outputs
    }
    accepted = _count(tables["raw_rows"])
    rejected = _count(tables["rejected_rows"])
    imports = tables["imports"].to_dicts()
    for entry in imports:
        place = entry["file"], entry["sheet"]
        assert entry["accepted"] == accepted.pop(place, 0), f"accepted rows of {place}"
        assert entry["rejected"] == rejected.pop(place, 0), f"rejected rows of {place}"
        assert entry["rows"] == entry["accepted"] + entry["rejected"]
        if entry["format"] in ("unreadable", "ignored"):
            assert entry["reason"], "no reason given"
            assert entry["rows"] == 0, "half an import"
    assert not accepted, f"rows of nowhere: {accepted}"
    assert not rejected, f"rows of nowhere: {rejected}"
    assert tables["rejected_rows"].filter(pl.any_horizontal(pl.col("code", "message").is_null())).is_empty()
    assert tables["rejected_rows"]["natural_key"].is_unique().all(), "a row rejected twice"
    if not alone:
        good = next(entry for entry in imports if entry["file"] == "good.csv")
        assert good["accepted"] == GOOD_ROWS, "the good file did not come in whole"
    return _outcome([entry for entry in imports if entry["file"] != "good.csv"])


def _count(rows: pl.DataFrame) -> Counter[tuple[str, str]]:
    return Counter(
        {(file, sheet): count for file, sheet, count in rows.group_by("file", "sheet").len().rows()}
    )


def _outcome(entries: list[dict[str, Any]]) -> str:
    if any(entry["format"] == "unreadable" for entry in entries):
        return "unreadable"
    if any(entry["rejected"] for entry in entries):
        return "rejected"
    return "accepted" if any(entry["accepted"] for entry in entries) else "ignored"
