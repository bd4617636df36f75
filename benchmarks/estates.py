"""Fills a database with clients of a given size: assets through index and fold, flows as copies of real ones.

The estate of a client is a flow whose datasets an indexer copies and a fold turns into assets and search terms, as in
production. Its other flows are copies, row by row with new ids, of flows that were taken in from a worker's replies.
"""

import asyncio
import itertools
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import polars as pl

from caravan_common.artifacts import ArtifactStore
from caravan_common.contracts import (
    DatasetSpec,
    DecisionKind,
    FlowDefinition,
    Index,
    InputSpec,
    PhaseDefinition,
    Question,
    QuestionOption,
    Tenant,
    new_id,
)
from caravan_orchestrator.api.app import GatewaySettings
from caravan_orchestrator.store.database import SqlDatabase
from tests.integration.gateway.client import Gateway, Worker, announce, raw_rows
from tests.support.flows import new_tenant

RAW = DatasetSpec(name="raw_rows")
MAPPINGS = DatasetSpec(name="field_mappings", index=Index.ROWS, entity_type="field_mapping")
ASSETS = DatasetSpec(name="assets", index=Index.ROWS, entity_type="asset", assets=True)
EDGES = DatasetSpec(name="edges", index=Index.ROWS, entity_type="dependency")
SURVEYED = FlowDefinition(
    flow_type="surveyed",
    version="1.0.0",
    phases=(
        PhaseDefinition(name="data_import", outputs=(RAW,), uses_uploads=True),
        PhaseDefinition(
            name="mapping",
            inputs=(InputSpec(name="raw_rows", phase="data_import"),),
            outputs=(MAPPINGS,),
            decision_kinds=(DecisionKind.ANSWER,),
        ),
        PhaseDefinition(name="cleansing"),
        PhaseDefinition(name="inventory", outputs=(ASSETS,), decision_kinds=(DecisionKind.OVERRIDE,)),
        PhaseDefinition(name="dependencies", outputs=(EDGES,)),
        PhaseDefinition(name="tech_debt"),
    ),
    asset_columns=("name", "environment", "memory_gb"),
)
SITES = ("hamburg", "munich", "lisbon", "oslo", "austin", "osaka", "perth", "leeds", "ghent", "graz")
ROLES = ("web", "app", "db", "batch", "file", "mail", "cache", "proxy", "build", "print", "dns", "backup")
ENVIRONMENTS = ("production", "production", "production", "test", "test", "development", "staging", None)
SYSTEMS = tuple(
    f"{name} {version}"
    for name, versions in (
        ("Windows Server", ("2008 R2", "2012 R2", "2016", "2019", "2022")),
        ("Red Hat Enterprise Linux", ("6.10", "7.6", "7.9", "8.4", "8.8", "9.2")),
        ("SUSE Linux Enterprise Server", ("12 SP5", "15 SP3", "15 SP5")),
        ("Ubuntu", ("16.04", "18.04", "20.04", "22.04")),
        ("AIX", ("7.1", "7.2")),
        ("Oracle Linux", ("7.9", "8.6")),
    )
    for version in versions
)
_QUESTION = Question(
    key="mapping:RAM",
    subject="RAM",
    text="What does the column mean?",
    options=(QuestionOption(id="memory_gb", label="Memory"), QuestionOption(id="none", label="Custom")),
    recommendation="none",
)
_QUESTIONS = 30
_MAPPINGS = 12
# In an order that satisfies foreign keys.
_COPIED = (
    "migration_flows",
    "flow_phases",
    "phase_attempts",
    "questions",
    "datasets",
    "artifacts",
    "flow_events",
    "audit_log",
    "running.attempt_tenants",
    "flow_data_entities",
)


@dataclass(frozen=True)
class Filled:
    """A client of this size; `estate` is the flow that its assets belong to."""

    tenant: Tenant
    estate: UUID
    assets: int
    flows: int


async def fill(
    database: SqlDatabase,
    owner_url: str,
    store: ArtifactStore,
    folder: Path,
    sizes: Sequence[tuple[int, int]],
) -> list[Filled]:
    """A client for each pair of assets and flows. Statistics are made, as autovacuum would make them."""
    await announce(database, SURVEYED)
    gateway = Gateway(database, store, GatewaySettings())
    owner = await asyncpg.connect(owner_url)
    filled = []
    for number, (assets, flows) in enumerate(sizes):
        tenant = await new_tenant(database, f"client {number}")
        worker = Worker(gateway, tenant, folder)
        made = await _estate(gateway, worker, tenant, assets)
        templates = [await _template(gateway, worker, tenant, ended=ended) for ended in (True, True, False)]
        await worker.settle()
        await _copy_flows(owner, templates, flows - 1 - len(templates))
        filled.append(Filled(tenant, made, assets, flows))
    await owner.execute("vacuum analyze")
    await owner.close()
    return filled


async def _estate(gateway: Gateway, worker: Worker, tenant: Tenant, assets: int) -> UUID:
    flow = UUID((await gateway.client(tenant).create(flow_type="surveyed", name="The estate"))["id"])
    frame = await asyncio.to_thread(machines, assets)
    await worker.complete(flow, [(RAW, raw_rows())])
    await worker.complete(flow, [(MAPPINGS, _mappings())])
    await worker.complete(flow)
    await worker.complete(flow, [(ASSETS, frame)], summary={"assets": {"total": assets}})
    await worker.complete(flow, [(EDGES, _edges(frame))])
    await worker.complete(flow)
    return flow


async def _template(gateway: Gateway, worker: Worker, tenant: Tenant, *, ended: bool) -> UUID:
    """A flow that is completed, or one that waits for the answers to its questions."""
    made = await gateway.client(tenant).create(flow_type="surveyed", name="template", auto_accept=ended)
    flow = UUID(made["id"])
    questions = tuple(
        _QUESTION.model_copy(update={"key": f"mapping:{n}", "subject": f"column {n}"})
        for n in range(_QUESTIONS)
    )
    await worker.complete(flow, [(RAW, raw_rows())])
    await worker.complete(flow, [(MAPPINGS, _mappings())], questions=questions)
    for _ in range(4 if ended else 0):
        await worker.complete(flow)
    return flow


def _mappings() -> pl.DataFrame:
    names = [f"fleet.csv##{n}|column {n}" for n in range(_MAPPINGS)]
    return pl.DataFrame({"natural_key": names, "name": names, "attribute": ["memory_gb"] * _MAPPINGS})


def _edges(assets: pl.DataFrame) -> pl.DataFrame:
    keys = assets["natural_key"]
    return pl.DataFrame(
        {
            "natural_key": [f"{a}->{b}" for a, b in itertools.pairwise(keys)],
            "source": keys[:-1],
            "target": keys[1:],
        }
    )


def machines(count: int, seed: int = 7) -> pl.DataFrame:
    """Some forty attributes each, with the values of a real estate: few of some, one for each of others."""
    dice = random.Random(seed)

    def choose(values: Sequence[Any]) -> list[Any]:
        return dice.choices(values, k=count)

    names = [f"{dice.choice(SITES)}-{dice.choice(ROLES)}-{n:06d}" for n in range(count)]
    numbers = [dice.randrange(1 << 30) for _ in range(count)]
    virtual = choose((True, True, True, False))
    targets = choose((True,) * 9 + (False,))
    return pl.DataFrame(
        {
            "natural_key": [f"host:{name}" for name in names],
            "name": names,
            "hostname": names,
            "fqdn": [f"{name}.corp.example" for name in names],
            "asset_type": ["virtual_machine" if each else "server" for each in virtual],
            "is_target": targets,
            "not_target_reason": [None if each else "template" for each in targets],
            "environment": choose(ENVIRONMENTS),
            "location": choose(SITES),
            "datacenter": choose([f"{site} {n}" for site in SITES for n in (1, 2)]),
            "operating_system": choose(SYSTEMS),
            "ip_addresses": [[f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}"] for n in numbers],
            "mac_addresses": [
                [f"00:50:56:{n >> 16 & 255:02x}:{n >> 8 & 255:02x}:{n & 255:02x}"] for n in numbers
            ],
            "bios_uuid": [f"{n:08x}-0000-4000-8000-{n:012x}" for n in numbers],
            "serial_number": [f"VMware-{n:012x}" for n in numbers],
            "vendor": choose(("VMware, Inc.", "Dell Inc.", "HPE")),
            "cpu_cores": choose((2, 4, 8, 16, 32)),
            "memory_gb": choose((4.0, 8.0, 16.0, 32.0, 64.0, 128.0)),
            "storage_gb": [float(n % 2000 + 20) for n in numbers],
            "storage_used_gb": [float(n % 2000 // 2) for n in numbers],
            "cpu_avg_percent": [n % 1000 / 10 for n in numbers],
            "memory_avg_percent": [n % 997 / 10 for n in numbers],
            "power_state": choose(("on", "on", "on", "off")),
            "application_name": [f"{ROLES[n % len(ROLES)]} service {n % 900}" for n in numbers],
            "business_owner": [f"owner {n % 300}" for n in numbers],
            "technical_owner": [f"engineer {n % 500}" for n in numbers],
            "department": [f"department {n % 40}" for n in numbers],
            "business_criticality": choose(("low", "medium", "high", "critical", None)),
            "tags": [[f"cost-{n % 50}", f"team-{n % 70}"] for n in numbers],
            "sources": [["rvtools", "cmdb"]] * count,
            "completeness_score": [n % 100 / 100 for n in numbers],
            "quality_score": [n % 97 / 100 for n in numbers],
            "source_entities": [[f"fleet.csv##{n + 2}"] for n in range(count)],
        }
    )


async def _copy_flows(owner: Any, templates: Sequence[UUID], count: int) -> None:
    """`count` copies, in turn of each template: the same rows with new ids, and a name of their own."""
    if count < 1:
        return
    loaded = [{table: await _rows(owner, table, flow) for table in _COPIED} for flow in templates]
    copies: dict[str, list[Sequence[Any]]] = {table: [] for table in _COPIED}
    for number in range(count):
        template = loaded[number % len(loaded)]
        ids = {old: new_id() for old in _own_ids(template)}
        for table, rows in template.items():
            copies[table].extend(_copied(row, ids, number, table) for row in rows)
    for table, copied in copies.items():
        schema, _, name = table.rpartition(".")
        columns = list(next((t[table][0].keys() for t in loaded if t[table]), ()))
        if columns:
            await owner.copy_records_to_table(
                name, schema_name=schema or None, columns=columns, records=copied
            )


async def _rows(owner: Any, table: str, flow: UUID) -> list[Mapping[str, Any]]:
    column = "id" if table == "migration_flows" else "flow_id"
    found: list[Mapping[str, Any]] = await owner.fetch(f"select * from {table} where {column} = $1", flow)
    return found


def _own_ids(template: Mapping[str, Sequence[Mapping[str, Any]]]) -> Iterator[UUID]:
    """Ids of the flow's own rows, the flow first; those of the client and the engagement stay as they are."""
    for rows in template.values():
        yield from (row["id"] for row in rows if "id" in row)


def _copied(row: Mapping[str, Any], ids: Mapping[UUID, UUID], number: int, table: str) -> list[Any]:
    values = {key: ids.get(value, value) if isinstance(value, UUID) else value for key, value in row.items()}
    if table == "migration_flows":
        values["name"] = f"{SITES[number % len(SITES)]} {ROLES[number % len(ROLES)]} survey {number}"
    return list(values.values())
