"""IP and MAC addresses, host names and hardware identifiers: brought to one form, or refused with a problem."""

import ipaddress
import re
from collections.abc import Callable
from typing import Any

import polars as pl

from caravan_discovery.domain.cleansing.values import Cleaned, map_distinct

_OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_IPV4 = rf"^{_OCTET}(?:\.{_OCTET}){{3}}$"
_SEPARATORS = re.compile(r"[\s,;|]+")
_LABELS = r"^[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*$"
_MAC = r"^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$"
_NO_MACS = frozenset({"00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff"})
_LIST = pl.List(pl.String)
_Parse = Callable[[str], dict[str, Any]]
_PARSED = pl.Struct({"values": _LIST, "bad": pl.Boolean})


def clean_ip_addresses(raw: pl.Series, cache: dict[str, Any]) -> Cleaned:
    """Lists of addresses, without masks, ports and IPv6 scopes. A cell with an impossible one gets a problem."""
    return _clean_list(raw, raw.str.contains(_IPV4), _parse_ips, cache, "address")


def clean_mac_addresses(raw: pl.Series, cache: dict[str, Any]) -> Cleaned:
    """Lists of MAC addresses, lower case with colons."""
    lower = raw.str.to_lowercase().str.replace_all("-", ":", literal=True)
    return _clean_list(
        lower, lower.str.contains(_MAC) & ~lower.is_in(list(_NO_MACS)), _parse_macs, cache, "mac"
    )


def _clean_list(raw: pl.Series, plain: pl.Series, parse: _Parse, cache: dict[str, Any], kind: str) -> Cleaned:
    """Plain single values by one column operation; the odd rest by `parse`, once per distinct cell."""
    frame = pl.DataFrame({"raw": raw, "plain": plain.fill_null(False)})
    odd = frame.select(pl.when(~pl.col("plain")).then(pl.col("raw")).alias("odd"))["odd"]
    parsed = map_distinct(odd, parse, _PARSED, cache)
    frame = frame.with_columns(
        values=pl.when(pl.col("plain")).then(pl.concat_list("raw")).otherwise(parsed.struct.field("values")),
        rule=pl.when(~pl.col("plain") & pl.col("raw").is_not_null()).then(pl.lit(f"{kind}_list")),
        problem=pl.when(parsed.struct.field("bad")).then(pl.lit(f"impossible_{kind}")),
    )
    return Cleaned(frame["values"], frame["rule"], frame["problem"])


def _parse_ips(cell: str) -> dict[str, Any]:
    found: dict[str, None] = {}
    bad = False
    for part in _SEPARATORS.split(cell.strip("[]() ")):
        bare = part.strip("[]'\"").split("%")[0].split("/")[0]
        if not bare:
            continue
        try:
            found[str(ipaddress.ip_address(bare))] = None
        except ValueError:
            bad = True
    return {"values": list(found) or None, "bad": bad}


def _parse_macs(cell: str) -> dict[str, Any]:
    found: dict[str, None] = {}
    bad = False
    for part in _SEPARATORS.split(cell):
        digits = re.sub(r"[:.\-]", "", part.lower())
        if not digits:
            continue
        if re.fullmatch(r"[0-9a-f]{12}", digits):
            mac = ":".join(digits[at : at + 2] for at in range(0, 12, 2))
            if mac not in _NO_MACS:
                found[mac] = None
        else:
            bad = True
    return {"values": list(found) or None, "bad": bad}


def clean_host_names(raw: pl.Series) -> tuple[Cleaned, pl.Series]:
    """Fully qualified names, and beside them short ones: a name without a dot is a host name only.

    A name that no DNS allows, and `localhost` of any domain, is no identity: null with a problem.
    """
    frame = raw.to_frame("raw").with_columns(name=pl.col("raw").str.to_lowercase().str.strip_chars_end("."))
    valid = pl.col("name").str.contains(_LABELS) & (pl.col("name").str.len_bytes() <= 253)
    numeric = pl.col("name").str.contains(r"^[\d.]+$")
    loop = pl.col("name").str.contains(r"^localhost(\.|$)")
    dotted = pl.col("name").str.contains(".", literal=True)
    frame = frame.with_columns(valid=valid & ~numeric & ~loop, dotted=dotted, loop=loop)
    fqdn = pl.when(pl.col("valid") & pl.col("dotted")).then(pl.col("name"))
    short = pl.when(pl.col("valid") & ~pl.col("dotted")).then(pl.col("name"))
    rule = (
        pl.when(pl.col("valid") & ~pl.col("dotted"))
        .then(pl.lit("short_name_is_hostname"))
        .when(pl.col("valid") & (pl.col("name") != pl.col("raw")))
        .then(pl.lit("lower_case"))
    )
    problem = (
        pl.when(pl.col("loop"))
        .then(pl.lit("loopback_name"))
        .when(pl.col("raw").is_not_null() & ~pl.col("valid"))
        .then(pl.lit("impossible_name"))
    )
    frame = frame.select(fqdn=fqdn, short=short, rule=rule, problem=problem)
    return Cleaned(frame["fqdn"], frame["rule"], frame["problem"]), frame["short"]


def clean_uuids(raw: pl.Series) -> Cleaned:
    """Lower case with hyphens. All zeros or all f is no identity."""
    frame = raw.to_frame("raw").with_columns(
        digits=pl.col("raw").str.to_lowercase().str.replace_all(r"^vmware-|[{}\s-]|^urn:uuid:|^0x", "")
    )
    digits = pl.col("digits")
    valid = digits.str.contains(r"^[0-9a-f]{32}$") & ~digits.str.contains(r"^(0{32}|f{32})$")
    pieces = [
        digits.str.slice(start, length) for start, length in ((0, 8), (8, 4), (12, 4), (16, 4), (20, 12))
    ]
    value = pl.when(valid).then(pl.concat_str(pieces, separator="-"))
    frame = frame.with_columns(value=value)
    problem = pl.when(pl.col("raw").is_not_null() & pl.col("value").is_null()).then(pl.lit("impossible_uuid"))
    rule = pl.when(pl.col("value") != pl.col("raw")).then(pl.lit("uuid_form"))
    frame = frame.select("value", rule=rule, problem=problem)
    return Cleaned(frame["value"], frame["rule"], frame["problem"])
