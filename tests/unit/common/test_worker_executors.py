"""What a child does for each kind of command, called as the child calls it."""

import errno
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from caravan_common.artifacts import (
    ArtifactStore,
    ArtifactStoreUnavailable,
    StoredObject,
    attempt_prefix,
    run_key,
)
from caravan_common.contracts import (
    BuildHandoff,
    BuildSelectiveVersion,
    Command,
    DatasetManifest,
    DatasetRef,
    DecidedBy,
    EditEvaluated,
    ErrorKind,
    EvaluateEdit,
    ExecutePhase,
    HandoffBuilt,
    HandoffInput,
    Message,
    PhaseCompleted,
    PhaseFailed,
    Reply,
    SelectiveVersionBuilt,
    Tenant,
    Usage,
    decode,
    encode,
    new_id,
)
from caravan_common.phases import write_dataset
from caravan_common.worker import ChildSetup
from caravan_common.worker._frames import Job
from caravan_common.worker.child.execution import execute
from caravan_common.worker.child.run import error_info
from tests.support.echo_service import ECHO_SERVICE, ROWS


class Child:
    """A child without the process. Inputs are written as an earlier attempt of the same client would."""

    def __init__(self, folder: Path) -> None:
        self.setup = ChildSetup((ECHO_SERVICE,), (folder / "store").as_uri(), folder / "scratch", "worker-1")
        self.store = ArtifactStore.open(self.setup.store_url)
        self.scratch = self.setup.scratch_of(1)
        self.scratch.mkdir(parents=True)
        self.folder = folder
        self.tenant = Tenant(client_account_id=new_id(), engagement_id=new_id())
        self.flow = new_id()

    def identity(self) -> dict[str, Any]:
        attempt = new_id()
        return {
            "attempt_id": attempt,
            "epoch": 1,
            "flow_id": self.flow,
            "tenant": self.tenant,
            "flow_type": "echo",
            "definition_version": "1.0.0",
            "artifact_prefix": attempt_prefix(self.tenant, self.flow, attempt),
        }

    def dataset(self, frame: pl.DataFrame, tenant: Tenant | None = None) -> DatasetManifest:
        prefix = attempt_prefix(tenant or self.tenant, self.flow, new_id())
        key = run_key(prefix, 1, new_id(), "rows.parquet")
        written = write_dataset(ROWS, frame, self.folder)
        self.store.put_file(key, written.path)
        return written.manifest(ROWS, key)

    def read(self, manifest: DatasetManifest) -> pl.DataFrame:
        return pl.read_parquet(self.store.get_path(manifest.artifact.key, self.folder))

    def run(self, command: Command) -> Message:
        job = Job(type(command).__name__, encode(command), str(new_id()), None)
        result = execute(job, self.setup, self.store, self.scratch, self)
        reply = decode(result.type, result.body)
        assert isinstance(reply, Reply)
        assert str(reply.run_id) == job.run_id
        assert result.message_id == str(reply.message_id)
        return reply

    def progress(self, fraction: float | None, note: str = "") -> None:
        """Nobody looks."""

    def usage(self, used: Sequence[Usage]) -> None:
        """Nobody looks."""


@pytest.fixture
def child(tmp_path: Path) -> Child:
    return Child(tmp_path)


def rows(**said: str) -> pl.DataFrame:
    return pl.DataFrame({"natural_key": list(said), "said": list(said.values())})


def test_a_phase_writes_below_its_own_run_and_leaves_its_scratch_empty(child: Child) -> None:
    command = ExecutePhase(phase="noop", configuration={"say": "hello"}, **child.identity())
    reply = child.run(command)
    assert isinstance(reply, PhaseCompleted)
    (manifest,) = reply.datasets
    assert manifest.artifact.key == f"{command.artifact_prefix}/1.{reply.run_id}.rows.parquet"
    assert child.store.size(manifest.artifact.key) == manifest.artifact.size
    assert child.read(manifest)["said"].to_list() == ["hello"]
    assert list(child.scratch.iterdir()) == []


def test_equal_inputs_give_equal_datasets_in_different_places(child: Child) -> None:
    first, second = (child.run(ExecutePhase(phase="noop", **child.identity())) for _ in range(2))
    assert isinstance(first, PhaseCompleted)
    assert isinstance(second, PhaseCompleted)
    assert first.datasets[0].artifact.sha256 == second.datasets[0].artifact.sha256
    assert first.datasets[0].artifact.key != second.datasets[0].artifact.key


def phase_reading(child: Child, manifest: DatasetManifest) -> ExecutePhase:
    given = DatasetRef(flow_type="echo", phase="noop", manifest=manifest)
    return ExecutePhase(phase="passing", inputs=(given,), **child.identity())


def test_an_input_given_back_unchanged_is_copied_and_stays_where_it_was(child: Child) -> None:
    given = child.dataset(rows(a="x"))
    reply = child.run(phase_reading(child, given))
    assert isinstance(reply, PhaseCompleted)
    assert reply.datasets[0].artifact.sha256 == given.artifact.sha256
    assert reply.datasets[0].artifact.key != given.artifact.key
    assert child.read(given).equals(rows(a="x"))


def test_another_clients_artifact_is_refused(child: Child) -> None:
    foreign = child.dataset(rows(a="x"), Tenant(client_account_id=new_id(), engagement_id=new_id()))
    reply = child.run(phase_reading(child, foreign))
    assert isinstance(reply, PhaseFailed)
    assert (reply.error.kind, reply.error.code) == (ErrorKind.PERMANENT, "artifact_refused")


def test_an_input_that_is_gone_or_changed_fails_the_attempt_for_good(child: Child) -> None:
    gone, cut = child.dataset(rows(a="x")), child.dataset(rows(a="y"))
    child.store.delete([gone.artifact.key])
    child.store.put_bytes(cut.artifact.key, b"PAR1")
    replies = [child.run(phase_reading(child, each)) for each in (gone, cut)]
    errors = [reply.error for reply in replies if isinstance(reply, PhaseFailed)]
    assert [(error.kind, error.code) for error in errors] == [
        (ErrorKind.PERMANENT, "artifact_missing"),
        (ErrorKind.PERMANENT, "artifact_changed"),
    ]


def test_a_handoff_has_what_the_target_reads_and_a_digest_of_its_content(child: Child) -> None:
    def built(said: str, *, newest: int = 1) -> HandoffBuilt:
        given = DatasetRef(flow_type="echo", phase="noop", manifest=child.dataset(rows(a=said)))
        wanted = (
            HandoffInput(name="rows", max_version=newest),
            HandoffInput(name="extra", optional=True),
            HandoffInput(name="needed"),
        )
        reply = child.run(
            BuildHandoff(target_flow_type="next", wanted=wanted, inputs=(given,), **child.identity())
        )
        assert isinstance(reply, HandoffBuilt)
        return reply

    first, same, other = built("x"), built("x"), built("y")
    assert first.digest == same.digest != other.digest
    assert [manifest.name for manifest in first.datasets] == ["rows"]
    assert [rule.passed for rule in first.rules] == [True, True, False]
    assert first.summary == {"names": ["rows"]}
    too_old = HandoffInput(name="rows", min_version=2, max_version=3)
    given = DatasetRef(flow_type="echo", phase="noop", manifest=child.dataset(rows(a="x")))
    reply = child.run(
        BuildHandoff(target_flow_type="next", wanted=(too_old,), inputs=(given,), **child.identity())
    )
    assert isinstance(reply, HandoffBuilt)
    assert [rule.passed for rule in reply.rules] == [False]


def test_an_edit_is_evaluated_on_a_copy(child: Child) -> None:
    base = child.dataset(rows(a="x"))
    command = EvaluateEdit(
        phase="edited",
        edit_id=new_id(),
        base=DatasetRef(flow_type="echo", phase="edited", manifest=base),
        edits=({"say": "y"},),
        **child.identity(),
    )
    reply = child.run(command)
    assert isinstance(reply, EditEvaluated)
    assert (reply.edit_id, reply.result) == (command.edit_id, {"rows": 1})
    assert child.read(reply.datasets[0])["said"].to_list() == ["y"]
    assert child.read(base)["said"].to_list() == ["x"]


def test_a_phase_that_takes_no_edits_says_so(child: Child) -> None:
    base = DatasetRef(flow_type="echo", phase="noop", manifest=child.dataset(rows(a="x")))
    reply = child.run(EvaluateEdit(phase="noop", edit_id=new_id(), base=base, edits=(), **child.identity()))
    assert isinstance(reply, PhaseFailed)
    assert reply.error.code == "edit_unknown"


def test_a_selective_version_restores_the_chosen_rows_and_no_other(child: Child) -> None:
    before = child.dataset(rows(a="a0", b="b0", gone="gone0"))
    current = child.dataset(rows(new="new1", b="b1", a="a1", c="c1"))
    reply = child.run(
        BuildSelectiveVersion(
            phase="noop",
            keys=("a", "gone", "new"),
            key_column="natural_key",
            current=(current,),
            before=(before,),
            **child.identity(),
        )
    )
    assert isinstance(reply, SelectiveVersionBuilt)
    assert child.read(reply.datasets[0]).rows() == [("b", "b1"), ("a", "a0"), ("c", "c1"), ("gone", "gone0")]
    proof = reply.proof["rows"]
    assert proof["restored"]["before"] == proof["restored"]["built"]
    assert proof["others"]["current"] == proof["others"]["built"] != proof["restored"]["built"]


def select(child: Child, keys: tuple[str, ...], column: str, *now: Any, **more: Any) -> SelectiveVersionBuilt:
    """Of phase `edited`, whose dataset is `now`; without `before` there was none."""
    command = BuildSelectiveVersion(
        phase="edited",
        keys=keys,
        key_column=column,
        current=now,
        **{"before": (), **more},
        **child.identity(),
    )
    reply = child.run(command)
    assert isinstance(reply, SelectiveVersionBuilt)
    return reply


def test_versions_in_order_of_their_keys_give_one_in_order_and_equal_rows_are_equal_bytes(
    child: Child,
) -> None:
    before = child.dataset(rows(a="x", b="y", c="x", d="y"))
    current = child.dataset(rows(a="x1", b="y1", d="y1", e="z"))
    reply = select(child, ("a", "c", "e", "b", "d"), "natural_key", current, before=(before,))
    assert reply.datasets[0].artifact.sha256 == before.artifact.sha256
    reply = select(child, ("c", "e"), "natural_key", current, before=(before,))
    assert child.read(reply.datasets[0])["natural_key"].to_list() == ["a", "b", "c", "d"]


def grouped(child: Child, *groups: str | None) -> DatasetManifest:
    keys = [f"k{place}" for place in range(len(groups))]
    return child.dataset(pl.DataFrame({"natural_key": keys, "said": groups}))


def test_a_key_gets_all_of_its_earlier_rows_and_no_row_without_a_key_is_touched(child: Child) -> None:
    current = grouped(child, None, "g", "h")
    reply = select(child, ("g",), "said", current, before=(grouped(child, None, "h", "h", "g"),))
    assert child.read(reply.datasets[0]).rows() == [("k0", None), ("k2", "h"), ("k3", "g")]


def test_a_row_that_is_of_another_key_now_can_not_come_back_alone(child: Child) -> None:
    command = BuildSelectiveVersion(
        phase="edited",
        keys=("g",),
        key_column="said",
        current=(grouped(child, "h", "g"),),
        before=(grouped(child, "g", "h"),),
        **child.identity(),
    )
    reply = child.run(command)
    assert isinstance(reply, PhaseFailed)
    assert (reply.error.kind, reply.error.code) == (ErrorKind.PERMANENT, "selective_moved")
    assert "'k0'" in reply.error.message
    assert "'h'" in reply.error.message


def test_a_dataset_that_the_earlier_version_did_not_have_loses_the_rows_of_the_keys(child: Child) -> None:
    reply = select(child, ("a",), "natural_key", child.dataset(rows(a="x", b="y")))
    assert child.read(reply.datasets[0]).rows() == [("b", "y")]


def test_a_column_that_came_later_is_null_in_rows_of_before(child: Child) -> None:
    older = child.folder / "older.parquet"
    rows(a="x").drop("said").write_parquet(older)
    written = child.dataset(rows(a="x"))
    stored = child.store.put_bytes(written.artifact.key, older.read_bytes())
    artifact = written.artifact.model_copy(update={"sha256": stored.sha256, "size": stored.size})
    before = written.model_copy(update={"artifact": artifact})
    reply = select(child, ("a",), "natural_key", child.dataset(rows(a="y", b="y")), before=(before,))
    assert child.read(reply.datasets[0]).rows() == [("a", None), ("b", "y")]


def test_the_service_says_anew_what_follows_from_the_rows(child: Child) -> None:
    before, current = child.dataset(rows(a="x")), child.dataset(rows(a="y", b="y"))
    reply = select(child, ("a",), "natural_key", current, before=(before,))
    assert reply.summary == {"said": ["x", "y"]}
    assert reply.decided_by == DecidedBy(rule=2)


def test_a_store_that_comes_back_in_time_is_not_noticed(
    child: Child, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("caravan_common.worker.child.run._RETRY_SECONDS", (0.0, 0.0))
    put_file, failures = child.store.put_file, [0, 1]

    def flaky(*args: Any, **options: Any) -> StoredObject:
        if failures.pop():
            raise ArtifactStoreUnavailable("away")
        return put_file(*args, **options)

    monkeypatch.setattr(child.store, "put_file", flaky)
    assert isinstance(child.run(ExecutePhase(phase="noop", **child.identity())), PhaseCompleted)


def test_a_store_that_stays_away_leaves_no_dataset_and_the_attempt_can_be_retried(
    child: Child, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("caravan_common.worker.child.run._RETRY_SECONDS", (0.0,))
    (child.folder / "store" / str(child.tenant.client_account_id)).write_bytes(b"in the way")
    reply = child.run(ExecutePhase(phase="noop", **child.identity()))
    assert isinstance(reply, PhaseFailed)
    assert (reply.error.kind, reply.error.code) == (ErrorKind.RETRIABLE, "store_unavailable")
    assert list(child.scratch.iterdir()) == []


def test_a_full_disk_is_told_apart_from_other_faults() -> None:
    full = error_info(OSError(errno.ENOSPC, "No space left on device"))
    assert (full.kind, full.code) == (ErrorKind.RETRIABLE, "disk_full")
    assert error_info(OSError(errno.EIO, "broken")).code == "unexpected"
