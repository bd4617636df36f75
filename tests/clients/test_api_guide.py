"""The API guide does what it says: its blocks are run in order, in one shell, against a running gateway."""

import os
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from tests.clients.conftest import ROOT, Running

GUIDE = (ROOT / "docs" / "api-guide.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```bash\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)


def path_of_a_newcomer() -> str:
    """PATH without any folder that has `caravan`: nobody has activated an environment yet."""
    folders = os.environ["PATH"].split(os.pathsep)
    return os.pathsep.join(each for each in folders if not (Path(each) / "caravan").exists())


@pytest.mark.timeout(200)
def test_the_guide_leads_from_a_token_to_the_proof_of_a_rollback(running: Running, tmp_path: Path) -> None:
    for program in ("bash", "curl"):
        assert shutil.which(program), (
            f"The API guide is run with {program}: install it (apt-get install {program})."
        )
    project = tmp_path / "project"
    project.mkdir()
    (project / "samples").symlink_to(ROOT / "samples")
    (project / ".venv").symlink_to(sys.prefix)
    script = tmp_path / "guide.sh"
    script.write_text("set -euo pipefail\n" + "\n".join(BLOCKS))
    env = {
        **os.environ,
        "PATH": path_of_a_newcomer(),
        "CARAVAN_URL": running.url,
        "CARAVAN_DATA_DIR": str(running.data_dir),
        "NO_PROXY": "127.0.0.1",
    }
    done = subprocess.run(["bash", script], env=env, cwd=project, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    said: dict[str, list[str]] = defaultdict(list)
    for line in done.stdout.splitlines():
        word, _, rest = line.partition(": ")
        said[word].append(rest)
    assert len(said["asset"]) > 6
    assert "caravan.flow.completed" in said["event"]
    assert all("cmf_intake.csv" in place for place in said["read from"])
    assert said["read from"]
    assert said["decision 1"] == ["production"]
    assert sum(int(count.split()[-1]) for count in said["count"]) == len(said["asset"])
    assert all(" completed " in phase for phase in said["phase"])
    assert said["spent"]
    assert len(said["audit"]) == 3
    assert said["refused"] == ["not_paused"]
    assert said["plan"]
    assert "assets" in said["proof"][0]
    assert said["flow"] == ["rolled_back"]
