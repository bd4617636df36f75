"""PostgreSQL out of the wheel as whoever runs the command: also as root, in folders that let nobody else through."""

import asyncio
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from caravan.embedded import postgres
from caravan.embedded.other_user import OtherUser
from caravan.embedded.postgres import OWNER, EmbeddedPostgres
from caravan.failures import PlatformUnavailable

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has to run it as somebody else")


async def answers(server: EmbeddedPostgres) -> int:
    connection = await asyncpg.connect(server.url(OWNER))
    try:
        await connection.execute("create table if not exists kept (number int)")
        await connection.execute("insert into kept values (1)")
        return int(await connection.fetchval("select count(*) from kept"))
    finally:
        await connection.close()


def modes(*folders: Path) -> list[int]:
    return [folder.stat().st_mode for folder in folders]


async def test_no_folder_above_the_data_is_opened_to_others_and_data_outlives_the_server(
    tmp_path: Path,
) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    folder = home / "caravan" / "postgres"
    folder.mkdir(parents=True)
    above = [*folder.parents]
    before = modes(*above)
    for expected in (1, 2):
        server = EmbeddedPostgres(folder)
        await server.start()
        try:
            assert await answers(server) == expected
        finally:
            await server.stop()
    assert modes(*above) == before


@pytest.fixture
def short() -> Iterator[Path]:
    """pytest's own folders may be too long for a socket already."""
    with tempfile.TemporaryDirectory(prefix="t-", dir="/tmp") as made:
        # Others must be let through.
        Path(made).chmod(0o711)
        yield Path(made)


def copies(folder: Path) -> list[Path]:
    return list(folder.glob("caravan-pg-*"))


async def test_a_folder_with_a_long_name_has_its_socket_elsewhere_and_leaves_none(
    tmp_path: Path, short: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(short))
    server = EmbeddedPostgres(tmp_path / ("long" * 20) / "postgres", durable=False)
    await server.start()
    try:
        assert await answers(server) == 1
    finally:
        await server.stop()
    assert await asyncio.to_thread(os.listdir, short) == []


async def test_a_temporary_folder_with_a_long_name_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = tmp_path / ("long" * 20)
    long.mkdir(mode=0o700)
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    server = EmbeddedPostgres(long / "postgres", durable=False)
    await server.start()
    try:
        assert await answers(server) == 1
    finally:
        await server.stop()


@as_root
async def test_programs_that_nobody_else_reaches_are_copied_for_the_time_and_their_folders_left_alone(
    tmp_path: Path, short: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a checkout in the home of root."""
    installed = postgres.find_programs()
    package = installed.parent.parent
    closed = tmp_path / "root"
    closed.mkdir(mode=0o700)
    for part in (package, package.with_name(f"{package.name}.libs")):
        shutil.copytree(part, closed / part.name, symlinks=True)
    monkeypatch.setattr(postgres, "find_programs", lambda: closed.joinpath(*installed.parts[-3:]))
    monkeypatch.setattr(tempfile, "tempdir", str(short))
    server = EmbeddedPostgres(tmp_path / "postgres", durable=False)
    await server.start()
    try:
        assert await answers(server) == 1
        assert copies(short)
    finally:
        await server.stop()
    assert modes(closed) == [stat.S_IFDIR | 0o700]
    assert copies(short) == []


@as_root
def test_a_place_that_the_servers_user_cannot_reach_is_refused_with_a_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tmp_path.chmod(0o700)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    closed = tmp_path / "bin"
    closed.mkdir()
    (closed / "postgres").touch()
    user = OtherUser()
    try:
        with pytest.raises(PlatformUnavailable, match=r"lets no other user through .* TMPDIR=/tmp"):
            user.programs(closed)
    finally:
        user.close()
    assert modes(tmp_path) == [stat.S_IFDIR | 0o700]
