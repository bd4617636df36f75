"""How well two inventories of one estate are merged, against the truth they were made from.

    python benchmarks/merging.py [--size 10000] [--seed 1]

For a hypervisor export and for a monitoring export beside a CMDB (see two_sources.py): precision and recall over the
machines that stand in both, also those whose records share no identifier; disagreements without a conflict; rows
counted twice or not at all; questions asked instead of joining.
"""

import argparse
import json
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import polars as pl

# Also as a script, from wherever it is called.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.phases_in_turn import Job, report, run_phase
from benchmarks.two_sources import TwoSources, make_two_sources

PHASES = ("data_import", "attribute_mapping", "data_cleansing", "inventory")


@dataclass(frozen=True)
class Score:
    """What merging made of two sources. `wrong` and `missed` are pairs; `uncounted` rows that stand in no asset.

    `silent` are disagreements of joined pairs without a conflict of winner, loser and reason; `doubled` assets with
    two rows of one source.
    """

    joined: int
    wrong: int
    missed: int
    missed_with_identifier: int
    uncounted: int
    doubled: int
    disagreements: int
    silent: int

    @property
    def precision(self) -> float:
        return 1 - self.wrong / self.joined if self.joined else 0.0

    @property
    def recall(self) -> float:
        right = self.joined - self.wrong
        return right / (right + self.missed)


def score(truth: TwoSources, assets: pl.DataFrame, conflicts: pl.DataFrame) -> Score:
    """`assets`: natural_key, source_entities; `conflicts`: asset_key, attribute, winner, losers, reason."""
    sides = ((truth.left_file, truth.left), (truth.right_file, truth.right))
    # The header is row 1.
    machine_of = {f"{file}##{at + 2}": number for file, numbers in sides for at, number in enumerate(numbers)}
    pairs, right, doubled, seen = 0, {}, 0, set()
    for key, places in assets.select("natural_key", "source_entities").iter_rows():
        rows = [place for place in places if place in machine_of]
        seen.update(rows)
        files = {place.rsplit("#", 2)[0] for place in rows}
        doubled += len(rows) > len(files)
        if len(files) == 2:
            pairs += 1
            if len({machine_of[place] for place in rows}) == 1:
                right[key] = machine_of[rows[0]]
    told = {
        (right[key], attribute)
        for key, attribute, winner, losers, reason in conflicts.select(
            "asset_key", "attribute", "winner", "losers", "reason"
        ).iter_rows()
        if key in right and winner and losers and reason
    }
    joined_right = set(right.values())
    expected = {each for each in truth.disagreements if each[0] in joined_right}
    missed = truth.pairs - joined_right
    return Score(
        joined=pairs,
        wrong=pairs - len(right),
        missed=len(missed),
        missed_with_identifier=sum(bool(truth.shared_identifiers[number]) for number in missed),
        uncounted=len(machine_of) - len(seen),
        doubled=doubled,
        disagreements=len(expected),
        silent=len(expected - told),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure how well two sources are merged.")
    parser.add_argument("--size", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    for left in ("rvtools", "monitoring"):
        with tempfile.TemporaryDirectory(prefix="caravan-merging-") as folder:
            _measure(left, make_two_sources(arguments.size, arguments.seed, left), Path(folder))


def _measure(left: str, truth: TwoSources, folder: Path) -> None:
    files = []
    for name, content in truth.files.items():
        files.append(folder / name)
        files[-1].write_text(content, encoding="utf-8")
    for phase in PHASES:
        run_phase(Job(phase, tuple(files), folder, "2026-11-21"))
    conflicts = pl.read_parquet(folder / "conflicts.parquet")
    found = score(truth, pl.read_parquet(folder / "assets.parquet"), conflicts)
    summary = json.loads((folder / "summary-discovery-inventory.json").read_text("utf-8"))
    shared = Counter(len(kinds) for kinds in truth.shared_identifiers.values())
    pairs = {"pairs": len(truth.pairs), "by_shared_identifiers": dict(sorted(shared.items()))}
    report(
        "merging", f"{left} and cmdb: precision", round(found.precision, 5), "share", {"joined": found.joined}
    )
    missed = {"missed": found.missed, "missed_with_identifier": found.missed_with_identifier}
    report("merging", f"{left} and cmdb: recall", round(found.recall, 5), "share", pairs | missed)
    reasons = dict(conflicts["reason"].value_counts().sort("reason").iter_rows())
    told = {"of": found.disagreements, "conflicts": conflicts.height, "reasons": reasons}
    report("merging", f"{left} and cmdb: disagreements without a conflict", found.silent, "values", told)
    counted = {"assets": summary["assets"]["total"], "not_counted": found.uncounted}
    report("merging", f"{left} and cmdb: counted twice", found.doubled, "assets", counted)


if __name__ == "__main__":
    main()
