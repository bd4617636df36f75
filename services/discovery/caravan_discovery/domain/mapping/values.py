"""What the values of a column look like, as shares of the known ones, and what they suggest or contradict."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from caravan_discovery.domain.mapping.kinds import patterns
from caravan_discovery.domain.units import factor_to_canonical
from caravan_discovery.domain.unknown import is_unknown, trim

# What the values of an attribute must look like; of attributes not named here `_foreign` says what they can't be.
_EXPECTED: dict[str, tuple[str, ...]] = {
    "ip_addresses": ("ip",),
    "mac_addresses": ("mac",),
    "bios_uuid": ("uuid",),
    "created_at": ("date", "number"),
    "last_seen": ("date", "number"),
    "pii": ("yes_no",),
    **dict.fromkeys(("cpu_cores", "cpu_sockets", "disks"), ("number", "composed")),
    **dict.fromkeys(("user_count", "disk_iops"), ("number",)),
    **dict.fromkeys(("memory_gb", "storage_gb", "storage_used_gb", "database_size_gb"), ("number", "size")),
    **dict.fromkeys(
        ("cpu_avg_percent", "cpu_max_percent", "memory_avg_percent", "memory_max_percent"),
        ("number", "percent"),
    ),
    **dict.fromkeys(("current_monthly_cost", "annual_cost", "target_monthly_cost"), ("number", "money")),
    **dict.fromkeys(("rto_minutes", "rpo_minutes"), ("number", "duration")),
    **dict.fromkeys(("cpu_speed_mhz", "network_mbps"), ("number", "quantity")),
}
# Attributes with words of their own: other words are no contradiction, but a reason to doubt.
_OWN_WORDS: dict[str, tuple[str, ...]] = {
    "operating_system": ("os",),
    "environment": ("environment",),
    "power_state": ("power",),
    "virtualization_type": ("physical", "yes_no"),
    "business_criticality": ("criticality", "yes_no", "number"),
    "data_classification": ("classification", "criticality", "number"),
    "fqdn": ("fqdn",),
    "boot_type": ("boot", "yes_no"),
    "cpu_architecture": ("architecture", "number"),
}
# Words that few other attributes consist of: other values say nothing, as no list of vendors is complete.
_TYPICAL: dict[str, tuple[str, ...]] = {
    "asset_type": ("machine",),
    "availability_zone": ("zone",),
    "security_zone": ("security",),
    "vendor": ("vendor",),
    "virtualization_platform": ("hypervisor",),
    "server_role": ("role",),
    "database_type": ("database",),
    "technology_stack": ("stack",),
    "hardware_model": ("model",),
    "application_type": ("origin",),
    "lifecycle": ("lifecycle",),
    "licence_model": ("licence_model",),
    "backup_policy": ("backup",),
    "maintenance_window": ("window",),
    "compliance": ("compliance",),
    "treatment": ("treatment",),
    "target_type": ("instance",),
    "target_region": ("region",),
    "migration_status": ("migration",),
    "tags": ("pairs",),
}
# No median of a column of these is larger, whatever the estate.
_LARGEST = {
    "cpu_cores": 1_024.0,
    "cpu_sockets": 64.0,
    "disks": 512.0,
    **dict.fromkeys(
        ("cpu_avg_percent", "cpu_max_percent", "memory_avg_percent", "memory_max_percent"), 100.0
    ),
}
# Kinds that a column of text does not consist of, and the attributes that may after all.
_FOREIGN = ("ip", "mac", "date", "yes_no", "percent", "size", "email", "number")
_MAY_BE: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(
        ("name", "hostname", "fqdn", "external_ids", "description", "tags", "serial_number"),
        ("ip", "mac", "number"),
    ),
    **dict.fromkeys(
        (
            "os_version",
            "database_version",
            "rack",
            "wave",
            "migration_priority",
            "cost_center",
            "target_account",
            "application_name",
            "department",
            "business_unit",
            "datacenter",
            "hardware_model",
        ),
        ("number",),
    ),
    **dict.fromkeys(("target_account", "cost_center", "serial_number"), ("number", "mac")),
    **dict.fromkeys(("business_owner", "technical_owner"), ("email",)),
    **dict.fromkeys(("business_criticality", "data_classification"), ("number", "yes_no")),
    **dict.fromkeys(("maintenance_window", "freeze_windows"), ("date", "yes_no")),
    **dict.fromkeys(
        ("virtualization_type", "backup_policy", "boot_type", "compliance", "lifecycle", "licence"),
        ("yes_no",),
    ),
    **dict.fromkeys(("os_version", "database_version"), ("number", "ip", "date")),
}
# Kinds that hardly occur by accident, and what such a column probably is when its header says nothing.
_SUGGESTED: dict[str, tuple[str, float]] = {
    "mac": ("mac_addresses", 0.75),
    "ip": ("ip_addresses", 0.75),
    "os": ("operating_system", 0.75),
    "environment": ("environment", 0.75),
    "treatment": ("treatment", 0.76),
    "instance": ("target_type", 0.75),
    "window": ("maintenance_window", 0.73),
    "origin": ("application_type", 0.73),
    "classification": ("data_classification", 0.73),
    "model": ("hardware_model", 0.74),
    "machine": ("asset_type", 0.73),
    "boot": ("boot_type", 0.74),
    "architecture": ("cpu_architecture", 0.73),
    "pairs": ("tags", 0.73),
    "database": ("database_type", 0.72),
    "compliance": ("compliance", 0.72),
    "vendor": ("vendor", 0.7),
    "hypervisor": ("virtualization_platform", 0.7),
    "physical": ("virtualization_type", 0.7),
    "power": ("power_state", 0.7),
    "stack": ("technology_stack", 0.65),
    "lifecycle": ("lifecycle", 0.6),
    "migration": ("migration_status", 0.6),
    "region": ("target_region", 0.6),
    "security": ("security_zone", 0.6),
    "role": ("server_role", 0.6),
    "criticality": ("business_criticality", 0.6),
    "fqdn": ("fqdn", 0.6),
    "uuid": ("external_ids", 0.6),
}
# Where values speak so clearly for one attribute, a header that names another is no longer believed.
_DECISIVE = {"environment": "environment", "treatment": "treatment"}
_BESIDE_DECISIVE = ("name", "hostname", "fqdn", "description", "tags", "external_ids", "application_name")
# Of these, only a column whose values differ from row to row speaks of the row's own asset.
_IDENTIFYING = ("mac", "ip", "fqdn", "uuid")
MOSTLY, HARDLY = 0.8, 0.3
# Kinds of values that many attributes have.
_OF_MANY = ("number", "date", "yes_no", "fqdn", "criticality", "money")
# What values add to a header that they bear out, leave of one they contradict, or allow it at most in doubt.
# Any words are a phrase: worth an offer to a judge, not a recommendation.
_ANY_WORDS = 0.6
_BORNE_OUT, _SUREST, CONTRADICTED, DOUBTED = 0.04, 0.99, 0.6, 0.78
_TOLD_OTHERWISE = 0.75
_ENOUGH_VALUES = 2


@dataclass(frozen=True)
class ValueProfile:
    """`shares` by kind over `known` values; `median` of the plain numbers; `distinct` of the known values."""

    known: int
    shares: Mapping[str, float]
    median: float | None
    distinct: int = 0

    @property
    def varies(self) -> bool:
        """Whether most rows have a value of their own."""
        return self.distinct * 2 >= self.known

    def share(self, *kinds: str) -> float:
        """The share of values of any of these kinds (at most 1)."""
        return min(1.0, sum(self.shares.get(kind, 0.0) for kind in kinds))


def profile_columns(columns: Sequence[pl.Series]) -> list[ValueProfile]:
    """The profiles of the columns of one table, in one pass: each different value is looked at once."""
    cells = distinct_values({str(index): values for index, values in enumerate(columns)}, lower=False)
    kinds = cells.select(pl.col("value").unique()).with_columns(
        pl.col("value").str.contains(rule).alias(kind) for kind, rule in patterns().items()
    )
    plain = pl.col("value").str.replace_all(r"[,\s](\d{3})\b", "$1").str.replace(",", ".", literal=True)
    weighted = cells.with_columns(amount=plain.cast(pl.Float64, strict=False)).join(kinds, on="value")
    repeated = pl.col("amount").repeat_by("count").explode()
    found = weighted.group_by("column").agg(
        pl.col("count").sum().alias("known"),
        pl.len().alias("distinct"),
        repeated.median().alias("median"),
        *((pl.col(kind) * pl.col("count")).sum().alias(kind) for kind in patterns()),
    )
    profiles = {row["column"]: _profile(row) for row in found.iter_rows(named=True)}
    return [profiles.get(str(index), ValueProfile(0, {}, None)) for index in range(len(columns))]


def distinct_values(columns: Mapping[str, pl.Series], *, lower: bool) -> pl.DataFrame:
    """Columns column, value, count: the different known values of each column, trimmed."""
    filled = {name: values for name, values in columns.items() if values.len()}
    if not filled:
        return pl.DataFrame(schema={"column": pl.String, "value": pl.String, "count": pl.UInt32})
    names = pl.DataFrame({"column": [*filled], "rows": [values.len() for values in filled.values()]})
    value = trim(pl.col("value"))
    cells = pl.DataFrame(
        {
            "column": names.select(pl.col("column").repeat_by("rows").explode())["column"],
            "value": pl.concat([values.cast(pl.String).rename("value") for values in filled.values()]),
        }
    ).select("column", value=value.str.to_lowercase() if lower else value)
    known = cells.filter(pl.col("value").is_not_null() & ~is_unknown(pl.col("value")))
    return known.group_by("column", "value", maintain_order=True).agg(pl.len().alias("count"))


def _profile(row: Mapping[str, Any]) -> ValueProfile:
    known = row["known"]
    shares = {kind: round(row[kind] / known, 3) for kind in patterns() if row[kind]}
    return ValueProfile(known, shares, row["median"], row["distinct"])


def weigh(attribute: str, score: float, profile: ValueProfile) -> tuple[float, str | None]:
    """A header's score in the light of the values, and the reason when they changed it."""
    if profile.known < _ENOUGH_VALUES or attribute.startswith("relation:"):
        return score, None
    expected = _EXPECTED.get(attribute)
    if expected is not None:
        return _weigh_expected(attribute, score, profile, expected)
    may_be = _MAY_BE.get(attribute, ())
    foreign = next((kind for kind in _FOREIGN if kind not in may_be and profile.share(kind) >= MOSTLY), None)
    if foreign is not None:
        return score * CONTRADICTED, f"but the values look like {foreign}"
    other = next(
        (kind for kind, told in _DECISIVE.items() if told != attribute and profile.share(kind) >= MOSTLY),
        None,
    )
    if other is not None and attribute not in _BESIDE_DECISIVE and not bears_out(attribute, profile):
        return score * _TOLD_OTHERWISE, f"but the values look like {other}"
    return _weigh_own_words(attribute, score, profile)


def _weigh_own_words(attribute: str, score: float, profile: ValueProfile) -> tuple[float, str | None]:
    typical = _TYPICAL.get(attribute)
    if typical is not None and profile.share(*typical) >= MOSTLY:
        return min(_SUREST, score + _BORNE_OUT), _looks(profile.share(*typical), profile, typical)
    own = _OWN_WORDS.get(attribute)
    share = profile.share(*own) if own is not None else 0.0
    if own is None or HARDLY <= share < MOSTLY:
        return score, None
    if share >= MOSTLY:
        return min(_SUREST, score + _BORNE_OUT), _looks(share, profile, own)
    return min(score, DOUBTED), f"but only {_looks(share, profile, own)}"


def _weigh_expected(
    attribute: str, score: float, profile: ValueProfile, expected: tuple[str, ...]
) -> tuple[float, str | None]:
    share = profile.share(*expected)
    if share < HARDLY:
        return score * CONTRADICTED, f"but only {_looks(share, profile, expected)}"
    largest = _LARGEST.get(attribute)
    if largest is not None and profile.median is not None and profile.median > largest:
        return score * CONTRADICTED, f"but half of the values are above {profile.median:g}"
    if share >= MOSTLY:
        return min(_SUREST, score + _BORNE_OUT), _looks(share, profile, expected)
    return min(score, DOUBTED), f"but only {_looks(share, profile, expected)}"


def bears_out(attribute: str, profile: ValueProfile, *, strongly: bool = False) -> bool:
    """Whether the values speak for an attribute, not only not against it; strongly: as few others would."""
    kinds = _EXPECTED.get(attribute) or _OWN_WORDS.get(attribute) or _TYPICAL.get(attribute) or ()
    if strongly:
        kinds = tuple(kind for kind in kinds if kind not in _OF_MANY)
    return bool(kinds) and profile.known >= _ENOUGH_VALUES and profile.share(*kinds) >= MOSTLY


def _looks(share: float, profile: ValueProfile, kinds: tuple[str, ...]) -> str:
    return f"{share:.0%} of {profile.known} values look like {' or '.join(kinds)}"


def tell_apart(
    readings: Mapping[str, str], profile: ValueProfile, unit: str | None = None
) -> tuple[str, float, str] | None:
    """The reading of an ambiguous header that its values bear out: attribute, score, evidence; null: none does.

    Numbers under a header that names a `unit` of size are sizes: said by the header alone, so never sure.
    """
    sized = readings.get("size")
    if (
        sized is not None
        and factor_to_canonical(sized, unit) is not None
        and profile.share("number") >= MOSTLY
    ):
        return sized, DOUBTED, f"of its meanings, {unit} speaks for a size"
    fitting = [(profile.share(kind), kind) for kind in readings if profile.share(kind) >= MOSTLY]
    if profile.known < _ENOUGH_VALUES or not fitting:
        return None
    share, kind = max(fitting, key=lambda each: each[0])
    score = _ANY_WORDS if kind == "phrase" else 0.9
    return readings[kind], score, f"of its meanings, {share:.0%} of {profile.known} values speak for {kind}"


def suggest(profile: ValueProfile) -> list[tuple[str, float, str]]:
    """Attributes that the values alone speak for: attribute, score (never above the threshold), evidence."""
    if profile.known < _ENOUGH_VALUES:
        return []
    return [
        (attribute, score, f"{profile.share(kind):.0%} of {profile.known} values look like {kind}")
        for kind, (attribute, score) in _SUGGESTED.items()
        if profile.share(kind) >= MOSTLY and (profile.varies or kind not in _IDENTIFYING)
    ]
