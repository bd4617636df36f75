"""Random histories of failures: none may go wrong, and every fault put in on purpose must be found."""

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from tests.simulation.mutations import MUTATIONS
from tests.simulation.runner import find, play, play_many, tell

HISTORIES = 2000
# Each fault must be found within this many histories; most are found within ten.
WITHIN = 500
# Met once in some six hundred: a command has to arrive ten minutes late, just while its successor is at work.
RARE = {"new_epoch_beside_an_unheard_run": 4000}
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def pool() -> Iterator[ProcessPoolExecutor]:
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as opened:
        yield opened


@pytest.mark.timeout(900)
def test_nothing_goes_wrong_in_two_thousand_histories() -> None:
    outcome = play_many(HISTORIES)
    assert outcome.histories == HISTORIES
    assert [(breach.seed, breach.sentences) for breach in outcome.breaches] == []


@pytest.mark.timeout(900)
def test_every_fault_put_in_on_purpose_is_found(pool: ProcessPoolExecutor) -> None:
    results = [
        future.result() for future in [pool.submit(find, name, RARE.get(name, WITHIN)) for name in MUTATIONS]
    ]
    survivors = [name for name, _, breach in results if breach is None]
    assert len(results) >= 20
    assert survivors == []


def test_a_seed_tells_the_same_history_in_every_process() -> None:
    here = "\n".join(tell(play(7, trace=True)))
    code = "from tests.simulation.runner import play, tell; print('\\n'.join(tell(play(7, trace=True))))"
    for hash_seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": os.pathsep.join(sys.path)}
        there = subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        assert there.stdout.strip() == here.strip()


def test_a_breach_is_told_with_its_seed_and_how_to_see_it_again() -> None:
    _, _, breach = find("pointers_are_not_restored", WITHIN)
    assert breach is not None
    told = subprocess.run(
        [
            sys.executable,
            "-m",
            "tests.simulation",
            "--seed",
            str(breach.seed),
            "--mutation",
            "pointers_are_not_restored",
        ],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 1
    assert breach.sentences[0] in told.stdout
    assert f"python -m tests.simulation --seed {breach.seed}" in told.stdout
