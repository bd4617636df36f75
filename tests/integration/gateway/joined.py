"""A flow type that maps columns and joins rows, what its phases answer, and what its next run is given."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from caravan_common.artifacts import ArtifactStore
from caravan_common.contracts import (
    LEARNED,
    DatasetSpec,
    DecisionKind,
    ExecutePhase,
    FlowDefinition,
    Index,
    InputSpec,
    PhaseDefinition,
    Question,
    QuestionOption,
    Tenant,
    decode,
)
from caravan_orchestrator.store.database import SqlDatabase
from tests.integration.gateway.client import (
    ASSETS,
    RAW,
    Client,
)

COLUMNS = DatasetSpec(name="source_columns")
MAPPINGS = DatasetSpec(name="field_mappings", index=Index.ROWS, entity_type="field_mapping")
CONFLICTS = DatasetSpec(name="conflicts", index=Index.ROWS, entity_type="conflict")
JOINED = FlowDefinition(
    flow_type="joined",
    version="1.0.0",
    phases=(
        PhaseDefinition(name="read", outputs=(RAW, COLUMNS), uses_uploads=True),
        PhaseDefinition(
            name="map",
            inputs=(InputSpec(name="source_columns", phase="read"), InputSpec(name=LEARNED, optional=True)),
            outputs=(MAPPINGS,),
            decision_kinds=(DecisionKind.MAPPING, DecisionKind.ANSWER),
        ),
        PhaseDefinition(
            name="merge",
            inputs=(InputSpec(name="field_mappings", phase="map"),),
            outputs=(ASSETS, CONFLICTS),
            decision_kinds=(DecisionKind.CONFLICT, DecisionKind.OVERRIDE),
        ),
    ),
    asset_columns=("memory_gb",),
)
HOST, RAM = "fleet.csv##0|Host", "fleet.csv##1|RAM (max.)"
TWIN = "fleet.csv##2|Host"
ASK = Question(
    key=f"mapping:{RAM}",
    subject=RAM,
    text="What does it mean?",
    options=(QuestionOption(id="memory_gb", label="Memory"), QuestionOption(id="none", label="Custom")),
    recommendation="none",
)


def columns(*names: str) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "file": ["fleet.csv"] * len(names),
            "sheet": [""] * len(names),
            "column_index": list(range(len(names))),
            "column": list(names),
            "samples": [["a", "b"]] * len(names),
        }
    )


def meanings(**attributes: str | None) -> pl.DataFrame:
    """By the first letters of the key's column."""
    keys = [HOST, RAM]
    found = [attributes.get("host", "name"), attributes.get("ram")]
    return pl.DataFrame(
        {
            "natural_key": keys,
            "attribute": found,
            "unit": ["text", "GiB"],
            "confidence": [0.95, 0.55],
            "method": ["synonym", "none"],
            "evidence": ["header reads 'host'", "nothing speaks for an attribute"],
            "decided_by": ["rule", "rule"],
            "custom": [attribute is None for attribute in found],
        },
        schema_overrides={"attribute": pl.String},
    )


def conflicts() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "natural_key": ["host:web-00#memory_gb", "host:web-01#(row)"],
            "asset_key": ["host:web-00", "host:web-01"],
            "attribute": ["memory_gb", "(row)"],
            "winner": ["16.0", None],
            "winner_source": ["a", "a"],
            "winner_row": ["fleet.csv##2", "fleet.csv##3"],
            "losers": [["32.0"], []],
            "loser_rows": [["b.csv##7"], ["fleet.csv##9"]],
            "loser_sources": [["b"], ["a"]],
            "reason": ["newer", "repeated key, first row"],
            "decided_by": ["rule", "rule"],
        },
        schema_overrides={"losers": pl.List(pl.String)},
    )


def correction(key: str = RAM, attribute: str | None = "memory_gb", **more: Any) -> dict[str, Any]:
    mapping = {"key": key, "attribute": attribute, **{k: more.pop(k) for k in ("unit",) if k in more}}
    return {"mappings": [mapping], "reason": "it is", **more}


async def command(database: SqlDatabase, tenant: Tenant, flow_id: str) -> ExecutePhase:
    """The newest one that waits to be published."""
    sql = (
        "select type, body from running.outbox where flow_id = $1::uuid and kind = 'command'"
        " order by id desc limit 1"
    )
    async with database.transaction(tenant) as transaction:
        row = (await transaction.connection.exec_driver_sql(sql, (flow_id,))).one()
    found = decode(row[0], row[1])
    assert isinstance(found, ExecutePhase)
    return found


def learned_rows(store: ArtifactStore, given: ExecutePhase) -> list[Mapping[str, str]]:
    (ref,) = [ref for ref in given.inputs if ref.manifest.name == LEARNED]
    return pl.read_parquet(store.get_bytes(ref.manifest.artifact.key)).to_dicts()


async def stale(ann: Client, flow_id: str) -> list[str]:
    return [
        phase["name"] for phase in (await ann.json("GET", f"/flows/{flow_id}"))["phases"] if phase["stale"]
    ]
