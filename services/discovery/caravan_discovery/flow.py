"""The discovery flow as data: its phases, what they read and write, and where their functions are."""

import polars as pl

from caravan_common.contracts import (
    DatasetSpec,
    DecisionKind,
    FlowDefinition,
    Index,
    InputSpec,
    PhaseDefinition,
    RetryPolicy,
)
from caravan_common.phases import judging
from caravan_common.worker.service import Service
from caravan_discovery.columns import describe_columns
from caravan_discovery.domain.attributes import DISCOVERY_OWNS
from caravan_discovery.domain.cleansing.journal import CHANGE_SCHEMA
from caravan_discovery.domain.cleansing.targets import COLUMN_TARGETS
from caravan_discovery.domain.dependencies.contested import CONTESTED
from caravan_discovery.domain.inventory.estate import APPLICATIONS, ASSETS
from caravan_discovery.domain.inventory.gaps import GAPS
from caravan_discovery.domain.inventory.joins import IDENTITIES
from caravan_discovery.domain.inventory.merging import CONFLICTS
from caravan_discovery.domain.lifecycle import DEBT, TABLE_NAME
from caravan_discovery.phases import attribute_mapping, data_cleansing, data_import, dependencies

_PACKAGE = "caravan_discovery.phases"
# Reading a file again costs little and nothing outside is touched: retry soon, give up after a few minutes.
_RETRY = RetryPolicy(max_retries=3, base_seconds=2.0, cap_seconds=60.0)


def _rows(
    name: str,
    entity_type: str,
    *,
    export: str | None = None,
    schema: pl.Schema | None = None,
    assets: bool = False,
) -> DatasetSpec:
    """An indexed dataset."""
    return DatasetSpec(
        name=name,
        index=Index.ROWS,
        entity_type=entity_type,
        export=export,
        assets=assets,
        columns=describe_columns(name, schema) if schema is not None else (),
    )


def _plain(name: str, schema: pl.Schema | None = None) -> DatasetSpec:
    """A dataset served from Parquet."""
    return DatasetSpec(name=name, columns=describe_columns(name, schema) if schema is not None else ())


def _judgements(name: str) -> DatasetSpec:
    """How a phase's contested cases were settled; exported under its own name."""
    columns = describe_columns("judgements", judging.JUDGEMENTS)
    return DatasetSpec(name=name, index=Index.ROWS, entity_type="judgement", export=name, columns=columns)


DATA_IMPORT = PhaseDefinition(
    name="data_import",
    title="Data import",
    description="Reads every sheet of every file; each row is accepted, or rejected with its reason.",
    uses_uploads=True,
    retry=_RETRY,
    outputs=(
        _plain("raw_rows", data_import.RAW_ROWS),
        _plain("source_columns", data_import.SOURCE_COLUMNS),
        _rows("imports", "import", export="imports", schema=data_import.IMPORTS),
        _rows("rejected_rows", "rejected_row", export="rejected_rows", schema=data_import.REJECTED_ROWS),
    ),
)
ATTRIBUTE_MAPPING = PhaseDefinition(
    name="attribute_mapping",
    title="Attribute mapping",
    description="Says which canonical attribute each column means, how sure that is, and why.",
    uses_crews=True,
    retry=_RETRY,
    decision_kinds=(DecisionKind.MAPPING, DecisionKind.ANSWER),
    inputs=(
        InputSpec(name="raw_rows", phase="data_import"),
        InputSpec(name="source_columns", phase="data_import"),
        InputSpec(name="learned", optional=True),
    ),
    outputs=(
        _rows(
            "field_mappings",
            "field_mapping",
            export="field_mappings",
            schema=attribute_mapping.FIELD_MAPPINGS,
        ),
    ),
)
DATA_CLEANSING = PhaseDefinition(
    name="data_cleansing",
    title="Data cleansing",
    description="Brings values to canonical units, names and dates; each change is logged with its rule.",
    uses_crews=True,
    retry=_RETRY,
    decision_kinds=(DecisionKind.ANSWER, DecisionKind.OVERRIDE, DecisionKind.EDIT),
    inputs=(
        InputSpec(name="raw_rows", phase="data_import"),
        InputSpec(name="source_columns", phase="data_import"),
        InputSpec(name="field_mappings", phase="attribute_mapping"),
    ),
    outputs=(
        _plain("clean_rows"),
        _plain("changes", CHANGE_SCHEMA),
        _plain("column_targets", COLUMN_TARGETS),
        _rows("cleansing_issues", "cleansing_issue", schema=data_cleansing.ISSUES),
        _judgements("cleansing_judgements"),
    ),
)
INVENTORY = PhaseDefinition(
    name="inventory",
    title="Inventory",
    description="One estate out of all sources: identities joined, conflicts kept and settled, gaps listed.",
    uses_crews=True,
    retry=_RETRY,
    decision_kinds=(DecisionKind.CONFLICT, DecisionKind.ANSWER, DecisionKind.OVERRIDE, DecisionKind.EDIT),
    inputs=(
        InputSpec(name="clean_rows", phase="data_cleansing"),
        InputSpec(name="cleansing_issues", phase="data_cleansing"),
    ),
    outputs=(
        _rows("assets", "asset", export="assets", schema=ASSETS, assets=True),
        _rows("applications", "application", export="applications", schema=APPLICATIONS),
        _plain("directory"),
        _plain("memberships"),
        _rows("conflicts", "conflict", export="conflicts", schema=CONFLICTS),
        _plain("inventory_gaps", GAPS),
        _rows("inventory_issues", "inventory_issue"),
        _plain("references"),
        _plain("identities", IDENTITIES),
        _judgements("inventory_judgements"),
    ),
)
DEPENDENCIES = PhaseDefinition(
    name="dependencies",
    title="Dependencies",
    description="Edges from maps, columns and observed flows; shared services set aside, cycles grouped.",
    uses_crews=True,
    retry=_RETRY,
    decision_kinds=(DecisionKind.ANSWER, DecisionKind.OVERRIDE, DecisionKind.EDIT),
    inputs=(
        InputSpec(name="clean_rows", phase="data_cleansing"),
        InputSpec(name="assets", phase="inventory"),
        InputSpec(name="applications", phase="inventory"),
        InputSpec(name="memberships", phase="inventory"),
        InputSpec(name="references", phase="inventory"),
        InputSpec(name="directory", phase="inventory"),
        InputSpec(name="inventory_gaps", phase="inventory"),
    ),
    outputs=(
        _rows("dependencies", "dependency", export="dependencies", schema=dependencies.EDGES),
        _rows("dependency_groups", "dependency_group"),
        _rows("gaps", "gap", export="gaps", schema=GAPS),
        _rows("shared_services", "shared_service"),
        _plain("contested_edges", CONTESTED),
        _judgements("dependency_judgements"),
    ),
)
TECH_DEBT = PhaseDefinition(
    name="tech_debt",
    title="Technical debt",
    description="Products and versions against their end-of-life dates; idle machines and single points of failure.",
    retry=_RETRY,
    skippable=True,
    decision_kinds=(DecisionKind.OVERRIDE,),
    inputs=(
        InputSpec(name="assets", phase="inventory"),
        InputSpec(name="applications", phase="inventory"),
        InputSpec(name="memberships", phase="inventory"),
        InputSpec(name="dependencies", phase="dependencies"),
        InputSpec(name=TABLE_NAME, optional=True, reference=True),
    ),
    outputs=(_rows("tech_debt", "tech_debt", export="tech_debt", schema=DEBT),),
)

DISCOVERY = FlowDefinition(
    flow_type="discovery",
    version="1.1.0",
    title="Discovery",
    description="From the inventory files a team already has to one estate, its dependencies and its debt.",
    phases=(DATA_IMPORT, ATTRIBUTE_MAPPING, DATA_CLEANSING, INVENTORY, DEPENDENCIES, TECH_DEBT),
    next_flow_type="assessment",
    asset_columns=DISCOVERY_OWNS,
    owner="discovery",
)
PHASES: dict[str, str] = {name: f"{_PACKAGE}.{name}:run" for name in DISCOVERY.phase_names}
CREWS: dict[str, str] = {
    name: f"caravan_discovery.crews.{name}"
    for name in (attribute_mapping.CREW, "cleansing", "identity", "classification", "dependencies")
}
SERVICE = Service(DISCOVERY, PHASES, CREWS)
"""For the embedded platform, which finds it by the entry point `caravan.flows`."""
