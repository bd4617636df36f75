"""Phases as functions over immutable tables: what they are given, what they give back, how it is written."""

from caravan_common.phases._ahead import map_ahead, read_ahead
from caravan_common.phases._as_of import read_as_of
from caravan_common.phases._context import Dataset, Judge, PhaseContext, PhaseFunction, PhaseResult, Upload
from caravan_common.phases.datasets import WrittenDataset, write_dataset, write_rows
from caravan_common.phases.entities import entity_lines, index_hash, iter_entities

__all__ = [
    "Dataset",
    "Judge",
    "PhaseContext",
    "PhaseFunction",
    "PhaseResult",
    "Upload",
    "WrittenDataset",
    "entity_lines",
    "index_hash",
    "iter_entities",
    "map_ahead",
    "read_ahead",
    "read_as_of",
    "write_dataset",
    "write_rows",
]
