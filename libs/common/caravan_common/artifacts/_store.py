"""The artifact store: immutable objects by key, in a folder or a bucket. An object is seen whole or not at all.

Objects below `file://` are as durable as the file system's own rename; buckets are durable once confirmed.
"""

import errno
import hashlib
import os
from collections.abc import AsyncIterable, AsyncIterator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISREG
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import ObjectStore, from_url

from caravan_common.artifacts._keys import checked_key

_CHUNK_BYTES = 1 << 20


class ArtifactStoreUnavailable(Exception):
    """The store could not be reached or could not take the object. Try again."""


class ArtifactDoesNotExist(Exception):
    """There is no object under this key."""


@dataclass(frozen=True)
class StoredObject:
    """What was written: `size` in bytes, `sha256` in hex, computed from the very bytes that were sent."""

    key: str
    sha256: str
    size: int


class ArtifactStore:
    """Open it with `ArtifactStore.open(url)`. Safe to use from several threads; open it anew after a fork."""

    def __init__(self, url: str, objects: ObjectStore, folder: Path | None) -> None:
        self.url = url
        self._objects = objects
        self._folder = folder

    @classmethod
    def open(cls, url: str) -> "ArtifactStore":
        """`file:///folder` (made when absent), `s3://bucket/path`, `gs://…` or `az://account/container/path`."""
        parts = urlsplit(url)
        if parts.scheme != "file":
            return cls(url, from_url(url), None)
        folder = Path(unquote(parts.path))
        folder.mkdir(parents=True, exist_ok=True)
        return cls(url, from_url(folder.absolute().as_uri()), folder.absolute())

    @property
    def local(self) -> bool:
        """Whether `get_path` gives the object's own path, without a copy."""
        return self._folder is not None

    def put_bytes(self, key: str, content: bytes) -> StoredObject:
        """Raises ArtifactStoreUnavailable."""
        with _store_errors(key):
            obstore.put(self._objects, checked_key(key), content)
        return StoredObject(key, hashlib.sha256(content).hexdigest(), len(content))

    def put_if_absent(self, key: str, content: bytes) -> bool:
        """False when the key was taken: of several callers exactly one gets True."""
        try:
            with _store_errors(key):
                obstore.put(self._objects, checked_key(key), content, mode="create")
        except AlreadyExistsError:
            return False
        return True

    def put_file(
        self, key: str, path: Path, *, sha256: str | None = None, move: bool = False
    ) -> StoredObject:
        """Without `sha256` it is computed here. With `move` the file may be gone afterwards."""
        size = path.stat().st_size
        digest = sha256 or file_sha256(path)
        with _store_errors(key):
            if not (move and self._move_in(checked_key(key), path)):
                obstore.put(self._objects, checked_key(key), path)
        return StoredObject(key, digest, size)

    async def put_stream(self, key: str, chunks: AsyncIterable[bytes]) -> StoredObject:
        """Hashes what passes. When `chunks` raises, nothing is left behind and the exception goes on."""
        hashing = _Hashing(chunks)
        try:
            with _store_errors(key):
                await obstore.put_async(self._objects, checked_key(key), hashing.chunks())
        except Exception:
            if hashing.failure is not None:
                raise hashing.failure from None
            raise
        return StoredObject(key, hashing.hexdigest(), hashing.size)

    def get_bytes(self, key: str) -> bytes:
        """Raises ArtifactDoesNotExist."""
        with _store_errors(key):
            return bytes(obstore.get(self._objects, checked_key(key)).bytes())

    def get_path(self, key: str, directory: Path) -> Path:
        """A local path to read from: the object itself where it is a file, else a copy below `directory`."""
        if self._folder is not None:
            path = self._folder / checked_key(key)
            if not path.is_file():
                raise ArtifactDoesNotExist(key)
            return path
        path = directory / hashlib.sha256(key.encode()).hexdigest()[:32]
        if not path.exists():
            self._download(key, path)
        return path

    def save(self, key: str, path: Path) -> int | None:
        """Copies the object to `path`; its bytes, or None when there is no such object."""
        try:
            self._download(key, path)
        except ArtifactDoesNotExist:
            return None
        return path.stat().st_size

    def size(self, key: str) -> int | None:
        """Bytes, or None when there is no such object."""
        try:
            with _store_errors(key):
                if self._folder is not None:
                    return _file_size(self._folder / checked_key(key))
                return obstore.head(self._objects, checked_key(key))["size"]
        except ArtifactDoesNotExist:
            return None

    async def size_async(self, key: str) -> int | None:
        """As `size`, without blocking the event loop."""
        try:
            with _store_errors(key):
                return (await obstore.head_async(self._objects, checked_key(key)))["size"]
        except ArtifactDoesNotExist:
            return None

    def keys(self, prefix: str) -> Iterator[str]:
        """All keys below the folder `prefix`, in no stated order."""
        with _store_errors(prefix):
            for batch in obstore.list(self._objects, checked_key(prefix) + "/"):
                for entry in batch:
                    yield entry["path"]

    def delete(self, keys: Sequence[str]) -> None:
        """Repeating it is harmless."""
        with _store_errors(f"{len(keys)} objects"):
            if not keys:
                return
            try:
                obstore.delete(self._objects, keys)
            except FileNotFoundError:
                # A folder minds what is gone already, and leaves the rest; a bucket does not.
                for key in keys:
                    with suppress(FileNotFoundError):
                        obstore.delete(self._objects, key)

    def _move_in(self, key: str, path: Path) -> bool:
        """Renames a file of ours into the store's folder; False where that can't be done in one step."""
        if self._folder is None:
            return False
        target = self._folder / key
        os.makedirs(target.parent, exist_ok=True)  # noqa: PTH103  (half the system calls of Path.mkdir)
        try:
            path.rename(target)
        except OSError as error:
            if error.errno == errno.EXDEV:
                return False
            raise
        return True

    def _download(self, key: str, path: Path) -> None:
        part = path.with_suffix(".part")
        path.parent.mkdir(parents=True, exist_ok=True)
        with _store_errors(key), part.open("wb") as file:
            for chunk in obstore.get(self._objects, checked_key(key)).stream(min_chunk_size=_CHUNK_BYTES):
                file.write(chunk)
        part.rename(path)


def _file_size(path: Path) -> int | None:
    """One system call, where obstore would wait for a thread of its own."""
    try:
        status = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return status.st_size if S_ISREG(status.st_mode) else None


def file_sha256(path: Path) -> str:
    """Hex digest, reading in blocks."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class _Hashing:
    """Passes chunks on, counting and hashing them, and keeps the source's own failure apart from the store's."""

    def __init__(self, source: AsyncIterable[bytes]) -> None:
        self._source = source
        self._digest = hashlib.sha256()
        self.size = 0
        self.failure: Exception | None = None

    async def chunks(self) -> AsyncIterator[bytes]:
        try:
            async for chunk in self._source:
                self._digest.update(chunk)
                self.size += len(chunk)
                yield chunk
        except Exception as error:
            self.failure = error
            raise

    def hexdigest(self) -> str:
        return self._digest.hexdigest()


class _store_errors:  # noqa: N801  (a context manager, used like a function)
    """Says what the store's own errors mean to a caller. A class, because a generator costs more on a hot path."""

    def __init__(self, key: str) -> None:
        self._key = key

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, FileNotFoundError):
            raise ArtifactDoesNotExist(self._key) from error
        if isinstance(error, AlreadyExistsError):
            return
        if isinstance(error, (BaseError, OSError)):
            first_line = str(error).partition("\n")[0]
            raise ArtifactStoreUnavailable(f"{self._key}: {first_line}") from error
