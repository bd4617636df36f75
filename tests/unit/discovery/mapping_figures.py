"""How well columns are mapped, in figures: `python -m tests.unit.discovery.mapping_figures [--list]`.

Cases: the headers of `data/mapping_headers.csv` (renamed as companies do), those of `data/mapping_headers_fresh.csv`,
and, where CARAVAN_REFERENCE_DATA names the reference inventories, theirs with recognition of formats and without. No
model. Which of them the rules were written by stands in docs/acceptance.md; `--list` shows faults but of held-out ones.
"""

import csv
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from caravan_discovery.domain.mapping.detect import THRESHOLD
from tests.unit.discovery.conftest import Discovery

DATA = Path(__file__).parent / "data"
OWN = DATA / "mapping_headers.csv"
HALVES = ("tuned", "held_out")
# Written before their author read the words of the rules: `seen` ones the rules were then improved by, `held_out` ones
# never looked at one by one. `published` ones are headers that others wrote for files of theirs, the later ones read
# after the rules had been improved by the first; the values are ours.
FRESH = DATA / "mapping_headers_fresh.csv"
FRESH_PARTS = ("seen", "held_out", "published", "published_later")
# Where the reference has a file for a format; formats known by their headers only get rows of ones.
REFERENCE_FILES = {
    "rvtools": "aws_samples/RVTools_Export.xlsx",
    "mpa": "aws_samples/it-infrastructure-inventory.xlsx",
    "cmf_intake": "aws_cmf_intake/server-list.csv",
    "konveyor": "konveyor/template_application_import.csv",
}
_WITH_SHEETS = ("rvtools", "mpa")


@dataclass(frozen=True)
class Truth:
    """A column and the answers that count as right: attributes; empty where it may stay custom."""

    file: str
    sheet: str
    header: str
    answers: frozenset[str]
    first: str

    @property
    def has_attribute(self) -> bool:
        """Columns of parts and relations, and columns without a meaning, are counted apart."""
        return self.first != "" and not self.first.startswith("relation:")


@dataclass
class Figures:
    """`columns` have an attribute, `others` have none; `sure` ones are at or above the threshold."""

    columns: int = 0
    right: int = 0
    sure_and_wrong: int = 0
    others: int = 0
    others_kept: int = 0
    others_sure_and_wrong: int = 0
    faults: list[str] = field(default_factory=list)

    @property
    def share_right(self) -> float:
        return self.right / self.columns

    @property
    def share_sure_and_wrong(self) -> float:
        """Over all columns, those without an attribute included."""
        return (self.sure_and_wrong + self.others_sure_and_wrong) / (self.columns + self.others)

    def __str__(self) -> str:
        return (
            f"{self.right} of {self.columns} right ({self.share_right:.1%}), {self.sure_and_wrong} wrong above "
            f"{THRESHOLD}; {self.others_kept} of {self.others} without attribute kept, "
            f"{self.others_sure_and_wrong} wrong above {THRESHOLD}"
        )


def own_figures(half: str) -> Figures:
    """The headers of this project's own set."""
    return _figures_of(OWN, half)


def fresh_figures(part: str) -> Figures:
    """The headers that were written apart from the rules."""
    return _figures_of(FRESH, part)


def together(parts: Sequence[Figures]) -> Figures:
    """The figures of several parts as those of one."""
    whole = Figures()
    for each in parts:
        whole.columns += each.columns
        whole.right += each.right
        whole.sure_and_wrong += each.sure_and_wrong
        whole.others += each.others
        whole.others_kept += each.others_kept
        whole.others_sure_and_wrong += each.others_sure_and_wrong
        whole.faults += each.faults
    return whole


def _figures_of(path: Path, half: str) -> Figures:
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["half"] == half]
    flow = _flow()
    truth: list[Truth] = []
    for table in dict.fromkeys(row["table"] for row in rows):
        columns = [row for row in rows if row["table"] == table]
        cells = [[row["header"] for row in columns]]
        cells += map(list, zip(*(row["values"].split(" | ") for row in columns), strict=True))
        flow.write(f"{table}.csv", _as_csv(cells))
        truth += [_own_truth(f"{table}.csv", row) for row in columns]
    return _figures(flow, truth, formats=False)


def _own_truth(file: str, row: dict[str, str]) -> Truth:
    answers = [
        "" if answer == "-" else answer if answer.startswith("relation:") else answer.partition(":")[0]
        for answer in row["answer"].split("/")
    ]
    return Truth(file, "", row["header"], frozenset(answers), answers[0])


def reference_figures(*, formats: bool) -> Figures:
    """The reference inventories, with recognition of formats or as if each were a table of nobody's."""
    folder = Path(os.environ["CARAVAN_REFERENCE_DATA"])
    with (folder / "mapping_truth.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    flow = _flow()
    for path in REFERENCE_FILES.values():
        flow.upload(folder / "inventories" / path)
    for name in sorted({row["format"] for row in rows} - set(REFERENCE_FILES)):
        headers = [row["header"] for row in rows if row["format"] == name]
        flow.write(f"{name}.csv", _as_csv([headers, ["1"] * len(headers)]))
    return _figures(flow, [_reference_truth(row) for row in rows], formats=formats)


def _reference_truth(row: dict[str, str]) -> Truth:
    """A note "accept: …" lists further answers; "(none)" is to leave the column custom."""
    path = REFERENCE_FILES.get(row["format"], f"{row['format']}.csv")
    note = row["note"]
    accepted = note.removeprefix("accept:").split(";")[0].split(",") if note.startswith("accept:") else []
    answers = {row["attribute"], *(word.strip().replace("(none)", "") for word in accepted)}
    sheet = row["sheet"] if row["format"] in _WITH_SHEETS else ""
    header = " ".join(row["header"].split())
    return Truth(path.rpartition("/")[2], sheet, header, frozenset(answers), row["attribute"])


def _flow() -> Discovery:
    return Discovery(Path(tempfile.mkdtemp()))


def _as_csv(rows: Sequence[Sequence[str]]) -> str:
    return "".join(";".join('"' + cell.replace('"', '""') + '"' for cell in cells) + "\n" for cells in rows)


def _figures(flow: Discovery, truth: Sequence[Truth], *, formats: bool) -> Figures:
    flow.run("data_import")
    if not formats:
        columns = flow.table("source_columns")
        flow.provide(
            "source_columns", columns.with_columns(format=pl.lit("generic"), record_kind=pl.lit("table"))
        )
    flow.run("attribute_mapping")
    found = {(row["file"], row["sheet"], row["column"]): row for row in flow.rows("field_mappings")}
    figures = Figures()
    for each in truth:
        _count(figures, each, found.get((each.file, each.sheet, each.header)))
    return figures


def _count(figures: Figures, truth: Truth, mapping: dict[str, Any] | None) -> None:
    """A column of an ignored sheet is not mapped: right where it has no attribute."""
    attribute = (mapping["attribute"] or "") if mapping is not None else ""
    fits = attribute in truth.answers
    sure = mapping is not None and mapping["confidence"] >= THRESHOLD
    if truth.has_attribute:
        figures.columns += 1
        figures.right += fits
        figures.sure_and_wrong += sure and not fits
    else:
        figures.others += 1
        figures.others_kept += fits
        figures.others_sure_and_wrong += sure and not fits
    if not fits and (sure or truth.has_attribute) and mapping is not None:
        figures.faults.append(
            f"{'SURE ' if sure else ''}{truth.file} {truth.sheet} {truth.header!r}: {attribute or 'custom'} "
            f"({mapping['confidence']:.2f}: {mapping['evidence']}) instead of {truth.first or 'custom'}"
        )


def main() -> None:
    cases = {f"own headers, {half}": (lambda half=half: own_figures(half)) for half in HALVES}
    cases |= {f"fresh headers, {part}": (lambda part=part: fresh_figures(part)) for part in FRESH_PARTS}
    if os.environ.get("CARAVAN_REFERENCE_DATA"):
        cases["reference, formats recognised"] = lambda: reference_figures(formats=True)
        cases["reference, recognition off"] = lambda: reference_figures(formats=False)
    for name, count in cases.items():
        figures = count()
        sys.stdout.write(f"{name}: {figures}\n")
        if "--list" in sys.argv and "held_out" not in name:
            sys.stdout.writelines(f"    {fault}\n" for fault in figures.faults)


if __name__ == "__main__":
    main()
