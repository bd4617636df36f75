"""What is to be done with each column of each sheet, read off the mappings once. No cell is touched here."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import polars as pl

from caravan_discovery.domain.mapping.formats import header_key, kind_of
from caravan_discovery.domain.units import split_unit

MACHINE, HOST, PART, APPLICATION, DATABASE, RELATION, OTHER = (
    "machine",
    "host",
    "part",
    "application",
    "database",
    "relation",
    "other",
)

_ROLES = {
    "vinfo": MACHINE,
    "vhost": HOST,
    "servers": MACHINE,
    "server": MACHINE,
    "applications": APPLICATION,
    "application": APPLICATION,
    "databases": DATABASE,
    "database": DATABASE,
    "dependency": RELATION,
    "dependencies": RELATION,
    "server to application": RELATION,
    "server communication": RELATION,
    "database to application": RELATION,
    "application dependency": RELATION,
    "cmdb_rel_ci": RELATION,
    "flow": RELATION,
} | dict.fromkeys(("vdisk", "vnetwork", "vtools", "vcpu", "vmemory", "vpartition", "vcd", "vsnapshot"), PART)

# What says of a relation that one end of it runs on the other, in the words of CMDBs.
RUNS_WORDS = r"(?i)^\W*(?:runs on|hosted on|installed on|deployed on|läuft auf|betrieben auf|gehostet auf)\b"

# The source's own key by format and role: the first alternative whose headers the sheet has.
_VM_KEYS = (
    ("vi sdk uuid", "vm uuid"),
    ("vi sdk uuid", "vm id"),
    ("vi sdk server", "vm uuid"),
    ("vi sdk server", "vm id"),
    ("vm uuid",),
    ("vm id",),
    ("vi sdk uuid", "vm"),
    ("vm",),
)
_KEYS: dict[tuple[str, str], tuple[tuple[str, ...], ...]] = {
    ("rvtools", MACHINE): _VM_KEYS,
    ("rvtools", PART): _VM_KEYS,
    ("rvtools", HOST): (("vi sdk uuid", "host"), ("vi sdk server", "host"), ("host",)),
    ("mpa", MACHINE): (("serverid",), ("server id",)),
    ("mpa", APPLICATION): (("application id",),),
    ("mpa", DATABASE): (("database id",),),
    ("servicenow", MACHINE): (("sys_id",), ("name",)),
}
# Kinds of records that are virtual machines, whatever their columns say.
_VIRTUAL_KINDS = ("vinfo", "virtual_machine")
_MARKS = {
    "template": "mark_template",
    "is template": "mark_template",
    "srm placeholder": "mark_placeholder",
    "connection state": "mark_connection",
    "guest state": "mark_guest",
    "sys_updated_on": "mark_updated",
}
_PART_SIZES = {("vdisk", "capacity"): "part_size_gb", ("vpartition", "consumed"): "part_used_gb"}
_IDENTIFIERS = ("external_ids", "bios_uuid", "serial_number", "fqdn", "hostname", "name", "application_name")
_MACHINE_SIGNS = frozenset(
    [
        "name",
        "hostname",
        "fqdn",
        "ip_addresses",
        "mac_addresses",
        "bios_uuid",
        "serial_number",
        "operating_system",
        "cpu_cores",
        "memory_gb",
    ]
)


@dataclass(frozen=True)
class ColumnPlan:
    """At most one of `attribute`, `relation`, `mark` is set; with none the column is kept as a custom attribute."""

    index: int
    header: str
    attribute: str | None = None
    relation: str | None = None
    mark: str | None = None
    unit: str | None = None
    factor: float | None = None
    combine: str | None = None
    decimal_comma: bool = False
    day_first: bool = False
    is_fraction: bool = False
    # What the column leaves open, and how words of it are read otherwise than the rules do: (text, word, judge).
    either_order: bool = False
    bare_size: bool = False
    twofold: bool = False
    readings: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True)
class SheetPlan:
    """`key` are the indexes of the columns that make the source's own key; none: rows have no key."""

    file: str
    sheet: str
    source: str
    format: str
    kind: str
    role: str
    key: tuple[int, ...]
    says_virtual: bool
    columns: tuple[ColumnPlan, ...]

    def of(self, attribute: str) -> list[ColumnPlan]:
        """The columns of an attribute, the one that wins where several are filled first."""
        return sorted((c for c in self.columns if c.attribute == attribute), key=_rank)


def role_of(kind: str) -> str | None:
    """What rows of a record kind describe, or None when the kind does not tell."""
    return _ROLES.get(kind.strip().lower())


def build_plans(source_columns: pl.DataFrame, field_mappings: pl.DataFrame) -> list[SheetPlan]:
    """One plan per sheet, in the order of file and sheet."""
    keys = ["file", "sheet", "column_index"]
    facts = source_columns.select(*keys, "source", "format", "record_kind", "column", "filled", "distinct")
    chosen = field_mappings.select(*keys, "attribute", "unit", "factor", "combine").unique(
        keys, maintain_order=True
    )
    joined = facts.join(chosen, on=keys, how="left", maintain_order="left").sort(keys)
    return [
        _plan_sheet(list(rows.iter_rows(named=True)))
        for _, rows in joined.group_by("file", "sheet", maintain_order=True)
    ]


def _plan_sheet(rows: list[dict[str, Any]]) -> SheetPlan:
    first = rows[0]
    kind = (first["record_kind"] or "generic").strip()
    columns = tuple(_plan_column(row, kind) for row in rows)
    role = role_of(kind) or _infer_role(columns, first["format"])
    key = _find_key(rows, columns, first["format"], kind, role)
    named = [c.header for c in columns if c.index in key or c.attribute == "name"]
    says_virtual = role == MACHINE and any(
        re.search(r"(?i)\bvms?\b|virtual machine|^vm[ _]", text) for text in named
    )
    return SheetPlan(
        first["file"],
        first["sheet"],
        first["source"],
        first["format"],
        kind,
        role,
        key,
        says_virtual or kind.lower() in _VIRTUAL_KINDS,
        columns,
    )


def _plan_column(row: dict[str, Any], kind: str) -> ColumnPlan:
    header: str = row["column"]
    attribute: str | None = row["attribute"]
    base, written_unit = split_unit(header.strip().lower())
    part = _PART_SIZES.get((kind.lower(), base))
    mark = part or _MARKS.get(header.strip().lower())
    relation: str | None = None
    if attribute and attribute.startswith("relation:"):
        relation, attribute = attribute.removeprefix("relation:"), None
    if mark:
        attribute = relation = None
    return ColumnPlan(
        row["column_index"],
        header,
        attribute,
        relation,
        mark,
        (written_unit or "MiB") if part else row["unit"],
        row["factor"],
        row["combine"],
    )


def _infer_role(columns: tuple[ColumnPlan, ...], source_format: str) -> str:
    relations = {c.relation for c in columns if c.relation}
    attributes = {c.attribute for c in columns if c.attribute}
    ends = {"source", "target", "source_address", "target_address"}
    if (
        len(relations & ends) >= 2
        or {"application", "server"} <= relations
        or {"application", "database"} <= relations
    ):
        return RELATION
    if source_format == "rvtools":
        return OTHER
    if "application_name" in attributes and not attributes & _MACHINE_SIGNS:
        return APPLICATION
    if {"database_type", "name"} <= attributes and not attributes & {
        "operating_system",
        "memory_gb",
        "hostname",
        "fqdn",
    }:
        return DATABASE
    return MACHINE if attributes & (_MACHINE_SIGNS | {"external_ids"}) else OTHER


def _find_key(
    rows: list[dict[str, Any]], columns: tuple[ColumnPlan, ...], source_format: str, kind: str, role: str
) -> tuple[int, ...]:
    by_header = {header_key(column.header): column.index for column in columns}
    known = kind_of(source_format, kind)
    for headers in (*_KEYS.get((source_format, role), ()), known.key if known else ()):
        if headers and all(header in by_header for header in headers):
            return tuple(by_header[header] for header in headers)
    if role not in (MACHINE, DATABASE, APPLICATION):
        return ()
    return _most_distinct(rows, columns, role)


def _most_distinct(rows: list[dict[str, Any]], columns: tuple[ColumnPlan, ...], role: str) -> tuple[int, ...]:
    """The column with most distinct values among the best kind of identifier that is nearly always filled."""
    filled = max((row["filled"] for row in rows), default=0)
    figures = {row["column_index"]: (row["filled"], row["distinct"]) for row in rows}
    for attribute in _ranked_identifiers(role):
        candidates = [
            c.index
            for c in columns
            if c.attribute == attribute
            and figures[c.index][0] >= 0.9 * filled
            and figures[c.index][1] >= 0.5 * figures[c.index][0]
        ]
        if candidates:
            return (max(candidates, key=lambda index: figures[index][1]),)
    named = [c.index for c in columns if c.attribute in ("name", "application_name", "hostname")]
    return (named[0],) if named else ()


def _ranked_identifiers(role: str) -> Iterable[str]:
    return ("external_ids", "name", "application_name") if role == APPLICATION else _IDENTIFIERS


def _rank(column: ColumnPlan) -> tuple[int, int]:
    # RVTools: what the guest tools report wins over the configuration file.
    if re.search(r"(?i)vmware tools", column.header):
        return (-1, column.index)
    order = re.search(r":(\d+)$", column.combine or "")
    return (int(order.group(1)) if order else 0, column.index)
