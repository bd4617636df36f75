"""What an image is shipped with is what a container then uses: nothing is compiled anew."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
_USE = """
from caravan_assessment.domain.waves import kernel
from caravan_assessment.domain.waves.compiling import compile_kernel
compile_kernel()
stats = kernel.turn.stats
print(sum(stats.cache_hits.values()), sum(stats.cache_misses.values()))
"""


def run(cache: Path, *arguments: str) -> str:
    env = {**os.environ, "NUMBA_CPU_NAME": "generic", "NUMBA_CACHE_DIR": str(cache)}
    done = subprocess.run([sys.executable, *arguments], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_copy_of_what_was_compiled_is_used_as_it_is(tmp_path: Path) -> None:
    run(tmp_path / "image", "-m", "caravan_assessment.domain.waves.compiling")
    shutil.copytree(tmp_path / "image", tmp_path / "container")
    assert run(tmp_path / "container", "-c", _USE).split() == ["1", "0"]


def test_the_image_compiles_for_any_machine_and_its_container_may_write_where_it_reads() -> None:
    text = (ROOT / "services/assessment/Dockerfile").read_text(encoding="utf-8")
    assert "NUMBA_CACHE_DIR=/app/numba /app/bin/python -m caravan_assessment.domain.waves.compiling" in text
    assert text.count("NUMBA_CPU_NAME=generic") == 2
    assert "NUMBA_CACHE_DIR=/tmp/numba" in text
    assert "cp -r /app/numba /tmp && exec python -m caravan_assessment" in text
    for file in ("docker-compose.yml", "deploy/kubernetes/assessment.yaml"):
        assert "/tmp" in (ROOT / file).read_text(encoding="utf-8")
