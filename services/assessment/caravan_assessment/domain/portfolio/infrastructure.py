"""Machines that serve the data centre itself (directory, name service, backup …), by what is known of them."""

from functools import cache
from importlib.resources import files
from typing import Any

import polars as pl
import yaml

from caravan_assessment.domain.portfolio.schema import APPLICATION, TARGET

FLOW = "observed flow"
_FOUND = pl.Schema(
    {"asset_key": pl.String(), "kind": pl.String(), "basis": pl.String(), "sure": pl.Boolean()}
)
_JUMPING = "administers"


@cache
def load_infrastructure() -> dict[str, Any]:
    """least_callers, kinds (say, becomes, words, ports, least_ports), services (discovery's names of kinds)."""
    path = files("caravan_assessment.domain.portfolio").joinpath("data/infrastructure.yaml")
    loaded: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    return loaded


def find_infrastructure(
    units: pl.DataFrame,
    members: pl.DataFrame,
    assets: pl.DataFrame,
    dependencies: pl.DataFrame,
    shared: pl.DataFrame,
) -> pl.DataFrame:
    """natural_key, infrastructure (kind), infrastructure_basis (List), infrastructure_sure; others have no row.

    An application is where each of its targets is, surely; a group of alike machines without one, where any is. Role,
    technologies, ports, a jump host's own calls, and a name with many callers are sure; a name alone is not.
    `assets`: natural_key, name, server_role, technology_stack; `dependencies`: source_key, target_key, origin, port;
    `shared`: asset_key, service, why.
    """
    told = pl.concat(
        [
            _by_words(assets),
            _by_ports(dependencies),
            _by_service(shared, dependencies),
            _by_name(assets),
        ]
    )
    best = told.sort("asset_key", "sure", _rank(), "basis", descending=[False, True, False, False]).unique(
        "asset_key", keep="first", maintain_order=True
    )
    targets = members.filter(pl.col("role") == TARGET).join(best, on="asset_key", how="left")
    whole = (
        targets.group_by(natural_key="application")
        .agg(
            every=(pl.col("kind").is_not_null() & pl.col("sure")).fill_null(False).all(),
            some=pl.col("kind").is_not_null().any(),
            infrastructure=pl.col("kind").drop_nulls().mode().sort().first(),
            infrastructure_basis=pl.col("basis").drop_nulls().unique().sort().head(3),
            infrastructure_sure=pl.col("sure").fill_null(False).any(),
        )
        .join(units.select("natural_key", unit_kind="kind"), on="natural_key")
    )
    is_one = pl.when(pl.col("unit_kind") == APPLICATION).then("every").otherwise("some")
    return whole.filter(is_one).drop("every", "some", "unit_kind")


def _rank() -> pl.Expr:
    order = {kind: place for place, kind in enumerate(load_infrastructure()["kinds"])}
    return pl.col("kind").replace_strict(order, default=len(order), return_dtype=pl.Int64)


def _by_words(assets: pl.DataFrame) -> pl.DataFrame:
    """Whole words of role and technologies."""
    texts = pl.concat(
        [
            assets.select(asset_key="natural_key", text="server_role", where=pl.lit("its role")),
            assets.select(asset_key="natural_key", text="technology_stack", where=pl.lit("it runs")).explode(
                "text"
            ),
        ]
    ).drop_nulls("text")
    # No letter before or behind: "backup" is a word in "backup_srv", and none in "backups of it".
    found = [
        texts.filter(pl.col("text").str.to_lowercase().str.contains(_whole_words(told["words"]))).select(
            "asset_key", kind=pl.lit(kind), basis=pl.format("{} {}", "where", "text"), sure=pl.lit(True)
        )
        for kind, told in load_infrastructure()["kinds"].items()
    ]
    return pl.concat([_FOUND.to_frame(), *found])


def _whole_words(words: list[str]) -> str:
    longest_first = sorted(
        (word.replace(" ", r"[\s_-]") for word in words), key=lambda word: (-len(word), word)
    )
    return rf"(^|[^a-z0-9])({'|'.join(longest_first)})($|[^a-z0-9])"


def _by_name(assets: pl.DataFrame) -> pl.DataFrame:
    """Short names that are wholly what such machines are called. A part says nothing: dc1-web-01 is a web server."""
    short = pl.col("name").str.to_lowercase().str.split(".").list.first()
    found = [
        assets.filter(short.str.contains(rf"^{told['called']}$")).select(
            asset_key="natural_key",
            kind=pl.lit(kind),
            basis=pl.format("its name is {}", "name"),
            sure=pl.lit(False),
        )
        for kind, told in load_infrastructure()["kinds"].items()
    ]
    return pl.concat(found)


def _by_ports(dependencies: pl.DataFrame) -> pl.DataFrame:
    """What others were seen to call on the ports of a kind."""
    table = load_infrastructure()
    flows = dependencies.filter(pl.col("origin") == FLOW, pl.col("port").is_not_null())
    found = []
    for kind, told in table["kinds"].items():
        if not told.get("ports"):
            continue
        called = (
            flows.filter(pl.col("port").is_in(told["ports"]))
            .group_by(asset_key="target_key")
            .agg(callers=pl.col("source_key").n_unique(), ports=pl.col("port").unique().sort())
            .filter(
                pl.col("callers") >= table["least_callers"],
                pl.col("ports").list.len() >= told["least_ports"],
            )
        )
        ports = pl.col("ports").cast(pl.List(pl.String)).list.join(", ")
        found.append(
            called.select(
                "asset_key",
                kind=pl.lit(kind),
                basis=pl.format("{} machines call it on port {}", "callers", ports),
                sure=pl.lit(True),
            )
        )
    return pl.concat([_FOUND.to_frame(), *found])


def _by_service(shared: pl.DataFrame, dependencies: pl.DataFrame) -> pl.DataFrame:
    """What discovery took for a shared service by its name, or for a jump host by whom it calls."""
    table = load_infrastructure()
    kind = pl.col("service").replace_strict(table["services"], default=None, return_dtype=pl.String)
    calls = dependencies.filter(
        pl.col("origin") == FLOW, pl.col("target_key").is_in(shared["asset_key"].implode())
    )
    callers = calls.group_by(asset_key="target_key").agg(callers=pl.col("source_key").n_unique())
    many = (pl.col("callers") >= table["many_callers"]).fill_null(False)
    jumps = pl.col("why").str.contains(_JUMPING, literal=True)
    return (
        shared.with_columns(kind=kind)
        .drop_nulls("kind")
        .join(callers, on="asset_key", how="left")
        .select(
            "asset_key",
            "kind",
            basis=pl.when(jumps)
            .then("why")
            .when(many)
            .then(pl.format("its name sounds like {}, and {} machines call it", "service", "callers"))
            .otherwise(pl.format("its name sounds like {}", "service")),
            sure=jumps | many,
        )
    )
