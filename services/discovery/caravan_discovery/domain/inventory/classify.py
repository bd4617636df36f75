"""What kind of asset a row is, whether it is to be migrated, and what is still unknown about it."""

import polars as pl

from caravan_discovery.domain.cleansing.plan import APPLICATION, DATABASE, HOST, MACHINE
from caravan_discovery.domain.cleansing.platforms import BLOCKED_FAMILIES

NOT_TARGET_REASONS = ("template", "srm_placeholder", "restored_copy", "hypervisor_host", "orphaned")
TARGET_TYPES = ("server", "virtual_machine")
# What later flows decide by; completeness is the share of these that is filled.
NEEDED = (
    "operating_system",
    "cpu_cores",
    "memory_gb",
    "storage_gb",
    "environment",
    "business_criticality",
    "business_owner",
)
NEEDED_OF_APPLICATIONS = ("business_criticality", "business_owner", "data_classification", "application_type")
NEEDED_OF_DATABASES = ("database_type", "database_version", "database_size_gb")
TYPE_WORDS = {
    "hypervisor_host": r"hypervisor|esxi?\b|vm ?host|virtuali[sz]ation host",
    "virtual_machine": r"virtual|\bvms?\b|guest|instance",
    "load_balancer": r"load.?balancer|lastverteiler|\bf5\b|big-?ip|netscaler|\badc\b",
    "container": r"container|\bpods?\b|docker|kubernetes",
    "network": r"network|netzwerk|switch|router|firewall|gateway|\bwlc\b|access point",
    "storage": r"storage|speicher|\bnas\b|\bsan\b|filer|disk array|tape ?library|bandbibliothek",
    "database": r"database|\bdb\b",
    "application": r"application|\bapp\b|business service",
    "server": r"server|physical|computer|rechner|mainframe|blade|host|appliance|workstation|ibm i\b|power ?system",
}
# What is said of a machine's kind or model that no cloud offers.
_BLOCKED_WORDS = {
    "mainframe": r"mainframe|großrechner",
    "IBM i": r"\bibm i\b|as/?400",
    "appliance": r"appliance",
}
_NON_X86 = ("aix", "hp-ux", "solaris")
_COPY_NAME = r"-\d{13}$"


def classify_assets(
    assets: pl.DataFrame, shared_uuids: pl.Series, judged: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Adds asset_type, is_target, not_target_reason, blocked_reason, completeness_score.

    `shared_uuids` are BIOS uuids that several machines of one source carry: with a name that ends in a
    time stamp they mark a restored copy. `judged`: said, vendor, hardware_model, kind of categories that fit
    several kinds and were settled otherwise than the rules do.
    """
    frame = _with_missing(assets)
    frame = frame.with_columns(said_type="asset_type", asset_type=_asset_type())
    if judged is not None and judged.height:
        frame = _as_judged(frame, judged)
    frame = frame.with_columns(
        not_target_reason=_not_target_reason(shared_uuids), blocked_reason=_blocked_reason()
    )
    target = pl.col("asset_type").is_in(TARGET_TYPES) & pl.col("not_target_reason").is_null()
    return frame.with_columns(is_target=target, completeness_score=_completeness(frame.columns))


def _as_judged(frame: pl.DataFrame, judged: pl.DataFrame) -> pl.DataFrame:
    """Machines of a judged category are of the judged kind; what a sheet or a hypervisor says counts more."""
    keys = {"said_type": "said", "vendor": "vendor", "hardware_model": "hardware_model"}
    found = frame.join(
        judged,
        left_on=list(keys),
        right_on=list(keys.values()),
        how="left",
        nulls_equal=True,
        maintain_order="left",
    )
    machine = pl.col("role") == MACHINE
    kind = pl.when(machine).then(pl.col("kind"))
    return found.with_columns(asset_type=pl.coalesce(kind, "asset_type")).drop("kind")


def _with_missing(assets: pl.DataFrame) -> pl.DataFrame:
    """Columns the rules look at, as null where no source has them."""
    wanted = {
        "asset_type": pl.String,
        "virtualization_type": pl.String,
        "virtualization_platform": pl.String,
        "operating_system": pl.String,
        "os_family": pl.String,
        "hardware_model": pl.String,
        "vendor": pl.String,
        "cpu_architecture": pl.String,
        "bios_uuid": pl.String,
        "name": pl.String,
        "mark_template": pl.Boolean,
        "mark_placeholder": pl.Boolean,
        "mark_connection": pl.String,
        "power_state": pl.String,
    }
    return assets.with_columns(
        pl.lit(None, dtype).alias(name) for name, dtype in wanted.items() if name not in assets.columns
    )


def _asset_type() -> pl.Expr:
    """The role of the sheet, then what the source says, then whether a hypervisor is named."""
    said = pl.col("asset_type").str.to_lowercase()
    platform = pl.col("virtualization_platform").str.to_lowercase()
    virtual = (
        (pl.col("virtualization_type") == "virtual")
        | pl.col("says_virtual")
        | (platform.is_not_null() & ~platform.is_in(["none", "no", "physical", "bare metal"]))
    )
    physical = (pl.col("virtualization_type") == "physical").fill_null(False)
    return pl.coalesce(
        _named("hypervisor_host", pl.col("role") == HOST),
        _named("application", pl.col("role") == APPLICATION),
        _named("database", pl.col("role") == DATABASE),
        _named("hypervisor_host", pl.col("operating_system") == "VMware ESXi"),
        *(_named(name, said.str.contains(words)) for name, words in TYPE_WORDS.items()),
        _named("other", said.is_not_null()),
        _named("virtual_machine", virtual.fill_null(False) & ~physical),
        pl.lit("server"),
    )


def _named(name: str, condition: pl.Expr) -> pl.Expr:
    return pl.when(condition).then(pl.lit(name))


def _not_target_reason(shared_uuids: pl.Series) -> pl.Expr:
    """The first that fits, in the order of NOT_TARGET_REASONS."""
    copy = pl.col("name").str.contains(_COPY_NAME) & pl.col("bios_uuid").is_in(shared_uuids.implode())
    signs = (
        pl.col("mark_template"),
        pl.col("mark_placeholder"),
        copy,
        pl.col("asset_type") == "hypervisor_host",
        pl.col("mark_connection") == "orphaned",
    )
    reasons = [_named(name, sign) for name, sign in zip(NOT_TARGET_REASONS, signs, strict=True)]
    machine = pl.col("asset_type").is_in([*TARGET_TYPES, "hypervisor_host"])
    return pl.when(machine).then(pl.coalesce(reasons))


def _blocked_reason() -> pl.Expr:
    """Platforms that no cloud offers: such machines are blocked, and say why."""
    families = BLOCKED_FAMILIES | dict.fromkeys(_NON_X86, "not x86")
    by_family = pl.col("os_family").replace_strict(
        list(families), list(families.values()), default=None, return_dtype=pl.String
    )
    by_processor = pl.when(pl.col("cpu_architecture").is_in(["power", "sparc", "s390x"])).then(
        pl.lit("not x86")
    )
    said = pl.concat_str("said_type", "hardware_model", separator=" ", ignore_nulls=True).str.to_lowercase()
    by_word = [_named(reason, said.str.contains(words)) for reason, words in _BLOCKED_WORDS.items()]
    return pl.when(pl.col("asset_type").is_in(TARGET_TYPES)).then(
        pl.coalesce(by_family, by_processor, *by_word)
    )


def _completeness(columns: list[str]) -> pl.Expr:
    def share(names: tuple[str, ...]) -> pl.Expr:
        filled = [pl.col(name).is_not_null().cast(pl.Float64) for name in names if name in columns]
        return (pl.sum_horizontal(filled) if filled else pl.lit(0.0)) / len(names)

    return (
        pl.when(pl.col("asset_type") == "application")
        .then(share(NEEDED_OF_APPLICATIONS))
        .when(pl.col("asset_type") == "database")
        .then(share(NEEDED_OF_DATABASES))
        .otherwise(share(NEEDED))
        .round(4)
    )
