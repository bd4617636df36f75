"""What lies in a backup: `manifest.json`, written last, over tables, the list of artifacts and the artifacts."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

FORMAT = 1
MANIFEST, TABLES, OBJECTS, LISTING = "manifest.json", "tables", "artifacts", "artifacts.jsonl"


class BackupIsDamaged(Exception):
    """One sentence: which file is not what was written."""


@dataclass(frozen=True)
class TableFile:
    """`schema`.`name` with its columns in the order of the file, COPY's text format in gzip."""

    schema: str
    name: str
    columns: tuple[str, ...]
    rows: int
    sha256: str

    @property
    def file(self) -> str:
        return f"{self.schema}.{self.name}.gz"


@dataclass(frozen=True)
class ObjectFile:
    """One artifact: `sha256` of what was copied."""

    key: str
    sha256: str
    size: int


@dataclass(frozen=True)
class Manifest:
    """`digest` is the SHA-256 over everything else here, so over all files: one figure to keep elsewhere."""

    made_at: str
    revision: str
    postgres: str
    platform_id: str
    tables: tuple[TableFile, ...]
    artifacts: int
    artifact_bytes: int
    listing_sha256: str
    format: int = FORMAT
    digest: str = field(default="")

    def sealed(self) -> Self:
        plain = asdict(self) | {"digest": ""}
        digest = hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()
        return type(self)(**{**self.__dict__, "digest": digest})

    def write(self, folder: Path) -> None:
        part = folder / f"{MANIFEST}.part"
        part.write_text(json.dumps(asdict(self), indent=1) + "\n")
        part.rename(folder / MANIFEST)

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Raises BackupIsDamaged."""
        try:
            found: dict[str, Any] = json.loads((folder / MANIFEST).read_text())
            tables = tuple(
                TableFile(**{**table, "columns": tuple(table["columns"])}) for table in found.pop("tables")
            )
            manifest = cls(tables=tables, **found)
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise BackupIsDamaged(
                f"{folder} is no complete backup ({MANIFEST}: {type(error).__name__}); a backup writes it last."
            ) from error
        if manifest.format != FORMAT:
            raise BackupIsDamaged(f"{folder} is of format {manifest.format}; this version reads {FORMAT}.")
        if manifest.digest != manifest.sealed().digest:
            raise BackupIsDamaged(f"{MANIFEST} was changed after the backup.")
        return manifest


def read_listing(folder: Path, manifest: Manifest) -> Iterator[ObjectFile]:
    """Raises BackupIsDamaged when the list was changed; each object is checked when it is copied."""
    content = (folder / LISTING).read_bytes()
    if hashlib.sha256(content).hexdigest() != manifest.listing_sha256:
        raise BackupIsDamaged(f"{LISTING} was changed after the backup.")
    for line in content.splitlines():
        yield ObjectFile(**json.loads(line))
