"""Derives the planning service's table of instances from what apache-libcloud carries. Run again after it is updated.

Each provider's part of that file was last scraped on another day, which its git history tells (git log -- of
libcloud/data/pricing.json): the day stands with every price. A price of 0 there means that none was found: no row.
"""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

import libcloud
import polars as pl
from libcloud.compute.constants.ec2_instance_types import INSTANCE_TYPES

DATA = Path(__file__).parents[1] / "services/planning/caravan_planning/domain/target/data"
PRICING = json.loads((Path(libcloud.__file__).parent / "data/pricing.json").read_text(encoding="utf-8"))
SIZES: dict[str, Any] = INSTANCE_TYPES
AZURE_DAY, GOOGLE_DAY = "2020-08-30", "2020-06-30"
SOURCE = f"apache-libcloud {metadata.version('apache-libcloud')} (Apache-2.0), list price of {{}}"

# x86 families of today for general use, memory and burstable loads; without accelerators, local disks or bare metal.
AWS_FAMILY = re.compile(r"^(?:([mcr][5-7][ia]?)|(t3a?)|(x1e?|x2i[de]n))\.(?!metal)")
# Windows Server on demand, per vCPU and hour, beside the price for Linux: https://aws.amazon.com/windows/pricing
AWS_WINDOWS, AWS_AGREE = 0.046, 3
# GiB per vCPU, and sizes that break the rule: https://learn.microsoft.com/azure/virtual-machines/sizes
AZURE_SERIES: dict[str, tuple[float, dict[int, float]]] = {
    r"d(\d+)s(v3|v4)": (4, {}),
    r"d(\d+)as(v4)": (4, {}),
    r"e(\d+)s(v3)": (8, {64: 432}),
    r"e(\d+)s(v4)": (8, {64: 504}),
    r"e(\d+)as(v4)": (8, {96: 672}),
    r"f(\d+)s(v2)": (2, {}),
}
AZURE_BURSTABLE = {
    "b1s": (1, 1), "b1ms": (1, 2), "b2s": (2, 4), "b2ms": (2, 8), "b4ms": (4, 16), "b8ms": (8, 32),
    "b12ms": (12, 48), "b16ms": (16, 64), "b20ms": (20, 80),
}  # fmt: skip
AZURE_LARGE = {
    "m8ms": (8, 218.75), "m16ms": (16, 437.5), "m32ts": (32, 192), "m32ls": (32, 256), "m32ms": (32, 875),
    "m64ls": (64, 512), "m64s": (64, 1024), "m64ms": (64, 1792), "m128s": (128, 2048), "m128ms": (128, 3892),
    "m208sv2": (208, 2850), "m208msv2": (208, 5700), "m416sv2": (416, 5700), "m416msv2": (416, 11400),
}  # fmt: skip
# Sizes of predefined types, GiB per vCPU: https://cloud.google.com/compute/docs/machine-resource
GOOGLE_TYPES: dict[str, tuple[str, tuple[int, ...], float]] = {
    "e2-standard": ("e2", (2, 4, 8, 16, 32), 4),
    "e2-highmem": ("e2", (2, 4, 8, 16), 8),
    "e2-highcpu": ("e2", (2, 4, 8, 16, 32), 1),
    "n2-standard": ("n2", (2, 4, 8, 16, 32, 48, 64, 80), 4),
    "n2-highmem": ("n2", (2, 4, 8, 16, 32, 48, 64, 80), 8),
    "n2-highcpu": ("n2", (2, 4, 8, 16, 32, 48, 64, 80), 1),
    "n2d-standard": ("n2d", (2, 4, 8, 16, 32, 48, 64, 80, 96, 128, 224), 4),
    "n2d-highmem": ("n2d", (2, 4, 8, 16, 32, 48, 64, 80, 96), 8),
    "c2-standard": ("c2", (4, 8, 16, 30, 60), 4),
}
GOOGLE_LARGE = {
    "m1-ultramem-40": (40, 961), "m1-ultramem-80": (80, 1922), "m1-ultramem-160": (160, 3844),
    "m1-megamem-96": (96, 1433.6),
}  # fmt: skip
# Shared cores: vCPUs seen, vCPUs paid, GiB.
GOOGLE_SHARED = {"e2-micro": (2, 0.25, 1), "e2-small": (2, 0.5, 2), "e2-medium": (2, 1.0, 4)}
# Windows Server on demand, per vCPU and hour: https://cloud.google.com/compute/disks-image-pricing
GOOGLE_WINDOWS = 0.046
SCHEMA = {
    "provider": pl.String,
    "region": pl.String,
    "kind": pl.String,
    "instance": pl.String,
    "vcpu": pl.Float64,
    "memory_gb": pl.Float64,
    "burstable": pl.Boolean,
    "price_hour": pl.Float64,
    "price_date": pl.String,
    "price_source": pl.String,
}
Offer = tuple[str, str, str, str, float, float, bool, float | None, str, str]


def derive_aws() -> Iterator[Offer]:
    """EC2, the one part that libcloud refreshes with its releases (`updated`).

    Its scraper keeps one price of a size at random: shared or dedicated tenancy (a tenth more), with or without the
    Windows licence. Within a family AWS' prices are in proportion to the size factor, so the lowest price of a unit is
    that of shared tenancy; it counts where three sizes agree on it. Windows is that plus AWS' fee by the vCPU.
    """
    day = datetime.fromtimestamp(PRICING["updated"], UTC).date().isoformat()
    for name, region, price in _list_aws_prices():
        size = SIZES[name]
        vcpu, memory = float(size["extra"]["vcpu"]), size["ram"] / 1024
        burstable = bool(AWS_FAMILY.match(name)[2])  # type: ignore[index]
        source = SOURCE.format("EC2")
        yield "aws", region, "linux", name, vcpu, memory, burstable, price, day, source
        if not burstable:
            windows = round(price + vcpu * AWS_WINDOWS, 6)
            yield "aws", region, "windows", name, vcpu, memory, burstable, windows, day, source


def _list_aws_prices() -> Iterator[tuple[str, str, float]]:
    """name, region, price of shared tenancy on Linux."""
    units = [
        (name, name.split(".")[0], region, float(size["extra"]["normalizationSizeFactor"]), price)
        for name, prices in PRICING["compute"]["ec2_linux"].items()
        if AWS_FAMILY.match(name) and (size := SIZES.get(name))
        for region, price in prices.items()
    ]
    frame = pl.DataFrame(units, schema=["name", "family", "region", "factor", "price"], orient="row")
    unit = pl.when(pl.col("price") > 0).then(pl.col("price") / pl.col("factor"))
    frame = frame.with_columns(unit=unit, lowest=unit.min().over("family", "region"))
    agree = (pl.col("unit") <= pl.col("lowest") * 1.002).sum().over("family", "region")
    sure = frame.filter(agree >= AWS_AGREE).with_columns(price=(pl.col("lowest") * pl.col("factor")).round(6))
    return iter(sure.select("name", "region", "price").rows())


def derive_azure() -> Iterator[Offer]:
    for kind in ("linux", "windows"):
        for word, prices in PRICING["compute"][f"azure_{kind}"].items():
            size = _read_azure_size(word.removeprefix("standard")) if word.startswith("standard") else None
            if size is None:
                continue
            name, vcpu, memory, burstable = size
            for region, price in prices.items():
                yield (
                    "azure", region, kind, name, vcpu, memory, burstable, price, AZURE_DAY, SOURCE.format("Azure"),
                )  # fmt: skip


def _read_azure_size(word: str) -> tuple[str, float, float, bool] | None:
    for pattern, (ratio, odd) in AZURE_SERIES.items():
        if found := re.fullmatch(pattern, word):
            vcpu, version = int(found[1]), found[2]
            name = (
                f"Standard_{word.removesuffix(version)[0].upper()}{word.removesuffix(version)[1:]}_{version}"
            )
            return name, vcpu, odd.get(vcpu, vcpu * ratio), False
    for table, burstable in ((AZURE_BURSTABLE, True), (AZURE_LARGE, False)):
        if word in table:
            name = re.sub(r"(v\d)$", r"_\1", word)
            return f"Standard_{name[0].upper()}{name[1:]}", *table[word], burstable
    return None


def derive_google() -> Iterator[Offer]:
    """Google prices cores and memory: a type costs their sum."""
    for name, family, vcpu, paid, memory, shared in _list_google_types():
        prices = PRICING["compute"]["gce_instances"][family]
        for region, core in prices["cpu"]["on_demand"].items():
            ram = prices["ram"]["on_demand"].get(region)
            if not core["price"] or not ram or not ram["price"]:
                continue
            linux = paid * core["price"] + memory * ram["price"]
            for kind, price in (("linux", linux), ("windows", linux + vcpu * GOOGLE_WINDOWS)):
                yield (
                    "google", region, kind, name, vcpu, memory, shared, round(price, 6), GOOGLE_DAY,
                    SOURCE.format("Compute Engine"),
                )  # fmt: skip


def _list_google_types() -> Iterator[tuple[str, str, float, float, float, bool]]:
    for name, (family, sizes, ratio) in GOOGLE_TYPES.items():
        for vcpu in sizes:
            yield f"{name}-{vcpu}", family, vcpu, vcpu, vcpu * ratio, False
    for name, (vcpu, memory) in GOOGLE_LARGE.items():
        yield name, "m1", vcpu, vcpu, memory, False
    for name, (vcpu, paid, memory) in GOOGLE_SHARED.items():
        yield name, "e2", vcpu, paid, memory, True


def main() -> None:
    rows = [*derive_aws(), *derive_azure(), *derive_google()]
    offers = pl.DataFrame(rows, schema=SCHEMA, orient="row").filter(pl.col("price_hour") > 0)
    offers = offers.sort("provider", "region", "kind", "instance")
    offers.write_parquet(DATA / "instances.parquet", compression="zstd", statistics=False)
    counted = offers.group_by("provider", "kind", "price_date").agg(
        offers=pl.len(), regions=pl.col("region").n_unique(), types=pl.col("instance").n_unique()
    )
    print(counted.sort("provider", "kind"))


if __name__ == "__main__":
    main()
