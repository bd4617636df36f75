"""The canonical asset attributes as data: what a column of any inventory can come to mean."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Attribute:
    """`dtype` is the name polars prints, `unit` the canonical unit (all `_gb` are GiB), `group` its heading."""

    name: str
    dtype: str
    unit: str | None
    group: str


_GROUPS: dict[str, tuple[str, ...]] = {
    "identity": (
        "name",
        "hostname",
        "fqdn",
        "asset_type",
        "description",
        "ip_addresses:List(String)",
        "mac_addresses:List(String)",
        "bios_uuid",
        "serial_number",
        "external_ids:List(String)",
    ),
    "place": ("environment", "location", "datacenter", "rack", "availability_zone", "security_zone"),
    "platform": (
        "operating_system",
        "os_version",
        "vendor",
        "virtualization_platform",
        "virtualization_type",
        "server_role",
        "database_type",
        "database_version",
        "database_size_gb:Float64:GiB",
        "technology_stack:List(String)",
    ),
    "size": (
        "cpu_cores:Int64:count",
        "cpu_sockets:Int64:count",
        "cpu_speed_mhz:Float64:MHz",
        "memory_gb:Float64:GiB",
        "storage_gb:Float64:GiB",
        "storage_used_gb:Float64:GiB",
        "disks:Int64:count",
        "cpu_architecture",
        "boot_type",
        "hardware_model",
    ),
    "use": (
        "cpu_avg_percent:Float64:percent",
        "cpu_max_percent:Float64:percent",
        "memory_avg_percent:Float64:percent",
        "memory_max_percent:Float64:percent",
        "disk_iops:Float64:per second",
        "network_mbps:Float64:Mbit/s",
        "power_state",
        "created_at:Datetime:UTC",
        "last_seen:Datetime:UTC",
    ),
    "business": (
        "application_name",
        "application_type",
        "business_owner",
        "technical_owner",
        "department",
        "business_unit",
        "business_criticality",
        "data_classification",
        "pii:Boolean",
        "lifecycle",
        "current_monthly_cost:Float64:currency",
        "annual_cost:Float64:currency",
        "licence",
        "backup_policy",
        "maintenance_window",
        "change_tolerance",
        "compliance:List(String)",
        "rto_minutes:Float64:minutes",
        "rpo_minutes:Float64:minutes",
        "freeze_windows:List(String)",
        "user_count:Int64:count",
        "cost_center",
        "licence_model",
        "tags:List(String)",
    ),
    "progress": (
        "treatment",
        "treatment_confidence:Float64:fraction",
        "wave",
        "migration_priority",
        "target_type",
        "target_region",
        "target_account",
        "target_monthly_cost:Float64:currency",
        "migration_status",
        "discovery_completed:Boolean",
        "assessment_completed:Boolean",
        "planning_completed:Boolean",
        "execution_completed:Boolean",
        "modernization_completed:Boolean",
        "flow_history:List(String)",
    ),
    "trace": (
        "source_flow_id",
        "discovery_data_entity_id",
        "sources:List(String)",
        "completeness_score:Float64:fraction",
        "quality_score:Float64:fraction",
        "custom_attributes",
    ),
}


def _parse(entry: str, group: str) -> Attribute:
    name, dtype, unit = (*entry.split(":"), "", "")[:3]
    return Attribute(name, dtype or "String", unit or None, group)


ATTRIBUTES: tuple[Attribute, ...] = tuple(
    _parse(entry, group) for group, entries in _GROUPS.items() for entry in entries
)
BY_NAME: dict[str, Attribute] = {attribute.name: attribute for attribute in ATTRIBUTES}

# What tells of persons: shown to those who run flows, masked for all others.
PERSONAL: frozenset[str] = frozenset({"business_owner", "technical_owner"})

# What a column of an inventory may be mapped to: `trace` is written by Caravan alone.
MAPPABLE: frozenset[str] = frozenset(
    attribute.name
    for attribute in ATTRIBUTES
    if attribute.group != "trace" and not attribute.name.endswith(("_completed", "_history"))
)

# Later flows own `progress`; a source that names a wave or a treatment only states a wish.
DISCOVERY_OWNS: tuple[str, ...] = (
    *(attribute.name for attribute in ATTRIBUTES if attribute.group not in ("progress", "trace")),
    "sources",
    "completeness_score",
    "quality_score",
)
