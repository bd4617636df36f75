"""One embedded platform, started by the command, for the clients and the API guide."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.command import caravan, clean_environment
from tests.support.waiting import wait_until

ROOT = Path(__file__).parents[2]
INVENTORY = ROOT / "samples" / "harbour" / "cmf_intake.csv"


@dataclass(frozen=True)
class Running:
    """`token` belongs to an operator of the engagement `demo`."""

    url: str
    token: str
    data_dir: Path


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("platform")
    out, data_dir = folder / "out", folder / "data"
    command = [sys.executable, "-m", "caravan", "up", "--port", "0", "--json", "--data-dir", str(data_dir)]
    with out.open("w") as stdout, (folder / "err").open("w") as stderr:
        process = subprocess.Popen(
            command, env=clean_environment(TMPDIR=str(folder)), stdout=stdout, stderr=stderr, text=True
        )
        try:

            def answers() -> bool:
                assert process.poll() is None, (folder / "err").read_text()
                return out.read_text().rstrip().endswith("}")

            wait_until(answers, timeout=110, what="caravan up")
            made = caravan("token", "--role", "operator", "--data-dir", data_dir)
            assert made.returncode == 0, made.stderr
            yield Running(json.loads(out.read_text())["url"], made.stdout.strip(), data_dir)
        finally:
            process.terminate()
            process.wait(60)
