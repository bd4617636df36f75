"""Identifiers of machines and applications: read off the cleaned rows, in the one form in which they are compared."""

from collections.abc import Sequence

import polars as pl

from caravan_discovery.domain.cleansing.plan import APPLICATION, HOST, MACHINE, PART
from caravan_discovery.domain.inventory.entities import app_name_key

# Strongest first. `hardware_uuid` is the BIOS uuid in either byte order, also where it is printed as a VMware serial.
IDENTIFIERS = (
    "bios_uuid",
    "hardware_uuid",
    "serial_number",
    "fqdn",
    "mac",
    "name_address",
    "application_name",
)
# What makers print where no serial number was set. It may stand once in each source, and be nobody's.
_NO_SERIAL = (
    r"^(?:0+|1+|x+|f+|\W+|0?123456789\d*|.{0,3})$"
    r"|to be filled|\boem\b|o\.e\.m|default string|(?:system|chassis) serial|not (?:specified|applicable|available|set)"
    r"|\bnone\b|\binvalid\b"
)
_VMWARE_SERIAL = r"^vmware-([0-9a-f]{2} ){7}[0-9a-f]{2}-([0-9a-f]{2} ){7}[0-9a-f]{2}$"
# Addresses that software gives to every machine alike: docker, VRRP, HSRP, GLBP, VMware and VirtualBox host adapters,
# multicast.
_NO_MAC = (
    r"^(?:02:42:|00:00:5e:00:0[12]:|00:00:0c:(?:07:ac|9f:f)|00:07:b4:|00:50:56:c0:00:0|0a:00:27:|33:33:"
    r"|01:00:5e:)"
)
_NO_ADDRESS = r"^(127\.|169\.254\.|0\.0\.0\.0|fe80:|::1$)"
_FULL_NAME = r"^[a-z0-9_-]+(\.[a-z0-9_-]+)+\.[a-z][a-z0-9-]+$"

_SCHEMA = pl.Schema({"source": pl.String, "entity": pl.String, "kind": pl.String, "value": pl.String})


def short_name(name: pl.Expr) -> pl.Expr:
    """'pay-svc-01 (Payments)' and 'PAY-SVC-01.corp.example' are both 'pay-svc-01'."""
    bare = name.str.to_lowercase().str.replace(r"\s*[(\[][^)\]]*[)\]]\s*$", "").str.strip_chars()
    return pl.when(bare.str.contains(r"^[\d.]+$")).then(bare).otherwise(_first_label(bare))


def _first_label(name: pl.Expr) -> pl.Expr:
    return name.str.splitn(".", 2).struct.field("field_0")


def loose_name(name: pl.Expr) -> pl.Expr:
    """The short name without blanks and signs: 'pay_svc_01' is 'pay-svc-01'. Null when nothing is left."""
    loose = short_name(name).str.replace_all(r"[^\p{L}\p{N}]", "")
    return pl.when(loose.str.len_bytes() > 0).then(loose)


def hardware_uuid(uuid: pl.Expr) -> pl.Expr:
    """The same text for both byte orders in which a BIOS uuid is printed."""
    groups = ((0, 8), (9, 4), (14, 4))
    turned = [
        pl.concat_str([uuid.str.slice(start + at, 2) for at in reversed(range(0, length, 2))])
        for start, length in groups
    ]
    return pl.min_horizontal(uuid, pl.concat_str([*turned, uuid.str.slice(19)], separator="-"))


def _uuid_of_serial(serial: pl.Expr) -> pl.Expr:
    lower = serial.str.to_lowercase()
    digits = lower.str.replace_all(r"[^0-9a-f]", "").str.slice(2)
    cuts = ((0, 8), (8, 4), (12, 4), (16, 4), (20, 12))
    text = pl.concat_str([digits.str.slice(start, length) for start, length in cuts], separator="-")
    return pl.when(lower.str.contains(_VMWARE_SERIAL)).then(text)


def read_identifiers(clean: pl.LazyFrame, index: pl.DataFrame, columns: list[str]) -> pl.DataFrame:
    """source, entity, kind, value: one row per identifier of a machine or application that any other carries too.

    Column by column, so that memory holds one at a time. What only matters between sources (names with addresses,
    full names in other columns, the other byte order, names of applications) is not read for a single one.
    """
    have = set(columns)
    several = index["source"].n_unique() > 1
    machines = index.filter(pl.col("role").is_in([MACHINE, HOST]))
    with_parts = index.filter(pl.col("role").is_in([MACHINE, HOST, PART]))
    found = [_SCHEMA.to_frame()]
    if "bios_uuid" in have:
        found.append(_read(clean, machines, "bios_uuid", pl.col("bios_uuid").str.to_lowercase()))
    if "serial_number" in have:
        found.append(_read(clean, machines, "serial_number", serial_number()))
    if "fqdn" in have:
        names = [_full_name(name) for name in ("name", "hostname") if several and name in have]
        found.append(_read(clean, machines, "fqdn", pl.col("fqdn").str.to_lowercase(), *names))
    if "mac_addresses" in have:
        macs = clean.with_row_index("at").select("at", value="mac_addresses").explode("value")
        found.append(_read_told(macs.with_columns(_mac(pl.col("value"))), with_parts, "mac"))
    if several:
        found += _read_between_sources(clean, index, machines, with_parts, have)
    return pl.concat(found)


def serial_number() -> pl.Expr:
    """Serial numbers as identifiers: lower case, without what makers print where none was set."""
    serial = pl.col("serial_number").str.to_lowercase()
    return pl.when(~serial.str.contains(_NO_SERIAL)).then(serial)


def _mac(mac: pl.Expr) -> pl.Expr:
    return pl.when(~mac.str.contains(_NO_MAC)).then(mac)


def _read_between_sources(
    clean: pl.LazyFrame, index: pl.DataFrame, machines: pl.DataFrame, with_parts: pl.DataFrame, have: set[str]
) -> list[pl.DataFrame]:
    found = []
    hardware = [name for name in ("bios_uuid", "serial_number") if name in have]
    if hardware:
        found.append(_read(clean, machines, "hardware_uuid", hardware_of(hardware)))
    if "application_name" in have:
        named = index.filter(pl.col("role") == APPLICATION)
        found.append(_read(clean, named, "application_name", app_name_key(pl.col("application_name"))))
    names = [name for name in ("name", "hostname", "fqdn") if name in have]
    if names and "ip_addresses" in have:
        found.append(_read_name_addresses(clean, with_parts, names))
    return found


def hardware_of(columns: Sequence[str]) -> pl.Expr:
    """The hardware's uuid out of bios_uuid, else serial_number, of those of the two that there are."""
    told = []
    if "bios_uuid" in columns:
        told.append(pl.col("bios_uuid").str.to_lowercase())
    if "serial_number" in columns:
        told.append(_uuid_of_serial(pl.col("serial_number")))
    return hardware_uuid(pl.coalesce(told))


def _full_name(column: str) -> pl.Expr:
    """'web-01.corp.example' as a display name is a full name."""
    value = pl.col(column).str.to_lowercase().str.strip_chars(" .")
    return pl.when(value.str.contains(_FULL_NAME)).then(value)


def _read(clean: pl.LazyFrame, index: pl.DataFrame, kind: str, *values: pl.Expr) -> pl.DataFrame:
    """One kind of identifier, of the rows in the index, out of one or several columns."""
    rows = clean.with_row_index("at")
    return _read_told(pl.concat([rows.select("at", value=value) for value in values]), index, kind)


def _read_told(told: pl.LazyFrame, index: pl.DataFrame, kind: str) -> pl.DataFrame:
    """What only one entity carries joins nothing and is shared by nobody: left out before anything is looked up."""
    known = told.filter(pl.col("value").is_not_null()).collect(engine="streaming")
    return _told_twice(_place(known.filter(pl.col("value").is_duplicated()), index), kind)


def _place(told: pl.DataFrame, index: pl.DataFrame) -> pl.DataFrame:
    """source, entity, value in the order of the rows."""
    placed = told.join(index.select("at", "source", "entity"), on="at", how="inner").sort("at", "value")
    return placed.select(pl.col("source").cast(pl.String), "entity", "value")


def _told_twice(rows: pl.DataFrame, kind: str) -> pl.DataFrame:
    return (
        rows.select("source", "entity", kind=pl.lit(kind), value="value")
        .unique(maintain_order=True)
        .filter(pl.col("value").is_duplicated())
    )


def _read_name_addresses(clean: pl.LazyFrame, index: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """Every name of a machine with every address of it, except addresses that say nothing."""
    rows = (
        clean.with_row_index("at")
        .select("at", *names, "ip_addresses")
        .filter(pl.any_horizontal(pl.col(name).is_not_null() for name in (*names, "ip_addresses")))
        .collect(engine="streaming")
        .join(index.select("at", "source", "entity"), on="at", how="inner", maintain_order="left")
        .with_columns(pl.col("source").cast(pl.String))
    )
    named = pl.concat([rows.select("source", "entity", name=loose_name(pl.col(name))) for name in names])
    named = named.drop_nulls().unique(maintain_order=True)
    addresses = (
        rows.select("entity", "ip_addresses")
        .explode("ip_addresses")
        .drop_nulls()
        .filter(~pl.col("ip_addresses").str.contains(_NO_ADDRESS))
        .unique(maintain_order=True)
    )
    both = named.join(addresses, on="entity", maintain_order="left")
    value = pl.concat_str("name", "ip_addresses", separator="|")
    return _told_twice(both.select("source", "entity", value=value).drop_nulls(), "name_address")


def read_facts(clean: pl.LazyFrame, index: pl.DataFrame, columns: list[str]) -> pl.DataFrame:
    """What each entity of `index` (at, entity) says of itself, for comparing two: lists of what is known.

    entity, uuids, serials, full_names, names (loose), addresses, macs: all List(String).
    """
    have = [
        name
        for name in (
            "bios_uuid",
            "serial_number",
            "fqdn",
            "name",
            "hostname",
            "ip_addresses",
            "mac_addresses",
        )
        if name in columns
    ]
    rows = (
        clean.with_row_index("at")
        .select("at", *have)
        .join(index.lazy().select("at", "entity"), on="at", how="inner")
        .collect(engine="streaming")
        .sort("at")
    )
    nothing = pl.lit(None, pl.String)
    hardware = [name for name in ("bios_uuid", "serial_number") if name in have]
    called = [name for name in ("name", "hostname", "fqdn") if name in have]
    values = {
        "uuids": hardware_of(hardware) if hardware else nothing,
        "serials": serial_number() if "serial_number" in have else nothing,
        "full_names": pl.col("fqdn") if "fqdn" in have else nothing,
        "macs": _mac(pl.col("mac_addresses").explode()) if "mac_addresses" in have else nothing,
        "addresses": pl.col("ip_addresses").explode() if "ip_addresses" in have else nothing,
    }
    names = [loose_name(pl.col(name)) for name in called]
    lists = {name: value.drop_nulls().unique(maintain_order=True) for name, value in values.items()}
    lists["names"] = (
        pl.concat_list(names).explode().drop_nulls().unique(maintain_order=True)
        if names
        else nothing.drop_nulls()
    )
    return rows.group_by("entity", maintain_order=True).agg(**lists)
