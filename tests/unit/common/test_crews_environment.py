"""CrewAI in a process of its own: quiet, without a network, without files left behind, and fork-safe."""

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from caravan_common.crews import HomeNotWritable, prepare_environment
from caravan_common.crews.environment import private_storage

ROOT = Path(__file__).parents[3]

JUDGE = """
from caravan_common.crews import Case, CrewRunner, LlmSettings, Option
case = Case(id="1", facts={"signals": {"b": 1}}, options=(Option(id="a"), Option(id="b")), recommendation="a")
def judge():
    crews = {"reference": "tests.support.reference_crew.crew:build"}
    return CrewRunner(crews, LlmSettings(llm="offline")).judge("reference", [case])[0]
"""


def run_python(home: Path, *pieces: str, **environment: str) -> dict[str, object]:
    """Runs the pieces as one program in a fresh interpreter and bare environment; its last line is JSON."""
    program = "\n".join(textwrap.dedent(piece) for piece in pieces)
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"HOME": str(home), "PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", **environment},
        cwd=home,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout.splitlines()[-1]))


def test_importing_the_package_imports_neither_crewai_nor_what_comes_with_it(tmp_path: Path) -> None:
    found = run_python(
        tmp_path,
        """
        import json, sys
        import caravan_common.crews, caravan_common.phases
        print(json.dumps({"imported": sorted({name.split(".")[0] for name in sys.modules} & {"crewai", "yaml"})}))
        """,
    )

    assert found == {"imported": []}


def test_a_crew_opens_no_connection_takes_no_signal_and_reads_no_dotenv(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("FROM_DOTENV=yes\n")
    found = run_python(
        tmp_path,
        """
        import atexit, json, os, signal, sys
        calls, found = [], {}
        watched = {"socket.connect", "socket.getaddrinfo", "socket.sendto"}
        sys.addaudithook(lambda event, args: event in watched and calls.append(f"{event} {args[1:]}"))
        # Registered first, so it runs last: after whatever CrewAI would still send at exit.
        atexit.register(lambda: print(json.dumps(found | {"network": calls})))
        """,
        JUDGE,
        """
        signals = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGTSTP, signal.SIGCONT)
        before = [signal.getsignal(each) for each in signals]
        judgement = judge()
        found.update(
            decided_by=judgement.decided_by, option=judgement.option,
            signals_kept=before == [signal.getsignal(each) for each in signals],
            dotenv=os.environ.get("FROM_DOTENV"), storage=os.environ.get("CREWAI_STORAGE_DIR"),
        )
        """,
    )

    assert found == {
        "decided_by": "crew",
        "option": "b",
        "network": [],
        "signals_kept": True,
        "dotenv": None,
        "storage": None,
    }


def test_no_text_of_a_case_is_left_on_disk(tmp_path: Path) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    run_python(
        tmp_path,
        JUDGE.replace('"signals"', '"harbour ledger": "x", "signals"'),
        "judge(); print('{}')",
        TMPDIR=str(temporary),
    )

    left = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [path for path in left if b"harbour ledger" in path.read_bytes()] == []
    assert list(temporary.iterdir()) == []


def test_children_forked_from_a_preloaded_process_can_judge(tmp_path: Path) -> None:
    found = run_python(
        tmp_path,
        JUDGE,
        """
        import json, multiprocessing, sys
        from caravan_common.crews import preload

        def in_child(connection):
            loaded = "crewai" in sys.modules
            connection.send((loaded, judge().decided_by.value))

        preload()
        context = multiprocessing.get_context("fork")
        answers = []
        for _ in range(2):
            ours, theirs = context.Pipe()
            child = context.Process(target=in_child, args=(theirs,))
            child.start()
            answers.append(ours.recv() if ours.poll(20) else None)
            child.join(5)
        print(json.dumps({"answers": answers}))
        """,
    )

    assert found == {"answers": [[True, "crew"], [True, "crew"]]}


def test_a_home_that_is_not_writable_is_named_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/proc/no-such-home")

    with pytest.raises(HomeNotWritable, match="/proc/no-such-home is not writable; set HOME"):
        prepare_environment()


def test_without_a_home_the_rules_stand_and_say_why(tmp_path: Path) -> None:
    found = run_python(
        tmp_path,
        JUDGE,
        """
        import json, os
        os.environ["HOME"] = "/proc/no-such-home"
        judgement = judge()
        print(json.dumps({"decided_by": judgement.decided_by, "why": judgement.why_rule}))
        """,
    )

    assert found["decided_by"] == "rule"
    assert "writable home" in str(found["why"])


def test_without_crewai_the_rules_stand_and_say_why(tmp_path: Path) -> None:
    found = run_python(
        tmp_path,
        JUDGE,
        """
        import json, sys
        sys.modules["crewai"] = None
        judgement = judge()
        print(json.dumps({"decided_by": judgement.decided_by, "why": judgement.why_rule}))
        """,
    )

    assert found == {"decided_by": "rule", "why": "crews are not installed here"}


def test_private_storage_is_removed_and_the_setting_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREWAI_STORAGE_DIR", "before")
    with private_storage() as folder:
        assert folder.is_dir()

    assert not folder.exists()
    assert os.environ["CREWAI_STORAGE_DIR"] == "before"
