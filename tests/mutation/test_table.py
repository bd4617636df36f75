"""The faults fit the code as it is now, and the runner tells a fault that was noticed from one that was not."""

from pathlib import Path

import pytest

from tests.mutation.runner import Outcome, judge, try_fault
from tests.mutation.table import ROOT, Fault, load_faults
from tests.unit.docs.test_flow_specification import NAMED, scenarios_of

FAULTS = load_faults()
LISTED = {
    f"{file}::{test}"
    for file, test in NAMED.findall((ROOT / "docs" / "traps-covered.md").read_text(encoding="utf-8"))
}
CODE = "def doubled(n: int) -> int:\n    return n * 2\n"
TEST = "from code_of_ours import doubled\n\n\ndef test_it() -> None:\n    assert doubled(3) == 6\n"


def test_what_is_taken_out_stands_in_its_file_as_often_as_it_should() -> None:
    found = {
        (fault.name, fault.file, fault.old): (ROOT / fault.file).read_text(encoding="utf-8").count(fault.old)
        for fault in FAULTS
    }
    wanted = {(fault.name, fault.file, fault.old): fault.count for fault in FAULTS}
    assert {key: count for key, count in found.items() if count != wanted[key]} == {}


def test_every_fault_is_another_and_changes_something() -> None:
    keys = [(fault.file, fault.old, fault.new, fault.test) for fault in FAULTS]
    assert [key for key in keys if keys.count(key) > 1 or key[1] == key[2]] == []


def test_every_test_of_a_fault_is_there() -> None:
    files = {fault.test.partition("::")[0] for fault in FAULTS}
    there = {f"{file}::{test}" for file in files for test in scenarios_of(ROOT / file)}
    assert {fault.test.partition("[")[0] for fault in FAULTS} - there == set()


def test_every_test_of_the_list_of_traps_has_a_fault_that_it_must_notice() -> None:
    assert sorted(LISTED - {fault.test.partition("[")[0] for fault in FAULTS}) == []


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text('[tool.mypy]\nmypy_path = "."\n', encoding="utf-8")
    (tmp_path / "code_of_ours.py").write_text(CODE, encoding="utf-8")
    (tmp_path / "test_ours.py").write_text(TEST, encoding="utf-8")
    return tmp_path


def test_a_fault_is_noticed_by_a_test_that_fails_for_it_and_is_mended_again(project: Path) -> None:
    fault = Fault("doubling", "code_of_ours.py", "n * 2", "n * 3", "test_ours.py::test_it")

    assert try_fault(fault, project) == Outcome(fault, True, "assert 9 == 6 + where 9 = doubled(3)")
    assert (project / "code_of_ours.py").read_text(encoding="utf-8") == CODE


@pytest.mark.parametrize(
    ("code", "failures", "noticed", "reason"),
    [
        (0, [], False, "the test passes"),
        (1, ["assert 9 == 6"], True, "assert 9 == 6"),
        (1, ["assert 9 == 6", "NameError: m"], False, "breaks the program: NameError: m"),
        (1, ["error: failed on setup"], False, "breaks the program: error: failed on setup"),
        (4, [], False, "the test did not run: exit code 4"),
        (-9, [], True, "the process died of signal 9"),
        (None, [], True, "not done within 180 s"),
    ],
)
def test_only_a_failure_over_what_the_test_looks_at_counts(
    code: int | None, failures: list[str], noticed: bool, reason: str
) -> None:
    fault = Fault("doubling", "code_of_ours.py", "n * 2", "n * 3", "test_ours.py::test_it")

    assert judge(fault, code, failures) == Outcome(fault, noticed, reason)


def test_a_fault_whose_text_is_gone_is_not_put_in(project: Path) -> None:
    fault = Fault("doubling", "code_of_ours.py", "n << 1", "n", "test_ours.py::test_it")

    with pytest.raises(ValueError, match=r"0 times in code_of_ours\.py, not 1"):
        try_fault(fault, project)
