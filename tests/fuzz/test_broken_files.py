"""Broken files give a clear error or rejected rows: no crash, no hang, no half import, no runaway memory."""

import json
import sys

import pytest

from tests.fuzz.runner import faults, run_trials, summary


@pytest.mark.timeout(400)
def test_broken_files_are_refused_or_come_in_row_by_row() -> None:
    trials = run_trials(120)

    assert list(faults(trials)) == []
    # Were every file refused, or every one taken whole, nothing would have been tried.
    assert {"refused", "unreadable", "rejected", "accepted"} <= {trial.outcome for trial in trials}


@pytest.mark.proof
@pytest.mark.timeout(7_200)
def test_two_thousand_broken_files_are_refused_or_come_in_row_by_row(
    capsys: pytest.CaptureFixture[str],
) -> None:
    trials = run_trials(2_000)

    with capsys.disabled():
        sys.stdout.write(f"\nbroken files: {json.dumps(summary(trials), indent=2, ensure_ascii=False)}\n")
    assert list(faults(trials)) == []
