"""References to immutable tables in the artifact store. Messages carry these, never the rows."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from caravan_common.contracts._base import Model

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Index(StrEnum):
    """`rows`: copied into PostgreSQL for search. `none`: served from Parquet."""

    ROWS = "rows"
    NONE = "none"


class ArtifactRef(Model):
    """Identity is `sha256`; `key` is only where the bytes lie, below the run that wrote them."""

    key: str
    sha256: Sha256
    size: int = Field(ge=0)
    media_type: str = "application/vnd.apache.parquet"


class ColumnSpec(Model):
    """One column of a dataset. `dtype` is the name polars prints (`String`, `Float64`, `List(String)`)."""

    name: str
    dtype: str
    unit: str | None = None
    description: str = ""
    optional: bool = False


class DatasetSpec(Model):
    """What a phase promises to write. `version` is the schema's major: within it, only optional columns are added.

    An indexed dataset has the column `natural_key` (unique in it) and may have `entity_type` (else the
    spec's), `source_entities` (List(String): natural keys of rows it was made from), `transformation_log`
    (String: JSON list), `quality_score` (Float64, 0..1). All other columns become the entity's data.
    """

    name: str
    version: int = 1
    index: Index = Index.NONE
    entity_type: str | None = None
    assets: bool = False
    export: str | None = None
    description: str = ""
    columns: tuple[ColumnSpec, ...] = ()


class DatasetManifest(Model):
    """A dataset as written. `index_hash` is computed by the rule of docs/proof.md, null when not indexed."""

    name: str
    version: int = 1
    artifact: ArtifactRef
    rows: int = Field(ge=0)
    index: Index = Index.NONE
    index_hash: Sha256 | None = None
    entity_type: str | None = None
    assets: bool = False


class DatasetRef(Model):
    """An input: which phase of which flow type made it, and where it lies."""

    flow_type: str
    phase: str
    manifest: DatasetManifest


class UploadRef(Model):
    """A file a person delivered. `name` is what they called it: untrusted, shown, never a path."""

    upload_id: str
    name: str
    artifact: ArtifactRef
