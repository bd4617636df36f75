"""The figures of a wave plan that the gateway shows: the cut is what the planner counts."""

from pathlib import Path

import polars as pl

from caravan_common.artifacts import ArtifactStore
from caravan_orchestrator.store.reads.plans import figures, read_edges

PLAN = pl.DataFrame({"natural_key": ["a", "b", "dns"], "wave": [1, 2, 3], "effort": [1.0, 2.0, 4.0]})


async def test_edges_of_shared_services_and_hard_ones_cut_nothing(tmp_path: Path) -> None:
    edges = pl.DataFrame(
        {
            "source": ["a", "a", "b", "a"],
            "target": ["b", "dns", "dns", "b"],
            "kind": ["soft", "soft", "soft", "hard_order"],
            "weight": [2.5, 100.0, 100.0, 10.0],
            "shared_service": [False, True, None, False],
        }
    )
    edges.write_parquet(tmp_path / "edges.parquet")
    store = ArtifactStore.open(tmp_path.as_uri())

    found = await read_edges(store, "edges.parquet")
    assert figures(PLAN, found)["cut"] == 102.5, "null is no shared service"
    assert figures(PLAN.with_columns(shared_service=pl.Series([False, False, True])), found)["cut"] == 2.5


async def test_edges_that_know_no_shared_services_all_count(tmp_path: Path) -> None:
    edges = pl.DataFrame({"source": ["a"], "target": ["b"], "kind": ["soft"], "weight": [2.5]})
    edges.write_parquet(tmp_path / "edges.parquet")
    store = ArtifactStore.open(tmp_path.as_uri())

    assert figures(PLAN, await read_edges(store, "edges.parquet"))["cut"] == 2.5
    assert figures(PLAN, await read_edges(store, None))["cut"] == 0.0
