"""Keeps the books while the files are written: rows, rejections, traps and their cells.

Nothing here reads a file back; what `expected.json` says is what the writers meant.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Cell = str | int | float | None


@dataclass
class Table:
    """One sheet or delimited file: a header and its data rows, with the fate each row deserves."""

    file: str
    sheet: str | None
    format: str
    header: Sequence[str]
    ledger: "Ledger"
    first_row: int = 2
    above: Sequence[Sequence[Cell]] = ()
    rows: list[list[Cell]] = field(default_factory=list)
    rejected: Counter[str] = field(default_factory=Counter)

    def add(self, values: Mapping[str, Cell], reject: str | None = None) -> int:
        """Append a row by column names; returns its row number as a spreadsheet shows it."""
        unknown = set(values) - set(self.header)
        if unknown:
            raise KeyError(f"{self.file}: no column {sorted(unknown)}")
        return self.add_cells([values.get(name) for name in self.header], reject)

    def add_cells(self, cells: Sequence[Cell], reject: str | None = None) -> int:
        """Append a row cell by cell, for rows that are broken on purpose."""
        self.rows.append(list(cells))
        if reject:
            self.rejected[reject] += 1
        row = self.first_row + len(self.rows) - 1
        if reject:
            self.ledger.rejected_rows.append(
                {"file": self.file, "sheet": self.sheet, "row": row, "reason": reject}
            )
        return row

    def trap(self, name: str, row: int, column: str, meaning: str) -> None:
        """Record that a trap lies in this cell; the value is taken from what was written."""
        position = list(self.header).index(column)
        value = self.rows[row - self.first_row][position]
        self.ledger.add_trap(name, (self.file, self.sheet, row, position + 1, column), value, meaning)

    def has_trap(self, name: str) -> bool:
        """Whether this table holds a trap of that name already."""
        return any(
            t["trap"] == name and t["sheet"] == self.sheet and t["file"] == self.file
            for t in self.ledger.traps
        )

    def summary(self) -> dict[str, Any]:
        rejected = sum(self.rejected.values())
        return {
            "file": self.file,
            "sheet": self.sheet,
            "format": self.format,
            "rows": len(self.rows),
            "accepted": len(self.rows) - rejected,
            "rejected": rejected,
            "reasons": dict(sorted(self.rejected.items())),
        }


@dataclass
class Ledger:
    """All that a run of the generator promised about the files."""

    imports: list[dict[str, Any] | Table] = field(default_factory=list)
    traps: list[dict[str, Any]] = field(default_factory=list)
    rejected_rows: list[dict[str, Any]] = field(default_factory=list)
    gaps: list[dict[str, Any]] = field(default_factory=list)
    conflicts: list[dict[str, Any]] = field(default_factory=list)

    def table(
        self,
        file: str,
        sheet: str | None,
        form: str,
        header: Sequence[str],
        above: Sequence[Sequence[Cell]] = (),
    ) -> Table:
        """Open a table; `above` are the rows over its header (blank rows, titles, upper header)."""
        table = Table(file, sheet, form, header, self, first_row=len(above) + 2, above=above)
        self.imports.append(table)
        return table

    def ignore(self, file: str, sheet: str | None, reason: str) -> None:
        """Record a sheet or file that is not data."""
        self.imports.append(
            {"file": file, "sheet": sheet, "format": "ignored", "reason": reason}
            | {"rows": 0, "accepted": 0, "rejected": 0, "reasons": {}}
        )

    def add_trap(
        self, name: str, cell: tuple[str, str | None, int, int, str], value: Cell, meaning: str
    ) -> None:
        keys = ("file", "sheet", "row", "column_number", "column")
        self.traps.append(
            {"trap": name, **dict(zip(keys, cell, strict=True)), "value": value, "meaning": meaning}
        )

    def add_gap(self, table: Table, row: int, reference: str, kind: str) -> None:
        self.gaps.append(
            {"file": table.file, "sheet": table.sheet, "row": row, "kind": kind, "reference": reference}
        )

    def add_conflict(self, asset: str, attribute: str, values: Mapping[str, Cell]) -> None:
        """Record that sources disagree on purpose; `values` maps source to what it says."""
        self.conflicts.append({"asset": asset, "attribute": attribute, "values": dict(values)})

    def summaries(self) -> list[dict[str, Any]]:
        return [entry.summary() if isinstance(entry, Table) else entry for entry in self.imports]
