"""What a machine needs, from what it was seen to use. Never less than what was seen, with headroom."""

import polars as pl

from caravan_planning.domain.target.settings import OWN, Settings

# No provider sells less; also what an idle machine is given.
LEAST_VCPU, LEAST_MEMORY_GB = 1.0, 0.5
X86 = ("x86_64", "x86-64", "amd64", "x64", "x86", "i386", "i686")


def add_needs(estate: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """Adds allocated_*, need_* (vcpu, memory_gb, storage_gb), *_basis and *_observed_percent (cpu, memory).

    A basis is p95, max, avg (times the factor, at most what is allocated), allocated (use unknown) or unknown (size
    unknown as well: then the need is null).
    """
    return estate.with_columns(
        allocated_vcpu=_above_zero("cpu_cores"),
        allocated_memory_gb=_above_zero("memory_gb"),
        allocated_storage_gb=_above_zero("storage_gb"),
    ).with_columns(
        *_need("cpu", "allocated_vcpu", "need_vcpu", LEAST_VCPU, settings),
        *_need("memory", "allocated_memory_gb", "need_memory_gb", LEAST_MEMORY_GB, settings),
        _storage(settings).alias("need_storage_gb"),
    )


def may_burst(settings: Settings, production: tuple[str, ...]) -> pl.Expr:
    """Outside production, where the average is known to stay below what a burstable instance earns credits for."""
    calm = _above_zero("cpu_avg_percent") <= settings.burstable_percent
    return (calm & ~pl.col("landing_zone").is_in(production)).fill_null(False)


def read_system() -> pl.Expr:
    """`linux` or `windows`; null where the system is unknown or no provider sells machines for it."""
    x86 = pl.col("cpu_architecture").is_null() | pl.col("cpu_architecture").str.to_lowercase().is_in(X86)
    sold = pl.col("os_family").is_in(["linux", "windows"]) & pl.col("blocked_reason").is_null() & x86
    return pl.when(sold).then(pl.col("os_family"))


def read_sold_as(settings: Settings) -> pl.Expr:
    """What a provider charges for: `rhel` and `sles` where the subscription comes with the machine, else `system`."""
    system = read_system()
    if settings.subscriptions == OWN:
        return system
    named = pl.col("operating_system").str.to_lowercase()
    linux = system == "linux"
    return (
        pl.when(linux & named.str.contains(r"red ?hat|\brhel"))
        .then(pl.lit("rhel"))
        .when(linux & named.str.contains(r"\bsles|suse linux enterprise"))
        .then(pl.lit("sles"))
        .otherwise(system)
    )


def cannot_move() -> pl.Expr:
    """Whether no cloud machine can take it: blocked, or of a system or an architecture that isn't sold."""
    return read_system().is_null() & (
        pl.col("os_family").is_not_null() | pl.col("blocked_reason").is_not_null()
    )


def _need(what: str, allocated: str, name: str, least: float, settings: Settings) -> tuple[pl.Expr, ...]:
    peak = {basis: _share(f"{what}_{basis}_percent") for basis in ("p95", "max", "avg")}
    grown = 1 + settings.headroom
    size = pl.col(allocated)
    # An average times a factor is a guess: it may not ask for more than is there.
    guessed = (peak["avg"] * settings.average_factor * grown).clip(upper_bound=1.0) * size
    need = pl.coalesce(peak["p95"] * grown * size, peak["max"] * grown * size, guessed, size)
    basis = (
        pl.when(size.is_null())
        .then(pl.lit("unknown"))
        .when(peak["p95"].is_not_null())
        .then(pl.lit("p95"))
        .when(peak["max"].is_not_null())
        .then(pl.lit("max"))
        .when(peak["avg"].is_not_null())
        .then(pl.lit("avg"))
        .otherwise(pl.lit("allocated"))
    )
    observed = pl.coalesce(peak["p95"], peak["max"], peak["avg"]) * 100
    return (
        need.clip(lower_bound=least).alias(name),
        basis.alias(f"{what}_basis"),
        observed.alias(f"{what}_observed_percent"),
    )


def _storage(settings: Settings) -> pl.Expr:
    """In use with headroom, at most what is allocated; where use is unknown, what is allocated."""
    allocated, used = _above_zero("storage_gb"), _above_zero("storage_used_gb")
    grown = pl.min_horizontal(used * (1 + settings.storage_headroom), allocated)
    return pl.when(used.is_not_null()).then(pl.max_horizontal(grown, used)).otherwise(allocated)


def _share(column: str) -> pl.Expr:
    """A percentage as a share of 1. What reads 0 was not measured; more than all of it cannot be used."""
    return _above_zero(column).clip(upper_bound=100.0) / 100


def _above_zero(column: str) -> pl.Expr:
    return pl.when(pl.col(column) > 0).then(pl.col(column))
