"""The artifact store on a folder."""

import hashlib
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from caravan_common.artifacts import (
    ArtifactDoesNotExist,
    ArtifactRefused,
    ArtifactStore,
    ArtifactStoreUnavailable,
)


@pytest.fixture
def store(tmp_path: Path) -> ArtifactStore:
    return ArtifactStore.open((tmp_path / "a folder").as_uri())


def test_bytes_come_back_with_their_hash_and_size(store: ArtifactStore) -> None:
    stored = store.put_bytes("t/x", b"content")
    assert stored.sha256 == hashlib.sha256(b"content").hexdigest()
    assert (stored.size, store.size("t/x"), store.get_bytes("t/x")) == (7, 7, b"content")


def test_a_local_object_is_read_where_it_lies(store: ArtifactStore, tmp_path: Path) -> None:
    store.put_bytes("t/x", b"content")
    assert store.local
    assert store.get_path("t/x", tmp_path / "unused") == tmp_path / "a folder" / "t" / "x"


def test_what_is_not_there_is_said_not_to_exist(store: ArtifactStore, tmp_path: Path) -> None:
    assert store.size("t/x") is None
    for read in (lambda: store.get_bytes("t/x"), lambda: store.get_path("t/x", tmp_path)):
        with pytest.raises(ArtifactDoesNotExist):
            read()


@pytest.mark.parametrize("move", [True, False])
def test_a_file_is_put_by_moving_it_only_when_that_is_allowed(
    store: ArtifactStore, tmp_path: Path, move: bool
) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"rows")
    stored = store.put_file("t/x", source, move=move)
    assert stored.sha256 == hashlib.sha256(b"rows").hexdigest()
    assert store.get_bytes("t/x") == b"rows"
    assert source.exists() is not move


def test_of_many_that_put_if_absent_exactly_one_succeeds(store: ArtifactStore) -> None:
    won: list[int] = []
    start = threading.Barrier(8)

    def race(number: int) -> None:
        start.wait()
        if store.put_if_absent("t/claim", str(number).encode()):
            won.append(number)

    threads = [threading.Thread(target=race, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    assert store.get_bytes("t/claim") == str(won[0]).encode()


async def test_a_stream_that_breaks_leaves_nothing_behind(store: ArtifactStore, tmp_path: Path) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"x" * 6_000_000
        raise ConnectionError("the client went away")

    with pytest.raises(ConnectionError):
        await store.put_stream("t/x", broken())
    assert store.size("t/x") is None
    assert [path for path in (tmp_path / "a folder").rglob("*") if path.is_file()] == []


async def test_a_stream_is_hashed_as_it_passes(store: ArtifactStore) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(3):
            yield b"x" * 4_000_000

    stored = await store.put_stream("t/x", chunks())
    assert stored.size == 12_000_000 == await store.size_async("t/x")
    assert stored.sha256 == hashlib.sha256(b"x" * 12_000_000).hexdigest()


def test_deleting_what_a_folder_holds_leaves_all_others_and_may_be_repeated(store: ArtifactStore) -> None:
    for key in ("t/run/a", "t/run/b/c", "t/run2/a"):
        store.put_bytes(key, b"")
    keys = list(store.keys("t/run"))
    assert sorted(keys) == ["t/run/a", "t/run/b/c"]
    store.delete(keys[:1])
    for _ in range(2):
        store.delete(keys)
        assert list(store.keys("t")) == ["t/run2/a"]


def test_a_key_that_leads_out_of_the_store_is_refused(store: ArtifactStore, tmp_path: Path) -> None:
    for use in (store.get_bytes, store.size, lambda key: list(store.keys(key))):
        with pytest.raises(ArtifactRefused):
            use("../outside")
    with pytest.raises(ArtifactRefused):
        store.put_bytes("t/../../outside", b"")
    with pytest.raises(ArtifactRefused):
        store.get_path("../outside", tmp_path)


def test_a_store_that_cannot_take_an_object_says_to_try_again(store: ArtifactStore, tmp_path: Path) -> None:
    (tmp_path / "a folder" / "t").write_bytes(b"a file where a folder should be")
    with pytest.raises(ArtifactStoreUnavailable):
        store.put_bytes("t/x", b"")
    (tmp_path / "rows").write_bytes(b"")
    with pytest.raises(ArtifactStoreUnavailable):
        store.put_file("t/x", tmp_path / "rows", move=True)


def test_a_folder_of_objects_is_no_object_and_an_object_no_folder(store: ArtifactStore) -> None:
    store.put_bytes("t/x/y", b"content")
    assert store.size("t/x") is None
    assert store.size("t/x/y/z") is None
