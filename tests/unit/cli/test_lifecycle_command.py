"""`caravan lifecycle`: what it writes, what it prints, and what it will not fetch."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from caravan.downloading import download
from caravan.failures import BadInput
from caravan.main import app
from caravan_discovery.domain.lifecycle import load_table

CYCLES = b'[{"cycle": "9", "releaseDate": "2022-05-18", "eol": "2033-01-01"}]'


def run(*arguments: str) -> None:
    app(list(arguments), standalone_mode=False)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CARAVAN_DATA_DIR", str(tmp_path))
    (tmp_path / "rhel.json").write_bytes(CYCLES)
    return tmp_path


@pytest.fixture
def server() -> Iterator[str]:
    """Answers /rhel.json, a redirect to it, one to another scheme, and a body without end."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/moved":
                self.send_response(302)
                self.send_header("Location", "/rhel.json")
                self.end_headers()
                return
            self.send_response(200 if self.path in ("/rhel.json", "/large") else 404)
            self.end_headers()
            self.wfile.write(CYCLES if self.path == "/rhel.json" else b" " * (3 << 20))

        def log_message(self, *_: object) -> None:
            """Nothing to stderr."""

    served = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    Thread(target=served.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{served.server_port}"
    served.shutdown()
    served.server_close()


@pytest.fixture
def gateway() -> Iterator[str]:
    """Keeps the table it is given, as the platform does: 404 until there is one."""
    kept: dict[str, dict[str, str]] = {}

    class Answers(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            kept[self.path] = body["rows"]
            self._answer(200, {"changed": True, "stale_flows": 2})

        def do_GET(self) -> None:
            if self.path in kept:
                self._answer(200, {"rows": kept[self.path]})
            else:
                self._answer(404, {"code": "not_found", "detail": "There is no such table."})

        def _answer(self, status: int, body: object) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *_: object) -> None:
            """Nothing to stderr."""

    served = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    Thread(target=served.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{served.server_port}"
    served.shutdown()
    served.server_close()


def test_a_refresh_writes_the_data_folder_and_show_reads_it(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("lifecycle", "refresh", str(folder / "rhel.json"), "--taken", "2026-12-01", "--json")
    told = json.loads(capsys.readouterr().out)
    assert (told["taken"], told["written"], told["file"]) == (
        "2026-12-01",
        True,
        str(folder / "lifecycle.json"),
    )
    assert {"product": "rhel", "release": "9", "what": "changed"}.items() <= told["changes"][-1].items()

    run("lifecycle", "show", "rhel", "--json")
    [release] = json.loads(capsys.readouterr().out)["releases"]
    assert (release["eol"], release["as_of"]) == ("2033-01-01", "2026-12-01")


def test_without_a_platform_the_folders_table_waits_for_one(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("lifecycle", "refresh", str(folder / "rhel.json"), "--json")
    assert json.loads(capsys.readouterr().out)["in_force"] is None

    run("lifecycle", "refresh", str(folder / "rhel.json"))
    assert "starts on this folder next" in " ".join(capsys.readouterr().out.split())


def test_a_platform_is_given_the_table_and_asked_for_it(
    gateway: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = ("--url", gateway, "--token", "t", "--json")
    run("lifecycle", "refresh", str(folder / "rhel.json"), *told)
    assert json.loads(capsys.readouterr().out)["in_force"]["stale_flows"] == 2
    # What is shown is what the platform has, whatever lies in the folder.
    (folder / "lifecycle.json").unlink()

    run("lifecycle", "show", "rhel", *told)
    [release] = json.loads(capsys.readouterr().out)["releases"]
    assert release["eol"] == "2033-01-01"


def test_a_platform_without_a_table_of_its_own_shows_the_shipped_one(
    gateway: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("lifecycle", "show", "--url", gateway, "--token", "t", "--json")
    assert json.loads(capsys.readouterr().out)["digest"] == load_table().digest


def test_a_dry_run_and_a_broken_file_change_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run("lifecycle", "refresh", str(folder / "rhel.json"), "--dry-run", "--json")
    assert json.loads(capsys.readouterr().out)["written"] is False

    (folder / "rhel.json").write_bytes(b'[{"cycle": "9", "eol": "never"}]')
    with pytest.raises(BadInput, match="'never' is no day"):
        run("lifecycle", "refresh", str(folder / "rhel.json"))
    assert not (folder / "lifecycle.json").exists()


def test_a_weak_source_is_shown_as_one(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run("lifecycle", "show", "hp-ux")
    assert "confirm the day with the vendor" in " ".join(capsys.readouterr().out.split())
    run("lifecycle", "show", "rhel")
    assert "weak source" not in capsys.readouterr().out
    run("lifecycle", "show", "ibm-zos", "--json")
    releases = json.loads(capsys.readouterr().out)["releases"]
    assert {each["release"] for each in releases if not each["weak"]} == {"2.2", "2.3"}


def test_an_unknown_product_and_a_missing_file_are_named(folder: Path) -> None:
    with pytest.raises(BadInput, match="nosuch is not in the lifecycle table"):
        run("lifecycle", "show", "nosuch")
    with pytest.raises(BadInput, match="can't be read"):
        run("lifecycle", "refresh", str(folder / "absent.json"))


def test_http_is_refused_unless_told(server: str, folder: Path) -> None:
    with pytest.raises(BadInput, match="is not https"):
        download(f"{server}/rhel.json", 1 << 20)

    assert download(f"{server}/moved", 1 << 20, plain_http=True) == CYCLES
    run("lifecycle", "refresh", f"{server}/rhel.json", "--plain-http", "--json")
    assert (folder / "lifecycle.json").exists()


def test_what_is_too_large_too_slow_or_absent_is_not_taken(server: str) -> None:
    with pytest.raises(BadInput, match="more than 1 MiB"):
        download(f"{server}/large", 1 << 20, plain_http=True)
    with pytest.raises(BadInput, match="in time"):
        download(f"{server}/large", 1 << 30, plain_http=True, most_seconds=-1)
    with pytest.raises(BadInput, match="answered 404"):
        download(f"{server}/absent", 1 << 20, plain_http=True)
    with pytest.raises(BadInput, match="could not be fetched"):
        download("https://127.0.0.1:1/x", 1 << 20)
