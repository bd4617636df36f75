"""The data folder: one platform at a time, and what it says of the one that runs."""

import os
from pathlib import Path

import pytest

from caravan.embedded.folder import DataFolder
from caravan.failures import PlatformUnavailable


def test_a_folder_in_use_is_refused_with_the_process_that_holds_it(tmp_path: Path) -> None:
    with DataFolder(tmp_path), pytest.raises(PlatformUnavailable, match=f"process {os.getpid()};"):
        DataFolder(tmp_path).__enter__()
    with DataFolder(tmp_path):
        pass


def test_a_temporary_folder_goes_when_it_is_done_with() -> None:
    with DataFolder.make_temporary() as folder:
        assert folder.path.is_dir()
    assert not folder.path.exists()


def test_a_running_platform_is_known_by_its_note_until_it_ends(tmp_path: Path) -> None:
    with DataFolder(tmp_path) as folder:
        folder.note_running({"url": "http://127.0.0.1:1"})
        found = DataFolder(tmp_path).running()
        assert found is not None
        assert found["url"] == "http://127.0.0.1:1"
    assert DataFolder(tmp_path).running() is None


def test_the_note_of_a_platform_that_died_counts_for_nothing(tmp_path: Path) -> None:
    (tmp_path / "platform.json").write_text('{"pid": 4194305, "url": "http://127.0.0.1:1"}')
    assert DataFolder(tmp_path).running() is None


def test_a_place_that_cannot_be_written_to_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(PlatformUnavailable, match=r"can't be used .*--data-dir"):
        DataFolder(tmp_path / "file" / "data").__enter__()
