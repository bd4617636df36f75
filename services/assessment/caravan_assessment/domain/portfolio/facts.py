"""Facts of each unit, summed up from its members: column operations over all units at once."""

import polars as pl

from caravan_assessment.domain.portfolio.schema import APPLICATION, DATABASE, TARGET

ASSET_COLUMNS = (
    "natural_key",
    "name",
    "asset_type",
    "is_target",
    "blocked_reason",
    "environment",
    "business_criticality",
    "application_type",
    "lifecycle",
    "data_classification",
    "pii",
    "compliance",
    "change_tolerance",
    "user_count",
    "department",
    "business_unit",
    "current_monthly_cost",
    "annual_cost",
    "cpu_cores",
    "memory_gb",
    "storage_gb",
    "operating_system",
    "os_family",
    "database_type",
    "technology_stack",
    "virtualization_platform",
    "power_state",
    "created_at",
    "cpu_avg_percent",
    "cpu_max_percent",
    "stated_treatment",
    "stated_wave",
    "freeze_windows",
    "custom_attributes",
    "sources",
    "server_role",
)
_CRITICALITIES = ("mission-critical", "high", "medium", "low")
_CLASSES = ("restricted", "personal", "confidential", "internal", "public")
_UNKNOWN = "unknown"


def sum_up(
    units: pl.DataFrame, members: pl.DataFrame, assets: pl.DataFrame, debt: pl.DataFrame
) -> pl.DataFrame:
    """One row per unit with everything but its neighbours and dates, by natural_key.

    `units`: natural_key, name, kind. `assets`: ASSET_COLUMNS. `debt`: asset_key, kind, status, product, …
    """
    held = members.join(assets, left_on="asset_key", right_on="natural_key", how="inner")
    own = assets.rename({name: f"own_{name}" for name in ASSET_COLUMNS if name != "natural_key"})
    return (
        units.join(own, on="natural_key", how="left")
        .join(_of_targets(held), left_on="natural_key", right_on="application", how="left")
        .join(_of_all(held), left_on="natural_key", right_on="application", how="left")
        .join(_of_debt(members, debt), left_on="natural_key", right_on="application", how="left")
        .with_columns(_settle())
        .with_columns(pl.col(_COUNTED).fill_null(0), pl.col(_LISTED).fill_null([]))
        .sort("natural_key")
    )


_COUNTED = (
    "targets",
    "databases",
    "powered_off",
    "use_known",
    "idle",
    "zombie",
    "unsupported",
    "ending_12_months",
    "support_known",
    "blocked_targets",
    "os_known",
    "size_known",
)
_LISTED = ("os_families", "database_products", "end_of_life_products", "blocked_reasons", "members")


def _of_targets(held: pl.DataFrame) -> pl.DataFrame:
    """Of each unit's targets: counts, sizes, platforms, use."""
    count = pl.len().cast(pl.Int64)
    sized = pl.all_horizontal(pl.col(name).is_not_null() for name in ("cpu_cores", "memory_gb", "storage_gb"))
    # RVTools lists what vCenter holds, and nothing else.
    by_tool = pl.col("sources").list.eval(pl.element().str.starts_with("rvtools")).list.any()
    named = pl.col("virtualization_platform").str.to_lowercase().str.contains("vmware", literal=True)
    vmware = pl.coalesce(named, by_tool).fill_null(False)
    return (
        held.filter(pl.col("role") == TARGET)
        .group_by("application")
        .agg(
            targets=count,
            os_known=pl.col("operating_system").is_not_null().sum().cast(pl.Int64),
            size_known=sized.sum().cast(pl.Int64),
            cpu_cores=_sum_known("cpu_cores"),
            memory_gb=_sum_known("memory_gb").round(3),
            storage_gb=_sum_known("storage_gb").round(3),
            os_families=pl.col("os_family").drop_nulls().unique().sort(),
            all_vmware=vmware.all(),
            powered_off=(pl.col("power_state").str.to_lowercase() == "off").sum().cast(pl.Int64),
            newest_built=pl.col("created_at").max().dt.date(),
            all_built=pl.col("created_at").is_not_null().all(),
            use_known=pl.col("cpu_avg_percent").is_not_null().sum().cast(pl.Int64),
            blocked_targets=pl.col("blocked_reason").is_not_null().sum().cast(pl.Int64),
            blocked_reasons=pl.col("blocked_reason").drop_nulls().unique().sort(),
        )
    )


def _sum_known(column: str) -> pl.Expr:
    """A sum over what is known; null where nothing is, never 0 for unknown."""
    return pl.when(pl.col(column).is_not_null().any()).then(pl.col(column).sum())


def _first_of(column: str, order: tuple[str, ...]) -> pl.Expr:
    """The value that comes first in `order`, of those the members have."""
    value = pl.col(column).str.to_lowercase()
    found = [pl.when((value == word).any()).then(pl.lit(word)) for word in order]
    return pl.coalesce(*found, pl.lit(None, pl.String))


def _most_common(column: str) -> pl.Expr:
    return pl.col(column).drop_nulls().mode().sort().first()


def _of_all(held: pl.DataFrame) -> pl.DataFrame:
    """Of all members: what they say of the business, where the application itself says nothing."""
    monthly = pl.coalesce("current_monthly_cost", pl.col("annual_cost") / 12)
    return (
        held.with_columns(monthly=monthly)
        .group_by("application")
        .agg(
            databases=(pl.col("role") == DATABASE).sum().cast(pl.Int64),
            database_products=pl.col("database_type").drop_nulls().unique().sort(),
            member_criticality=_first_of("business_criticality", _CRITICALITIES),
            member_environment=pl.when((pl.col("environment") == "production").any())
            .then(pl.lit("production"))
            .otherwise(_most_common("environment")),
            member_class=_first_of("data_classification", _CLASSES),
            member_pii=pl.when(pl.col("pii").is_not_null().any()).then(pl.col("pii").any()),
            member_team=_most_common("department"),
            member_unit=_most_common("business_unit"),
            member_type=_most_common("application_type"),
            member_tolerance=_most_common("change_tolerance"),
            member_cost=_sum_known("monthly"),
            member_technologies=pl.col("technology_stack").explode().drop_nulls().unique().sort(),
            member_compliance=pl.col("compliance").explode().drop_nulls().unique().sort(),
            member_treatment=_most_common("stated_treatment"),
            member_wave=_most_common("stated_wave"),
            members=pl.col("asset_key").unique().sort(),
        )
    )


def _of_debt(members: pl.DataFrame, debt: pl.DataFrame) -> pl.DataFrame:
    """Of each unit: products out of support, first end of life, use."""
    found = members.join(debt, on="asset_key", how="inner")
    product = pl.col("kind").is_in(["operating_system", "database", "technology"])
    over = pl.col("status") == "unsupported"
    bad = product & pl.col("status").is_in(["unsupported", "ending_12_months"])
    known = product & (pl.col("status") != _UNKNOWN)
    named = pl.format("{}{}", "product", pl.format(" {}", "version").fill_null(""))
    return found.group_by("application").agg(
        unsupported=(product & over).sum().cast(pl.Int64),
        ending_12_months=(product & (pl.col("status") == "ending_12_months")).sum().cast(pl.Int64),
        support_known=known.sum().cast(pl.Int64),
        first_end_of_life=pl.col("eol_date").filter(bad).min(),
        end_of_life_products=named.filter(bad).drop_nulls().unique().sort(),
        idle=(pl.col("status") == "idle").sum().cast(pl.Int64),
        zombie=(pl.col("status") == "zombie").sum().cast(pl.Int64),
        debt_score=pl.col("score").filter(product).max(),
    )


def _settle() -> list[pl.Expr]:
    """What an application says of itself comes before what its members say."""
    own_cost = pl.coalesce("own_current_monthly_cost", pl.col("own_annual_cost") / 12)
    return [
        pl.coalesce(pl.col("own_business_criticality").str.to_lowercase(), "member_criticality").alias(
            "business_criticality"
        ),
        pl.coalesce("own_environment", "member_environment").alias("environment"),
        # Departments only: names of persons are masked elsewhere and are no teams.
        pl.coalesce("own_department", "own_business_unit", "member_team", "member_unit").alias("team"),
        pl.coalesce("own_application_type", "member_type").str.to_lowercase().alias("application_type"),
        pl.when(pl.col("kind") == APPLICATION)
        .then(pl.col("own_lifecycle").str.to_lowercase())
        .alias("lifecycle"),
        pl.coalesce(pl.col("own_data_classification").str.to_lowercase(), "member_class").alias(
            "data_classification"
        ),
        pl.coalesce("own_pii", "member_pii").alias("pii"),
        pl.concat_list(pl.col("own_compliance").fill_null([]), pl.col("member_compliance").fill_null([]))
        .list.unique()
        .list.sort()
        .alias("compliance"),
        pl.coalesce("own_change_tolerance", "member_tolerance").str.to_lowercase().alias("change_tolerance"),
        pl.col("own_user_count").alias("user_count"),
        pl.coalesce(own_cost, "member_cost").round(2).alias("current_monthly_cost"),
        pl.concat_list(
            pl.col("own_technology_stack").fill_null([]), pl.col("member_technologies").fill_null([])
        )
        .list.unique()
        .list.sort()
        .alias("technologies"),
        pl.when("all_built").then("newest_built").alias("newest_built"),
        pl.coalesce("own_stated_treatment", "member_treatment").str.to_lowercase().alias("stated_treatment"),
        pl.coalesce("own_stated_wave", "member_wave").alias("stated_wave"),
    ]
