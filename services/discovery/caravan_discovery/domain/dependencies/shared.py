"""Shared services: what nearly everything talks to tells nothing about what belongs together."""

import polars as pl

# By what the machine or application is called or said to do.
_NAMES = {
    "directory": r"\b(active.?directory|domain controllers?|ldap|kerberos)\b"
    r"|(^|[-_.\d])a?dc-?\d+\b|(^|[-_])(ldap|adds)\d*\b",
    "dns": r"(^|[-_ ])(dns|bind|ns)-?\d+\b|\bdns\b",
    "time": r"\bntp-?\d*\b",
    "monitoring": r"monitor|nagios|zabbix|prometheus|grafana|\bscom\b|solarwinds|icinga|\bprtg\b|(^|[-_])mon-?\d*\b",
    "backup": r"backup|veeam|netbackup|commvault|\btsm\b|avamar|rubrik|cohesity|(^|[-_])bkp[-_]?\d*\b",
    "jump host": r"\bjump|bastion|(^|[-_])jmp\d*\b",
    "log collection": r"splunk|graylog|syslog|\bsiem\b|logstash",
    "patching and antivirus": r"\bwsus\b|\bsccm\b|antivirus|satellite|epo\d*\b",
    "mail relay": r"mail.?relay|\bsmtp\d*\b",
}
_ANY_NAME = "|".join(f"(?:{pattern})" for pattern in _NAMES.values())
_PORTS = {
    53: "dns",
    67: "dhcp",
    68: "dhcp",
    88: "directory",
    123: "time",
    161: "monitoring",
    162: "monitoring",
    389: "directory",
    464: "directory",
    514: "log collection",
    636: "directory",
    1514: "log collection",
    1556: "backup",
    3268: "directory",
    3269: "directory",
    10050: "monitoring",
    10051: "monitoring",
    9100: "monitoring",
    5666: "monitoring",
    6514: "log collection",
    13720: "backup",
    13724: "backup",
    13782: "backup",
}
# People get in by these (ssh, RDP, WinRM): a machine that calls many others by hardly anything else is a jump host.
ADMIN_PORTS = (22, 3389, 5985, 5986)
FEWEST_ADMINISTERED, ADMIN_SHARE = 10, 0.8
# By degree: at least this many neighbours, and this share of all assets that have any.
FEWEST_NEIGHBOURS, SHARE = 10, 0.25
# "Reefer Monitoring" is a business application until several others call it.
FEWEST_CALLERS = 3
_TYPES = ("server", "virtual_machine", "application", "network", "load_balancer", "other")


def _own_ids() -> pl.Expr:
    """Identifiers that people gave (`Server10-Monitoring`), not those that machines did."""
    readable = ~pl.element().str.contains(r"[0-9a-fA-F]{8}")
    return pl.col("external_ids").list.eval(pl.element().filter(readable)).list.join(" ")


_TEXT = pl.concat_str("name", "server_role", _own_ids(), separator=" ", ignore_nulls=True).str.to_lowercase()


def find_shared_services(
    assets: pl.DataFrame, edges: pl.DataFrame, flows: pl.DataFrame | None = None
) -> pl.DataFrame:
    """asset_key, service, why. `edges`: source_key, target_key; `flows` those with port.

    `assets`: natural_key, name, server_role, external_ids, asset_type.
    Memberships count as edges of the server, so that a server of most applications is found by its degree.
    What no edge touches is no shared service, whatever its name.
    """
    by_name = _named_like_services(assets, edges)
    services = [
        pl.when(pl.col("text").str.contains(pattern)).then(pl.lit(name)) for name, pattern in _NAMES.items()
    ]
    calls = edges.filter(pl.col("target_key").is_in(by_name["natural_key"].implode()))
    callers = calls.unique().group_by(natural_key="target_key").agg(callers=pl.len())
    by_name = by_name.join(callers, on="natural_key", how="left", maintain_order="left").filter(
        (pl.col("asset_type") != "application") | (pl.col("callers") >= FEWEST_CALLERS)
    )
    named = by_name.select(
        asset_key="natural_key", service=pl.coalesce(services), why=pl.lit("name or role")
    ).drop_nulls("service")
    return (
        pl.concat([named, _by_degree(edges), _jump_hosts(flows)])
        .unique("asset_key", keep="first", maintain_order=True)
        .sort("asset_key")
    )


def find_named_services(assets: pl.DataFrame, edges: pl.DataFrame) -> pl.DataFrame:
    """asset_key of what is called or said to be a shared service, whoever calls it."""
    return _named_like_services(assets, edges).select(asset_key="natural_key")


def keep_telling(assets: pl.LazyFrame) -> pl.LazyFrame:
    """Assets whose name, role or identifiers are those of a shared service, of any that may be one."""
    return assets.filter(pl.col("asset_type").is_in(_TYPES), _TEXT.str.contains(_ANY_NAME))


def _named_like_services(assets: pl.DataFrame, edges: pl.DataFrame) -> pl.DataFrame:
    """Assets that an edge touches and whose `text` (name, role, identifiers) is that of a shared service."""
    # One pattern over all names first: of a million machines only a few hundred are looked at closely.
    telling = keep_telling(assets.lazy()).with_columns(text=_TEXT).collect()
    keys = telling["natural_key"].implode()
    used = [edges[side].filter(edges[side].is_in(keys)) for side in ("source_key", "target_key")]
    return telling.filter(pl.col("natural_key").is_in(pl.concat(used).unique().implode()))


def called_twice(edges: pl.DataFrame) -> pl.DataFrame:
    """source_key, target_key, each pair once, without targets of one edge: most machines have one application."""
    several = edges["target_key"].hash().is_duplicated()
    return edges.filter(several).select("source_key", "target_key").unique()


def count_nodes(edges: pl.DataFrame) -> int:
    """How many different ends there are; counted by hashes, which are shorter than keys."""
    return pl.concat([edges["source_key"].hash(), edges["target_key"].hash().alias("source_key")]).n_unique()


def _by_degree(edges: pl.DataFrame) -> pl.DataFrame:
    ends, nodes = called_twice(edges), count_nodes(edges)
    degree = ends.group_by("target_key").agg(neighbours=pl.col("source_key").n_unique())
    central = degree.filter(
        (pl.col("neighbours") >= FEWEST_NEIGHBOURS) & (pl.col("neighbours") >= SHARE * nodes)
    )
    return central.sort("target_key").select(
        asset_key="target_key", service=pl.lit("used by most"), why=pl.format("{} neighbours", "neighbours")
    )


def _jump_hosts(flows: pl.DataFrame | None) -> pl.DataFrame:
    if flows is None or flows.is_empty():
        return pl.DataFrame(schema={"asset_key": pl.String, "service": pl.String, "why": pl.String})
    admin = pl.col("port").is_in(list(ADMIN_PORTS))
    called = flows.group_by("source_key").agg(
        targets=pl.col("target_key").n_unique(),
        administered=pl.col("target_key").filter(admin).n_unique(),
        others=pl.col("target_key").filter(~admin.fill_null(False)).n_unique(),
    )
    jumping = called.filter(
        pl.col("administered") >= FEWEST_ADMINISTERED,
        pl.col("others") <= (1 - ADMIN_SHARE) * pl.col("targets"),
    )
    return jumping.sort("source_key").select(
        asset_key="source_key",
        service=pl.lit("jump host"),
        why=pl.format("administers {} machines and calls hardly any other way", "administered"),
    )


def is_service_port(port: pl.Expr) -> pl.Expr:
    """Whether a port belongs to a shared service, whoever listens on it."""
    return port.is_in(list(_PORTS)).fill_null(False)
