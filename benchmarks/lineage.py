"""How long it takes to trace an attribute of an asset to its cells, in an estate of any size.

    python benchmarks/lineage.py FILE... [--assets 50] [--seed 1] [--as-of 2026-11-21]

The files are taken in once; then assets are drawn and all their attributes traced, each through a fresh look into the
Parquet files, as the gateway does it (the database's part, some look-ups by key, is not in it). Milliseconds per asset:
median, 95th percentile, slowest; one line.
"""

import argparse
import asyncio
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

# Also as a script, from wherever it is called.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import polars as pl

from benchmarks.phases_in_turn import Job, measure, report
from caravan_common.artifacts import ArtifactStore
from caravan_discovery.flow import DISCOVERY
from caravan_orchestrator.store.reads.cells import read_cells
from caravan_orchestrator.store.reads.lineage import place_of
from caravan_orchestrator.store.reads.origins import origins

_DATASETS = (
    "raw_rows",
    "field_mappings",
    "column_targets",
    "clean_rows",
    "changes",
    "conflicts",
    "identities",
)
_NEEDED = ("data_import", "attribute_mapping", "data_cleansing", "inventory")


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure how fast attributes are traced to their cells.")
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--assets", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--as-of", default="2026-11-21")
    arguments = parser.parse_args()
    files = tuple(file.resolve() for file in arguments.files)
    with tempfile.TemporaryDirectory(prefix="lineage-") as name:
        folder = Path(name)
        for phase in DISCOVERY.phase_names:
            if phase in _NEEDED:
                measure(Job(phase, files, folder, arguments.as_of))
        assets = _drawn(folder / "assets.parquet", arguments.assets, arguments.seed)
        took = asyncio.run(_trace(folder, assets))
    rows = {"assets_traced": len(took), "files": [file.name for file in files]}
    spread = {"p95": round(statistics.quantiles(took, n=20)[-1], 1), "slowest": round(max(took), 1)}
    report("lineage", "asset", round(statistics.median(took), 1), "ms", rows | spread)


def _drawn(path: Path, count: int, seed: int) -> list[dict[str, Any]]:
    frame = pl.scan_parquet(path).filter(pl.col("source_entities").list.len() > 0)
    height = int(frame.select(pl.len()).collect().item())
    chosen = random.Random(seed).sample(range(height), min(count, height))
    return [frame.slice(at, 1).collect().to_dicts()[0] for at in chosen]


async def _trace(folder: Path, assets: list[dict[str, Any]]) -> list[float]:
    """Milliseconds of each."""
    store = ArtifactStore.open(folder.as_uri())
    keys = {name: f"{name}.parquet" for name in _DATASETS}
    took = []
    for asset in assets:
        started = time.perf_counter()
        references = asset["source_entities"]
        places = [place for ref in references if (place := place_of(ref)) is not None]
        cells = await read_cells(store, keys, places, asset["natural_key"])
        wanted = [name for name, value in asset.items() if value not in (None, [])]
        found = origins(asset, wanted, references, cells, ())
        took.append((time.perf_counter() - started) * 1000)
        if not any(origin["origin"] == "cells" for origin in found):
            raise SystemExit(f"{asset['natural_key']} leads to no cell.")
    return took


if __name__ == "__main__":
    main()
