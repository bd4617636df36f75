"""Relations out of rows, one table of one shape, before anyone knows which assets they mean."""

import polars as pl

from caravan_discovery.domain.cleansing.plan import APPLICATION, DATABASE, MACHINE, RELATION, RUNS_WORDS
from caravan_discovery.domain.parts import ColumnType, table_schema
from caravan_discovery.domain.places import PLACE

# What a target port above this says nothing about: the operating systems hand these out to clients.
FIRST_EPHEMERAL = 32768
_KNOWN_HIGH = (50000, 50070, 61616)  # SAP, Hadoop, ActiveMQ: services all the same
# Rows looked at together: what they say is summed up before the next are read, so memory does not grow with flows.
BATCH_ROWS = 100_000
# Rows and processes kept per relation as evidence; `count` says how many rows there were.
MOST_PLACES, MOST_PROCESSES = 20, 5
_SAID: dict[str, ColumnType] = {
    "source": pl.String,
    "from": pl.String,
    "from_address": pl.String,
    "from_kind": pl.String,
    "to": pl.String,
    "to_address": pl.String,
    "to_kind": pl.String,
    "kind": pl.String,
    "origin": pl.String,
    "port": pl.Int64,
    "protocol": pl.String,
    "from_asset": pl.String,
}
_ROWS = table_schema({**_SAID, "place": pl.String, "process": pl.String, "observations": pl.Float64})
RELATIONS = table_schema(
    {
        **_SAID,
        "places": pl.List(pl.String),
        "processes": pl.List(pl.String),
        "observations": pl.Float64,
        "count": pl.Int64,
    }
)
_ENDS = (
    "rel_source",
    "rel_target",
    "rel_source_address",
    "rel_target_address",
    "rel_depends_on",
    "rel_server",
)
_READ = (
    *_ENDS,
    "rel_port",
    "rel_source_port",
    "rel_protocol",
    "rel_weight",
    "rel_criticality",
    "rel_direction",
    "rel_kind",
    "rel_target_process",
    "application_name",
)
# What a stated relation does, by the words of CMDBs: what runs on something moves with it, what needs something
# follows it, what only talks to it or belongs to it is tied softly; the rest says nothing of a move.
RUNS_ON = "runs on"
_NEEDS = r"(?i)^\W*(?:depends on|uses|consumes|requires|receives data from|subscribes to|abhängig von|nutzt|benötigt)\b"
_SOFTLY = (
    r"(?i)^\W*(?:contains|members|cluster of|owns|connects to|exchanges data|sends data|ip connection|communicates"
    r"|enthält|verbunden mit|kommuniziert)\b"
)
_SAYS_NOTHING = (
    r"(?i)^\W*(?:virtualized by|hypervisor|located in|managed by|monitor|powered by|supported by|allocated to"
    r"|provided by|controlled by|virtualisiert durch|steht in|verwaltet von)"
)
_CRITICAL = ("high", "critical", "mission-critical", "mandatory", "hard", "strong")
# What exporters write for a process they could not name.
_NO_PROCESS = ("unknown", "unknown process", "unresolved", "system idle process")


def read_relations(
    clean: pl.LazyFrame, columns: list[str], assets_of_rows: pl.DataFrame, batch_rows: int = BATCH_ROWS
) -> pl.DataFrame:
    """All relations of clean_rows (RELATIONS), equal ones summed up. Memory grows with what differs, not with rows.

    `assets_of_rows`: place, asset_key of rows that are assets themselves.
    """
    words = [name for name in _ENDS if name in columns]
    if not words:
        return RELATIONS.to_frame()
    told = clean.filter(pl.any_horizontal(pl.col(name).is_not_null() for name in words))
    present = [name for name in _READ if name in columns]
    missing = [pl.lit(None, pl.String).alias(name) for name in _READ if name not in columns]
    rows = told.select("source", "role", "source_key", *present, *missing, place=PLACE)
    summed, waiting = RELATIONS.to_frame(), [RELATIONS.to_frame()]
    for batch in rows.collect_batches(chunk_size=batch_rows, maintain_order=True):
        waiting.append(_read_batch(batch, assets_of_rows))
        if sum(frame.height for frame in waiting) > max(batch_rows, summed.height):
            summed, waiting = _sum_up([summed, *waiting]), [RELATIONS.to_frame()]
    return _sum_up([summed, *waiting])


def _read_batch(rows: pl.DataFrame, assets_of_rows: pl.DataFrame) -> pl.DataFrame:
    rows = rows.join(assets_of_rows, on="place", how="left", maintain_order="left")
    said = pl.concat([_flows(rows), _declared(rows), _konveyor(rows), _hosted(rows)])
    single = said.with_columns(
        places=pl.concat_list("place"),
        processes=pl.concat_list("process"),
        count=pl.lit(1, pl.Int64),
    )
    return _sum_up([single.select(RELATIONS.names())])


def _sum_up(frames: list[pl.DataFrame]) -> pl.DataFrame:
    """Equal relations as one, in the order of their first rows."""
    grouped = pl.concat(frames).group_by(list(_SAID), maintain_order=True)
    return grouped.agg(
        places=pl.col("places").explode().head(MOST_PLACES),
        processes=pl.col("processes").explode().drop_nulls().unique(maintain_order=True).head(MOST_PROCESSES),
        observations=pl.col("observations").sum(),
        count=pl.col("count").sum(),
    ).select(pl.col(name).cast(dtype) for name, dtype in RELATIONS.items())


def _shape(rows: pl.DataFrame, **columns: pl.Expr) -> pl.DataFrame:
    return rows.select(
        (columns[name] if name in columns else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in _ROWS.items()
    )


def _flows(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with two ends: observed flows between machines, or declared dependencies between applications."""
    both = rows.filter(
        pl.col("role") == RELATION,
        pl.coalesce("rel_source", "rel_source_address").is_not_null(),
        pl.any_horizontal(pl.col("rel_target", "rel_target_address", "rel_port").is_not_null()),
    )
    # Row by row: one workbook may hold stated dependencies on one sheet and observed flows on another.
    marks = ("rel_port", "rel_source_address", "rel_target_address", "rel_weight")
    both = both.with_columns(flow=pl.any_horizontal(pl.col(name).is_not_null() for name in marks))
    return pl.concat([_observed(both.filter("flow")), _between_applications(both.filter(~pl.col("flow")))])


def _observed(rows: pl.DataFrame) -> pl.DataFrame:
    """Network flows. An ephemeral target port with a service at the source means that it was written backwards."""
    port = pl.col("rel_port").str.extract(r"(\d+)").cast(pl.Int64, strict=False)
    back = pl.col("rel_source_port").str.extract(r"(\d+)").cast(pl.Int64, strict=False)
    rows = rows.with_columns(port=port, back=back)
    ephemeral = (pl.col("port") >= FIRST_EPHEMERAL) & ~pl.col("port").is_in(_KNOWN_HIGH)
    swap = (ephemeral & (pl.col("back") < FIRST_EPHEMERAL) & (pl.col("back") > 0)).fill_null(False)
    process = pl.col("rel_target_process")

    def turned(forward: str, backward: str) -> pl.Expr:
        return pl.when(swap).then(pl.col(backward)).otherwise(pl.col(forward))

    service = (
        pl.when(swap)
        .then(pl.col("back"))
        .when(ephemeral.fill_null(False))
        .then(None)
        .otherwise(pl.col("port"))
    )
    return _shape(
        rows,
        source=pl.col("source"),
        place=pl.col("place"),
        port=service,
        origin=pl.lit("observed flow"),
        kind=pl.lit("soft"),
        **{"from": turned("rel_source", "rel_target"), "to": turned("rel_target", "rel_source")},
        from_address=turned("rel_source_address", "rel_target_address"),
        to_address=turned("rel_target_address", "rel_source_address"),
        from_kind=pl.lit("machine"),
        to_kind=pl.lit("machine"),
        protocol=pl.col("rel_protocol").str.to_lowercase(),
        process=pl.when(~swap & ~process.str.to_lowercase().is_in(_NO_PROCESS)).then(process),
        observations=pl.coalesce(
            pl.col("rel_weight").str.replace_all(",", "").cast(pl.Float64, strict=False), pl.lit(1.0)
        ),
    )


def _between_applications(rows: pl.DataFrame) -> pl.DataFrame:
    """Declared dependencies: what is highly critical is an order to keep, the rest only costs when cut.

    A CMDB's word for the relation counts before that.
    """
    word = pl.col("rel_kind")
    rows = rows.filter(~word.str.contains(_SAYS_NOTHING).fill_null(False))
    runs = word.str.contains(RUNS_WORDS).fill_null(False)
    hard = pl.col("rel_criticality").is_null() | pl.col("rel_criticality").str.to_lowercase().is_in(_CRITICAL)
    kind = (
        pl.when(runs)
        .then(pl.lit("must_together"))
        .when(word.str.contains(_NEEDS))
        .then(pl.lit("hard_order"))
        .when(word.str.contains(_SOFTLY))
        .then(pl.lit("soft"))
        .when(hard)
        .then(pl.lit("hard_order"))
        .otherwise(pl.lit("soft"))
    )
    return _shape(
        rows,
        source=pl.col("source"),
        place=pl.col("place"),
        origin=pl.when(runs).then(pl.lit(RUNS_ON)).otherwise(pl.lit("application dependency")),
        kind=kind,
        **{"from": pl.col("rel_source"), "to": pl.col("rel_target")},
        from_kind=pl.lit("application"),
        to_kind=pl.lit("application"),
        observations=pl.lit(1.0),
    )


def _konveyor(rows: pl.DataFrame) -> pl.DataFrame:
    """Record type 2: the named application depends on the other; northbound means the other way round."""
    told = rows.filter(
        pl.col("role") == RELATION,
        pl.col("rel_source").is_null(),
        pl.col("rel_target").is_not_null(),
        pl.col("application_name").is_not_null(),
    )
    north = (pl.col("rel_direction").str.to_lowercase() == "northbound").fill_null(False)
    return _shape(
        told,
        source=pl.col("source"),
        place=pl.col("place"),
        origin=pl.lit("application dependency"),
        kind=pl.lit("hard_order"),
        **{
            "from": pl.when(north).then(pl.col("rel_target")).otherwise(pl.col("application_name")),
            "to": pl.when(north).then(pl.col("application_name")).otherwise(pl.col("rel_target")),
        },
        from_kind=pl.lit("application"),
        to_kind=pl.lit("application"),
        observations=pl.lit(1.0),
    )


def _declared(rows: pl.DataFrame) -> pl.DataFrame:
    """ "Depends on" columns of assets: a list of names in one cell."""
    told = rows.filter(pl.col("role").is_in([MACHINE, APPLICATION, DATABASE])).with_columns(
        named=pl.coalesce("rel_depends_on", "rel_target")
        .str.replace_all(r"[|\n]", ";")
        .str.replace_all(r",\s", ";")
        .str.split(";")
    )
    told = (
        told.drop_nulls("named")
        .explode("named")
        .with_columns(pl.col("named").str.strip_chars())
        .filter(pl.col("named") != "")
    )
    kind = pl.when(pl.col("role") == APPLICATION).then(pl.lit("application")).otherwise(pl.lit("machine"))
    return _shape(
        told,
        source=pl.col("source"),
        place=pl.col("place"),
        origin=pl.lit("depends on"),
        kind=pl.lit("hard_order"),
        from_asset=pl.col("asset_key"),
        from_kind=kind,
        to_kind=kind,
        observations=pl.lit(1.0),
        **{"from": pl.col("source_key"), "to": pl.col("named")},
    )


def _hosted(rows: pl.DataFrame) -> pl.DataFrame:
    """A database and the server it runs on move together."""
    told = rows.filter(pl.col("role") == DATABASE, pl.col("rel_server").is_not_null())
    return _shape(
        told,
        source=pl.col("source"),
        place=pl.col("place"),
        origin=pl.lit("database on server"),
        kind=pl.lit("must_together"),
        from_asset=pl.col("asset_key"),
        from_kind=pl.lit("database"),
        to_kind=pl.lit("machine"),
        observations=pl.lit(1.0),
        **{"from": pl.col("source_key"), "to": pl.col("rel_server")},
    )
